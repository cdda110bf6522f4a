#!/usr/bin/env bash
# The same counts in every stored type, scaled by counts_per_electron, and with their raster given or computed: the same
# reconstruction. An existing result is kept unless --force says otherwise.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(2)
with h5py.File("object.h5", "w") as file:
    file["phase_rad"] = 0.5 * rng.random((56, 56))
    file.attrs["pixel_size_A"] = 0.2
    file.attrs["origin_A"] = -4.0
END
cat >run.yaml <<END
version: 1
data: {file: scan.h5}
detector: {pixel_invA: 0.125}
scan: {step_A: 0.8}
beam: {energy_keV: 80, semiangle_mrad: 21.4, aberrations: {C10_A: 30}}
solve: {iterations: 4}
refine: {object: {from: 0}}
output: {pictures: false}
simulate:
  object: {file: object.h5, dataset: /phase_rad}
  scan: {shape: [5, 4]}
  detector: {shape: [40, 40]}
  dose_e_per_A2: 1.0e+4
  output: scan.h5
END
on_ranks 1 simulate run.yaml --quiet
python - <<'END'
import h5py

with h5py.File("scan.h5", "r+") as file:
    counts = file["data"][()]
    assert counts.dtype == "uint16" and 50 < counts.max() < 256
    for kind in ("uint8", "uint32", "int32", "float32", "float64", ">u2"):
        file[kind] = counts.astype(kind)
    file["fourfold"] = 4 * counts
END

# reconstruct NAME ARGUMENTS: into the folder NAME.
reconstruct() {
  local name=$1
  shift
  on_ranks 1 reconstruct run.yaml --quiet --set "output.directory=$work/$name" "$@"
}
reconstruct raster
reconstruct positions --set data.positions=/positions_A
for kind in uint8 uint32 int32 float32 float64 ">u2"; do
  reconstruct "$kind" --set "data.patterns='/$kind'"
done
reconstruct fourfold --set data.patterns=/fourfold --set data.counts_per_electron=4
python - <<'END'
import json, os

def numbers(name):
    metrics = json.load(open(f"{name}/metrics.json"))
    return metrics["loss"] + [metrics[key] for key in ("r_factor", "iterations", "gradients")]

expected = numbers("raster")
print(expected)
assert expected[4] < 0.9 * expected[0]
assert numbers("positions") == expected
others = [name for name in os.listdir() if os.path.isdir(name)]
assert len(others) == 9
for other in others:  # a type of its own is compiled by itself and may round the loss differently
    assert all(abs(a / b - 1) < 1e-5 for a, b in zip(numbers(other), expected, strict=True)), (other, numbers(other))
END

cp raster/result.emd before.emd
code=0
reconstruct raster --set solve.iterations=1 2>stderr || code=$?
((code == 73)) && grep -q '^ERROR: .*--force' stderr || fail "an existing result: exit code $code, $(<stderr)"
cmp raster/result.emd before.emd
reconstruct raster --set solve.iterations=1 --force
expect raster/metrics.json 'm["iterations"] == 1'

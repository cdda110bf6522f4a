#!/usr/bin/env bash
# 32 segments in place of 96 x 96 pixels, summed on reading or in the file, as labels, dense or sparse, read by one rank
# or two: the same reconstruction, near that of all pixels. Signed sums of segments have their own loss.
# cores: 1
source "$2/tests/end_to_end/support.sh"

data=$source_dir/tests/data/mos2_bilayer.h5
python - "$data" <<'END'
import h5py, numpy as np, sys

with h5py.File(sys.argv[1]) as file:
    counts = file["data"][()].astype("float64")
y, x = np.mgrid[:96, :96] - 48
r, angle = np.hypot(y, x) / 9.84, np.arctan2(y, x) / (2 * np.pi)  # 9.84 pixels: the bright field's radius
labels, edges = np.zeros((96, 96), "uint8"), (0, 0.5, 1, 1.5, 2.5)
for ring in range(4):
    here = (r >= edges[ring]) & (r < edges[ring + 1])
    labels[here] = 1 + 8 * ring + np.floor((8 * angle + ring / 2) % 8)[here].astype(int)
dense = np.stack([labels == i + 1 for i in range(32)]).astype("float32")
mixed = np.random.default_rng(1).normal(size=(32, 32))  # nothing is lost, but no channel means a pixel any more
with h5py.File("detectors.h5", "w") as file:
    file["labels"], file["dense"] = labels, dense
    flat = dense.reshape(32, -1)
    group = file.create_group("sparse")
    group["indptr"] = np.concatenate([[0], np.cumsum((flat != 0).sum(axis=1))])
    group["indices"] = np.nonzero(flat)[1]
    group["data"] = flat[flat != 0]
    group.attrs["shape"] = [32, 96 * 96]
    file["signed"] = np.tensordot(mixed, dense, 1)
    file["channels"] = np.tensordot(counts, dense, ((2, 3), (1, 2)))
    file["signed_channels"] = file["channels"] @ mixed.T
    file["positions_A"] = np.stack(np.mgrid[:24, :24], axis=-1).reshape(-1, 2) * 0.8 + 10
END
cat >run.yaml <<END
version: 1
data: {file: $data, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.052083333, virtual: {file: detectors.h5, dataset: /labels}}
beam: {energy_keV: 80, semiangle_mrad: 21.4, aberrations: {C10_A: 100}}
object: {representation: phase}
solve: {iterations: 20, max_gradients: 20}
output: {pictures: false}
END

# reconstruct NAME RANKS ARGUMENTS: into the folder NAME; compares it with the truth.
reconstruct() {
  local name=$1 ranks=$2
  shift 2
  on_ranks "$ranks" reconstruct run.yaml --quiet --set "output.directory=$work/$name" "$@"
  "$program" compare "$name/result.emd" "$data" --json >"$name.json"
  printf '%s: ' "$name"
  json "$name.json" 'm["correlation"]["sum"]'
}
reconstruct labels 2
reconstruct dense 1 --set detector.virtual.dataset=/dense
reconstruct sparse 2 --set detector.virtual.dataset=/sparse
in_file="--set data.file=detectors.h5 --set data.patterns=/channels"
reconstruct channels 2 $in_file
reconstruct weighted 1 --set loss.kind=weighted
reconstruct signed 2 --set loss.kind=weighted --set detector.virtual.dataset=/signed
reconstruct signed_channels 1 --set loss.kind=weighted --set detector.virtual.dataset=/signed $in_file \
  --set data.patterns=/signed_channels
reconstruct pixels 2 --set detector.virtual=null
python - <<'END'
import json

def read(name):
    metrics, compared = json.load(open(f"{name}/metrics.json")), json.load(open(f"{name}.json"))
    return metrics["loss"], metrics["electrons_per_pattern"], compared["correlation"]["sum"]

loss, electrons, correlation = read("labels")
# Three unknowns for each number: what the order of rounding in an FFT changes moves these by 0.01.
assert correlation > 0.84, correlation
for other in ("dense", "sparse"):
    assert all(abs(a / b - 1) < 2e-3 for a, b in zip(read(other)[0], loss, strict=True)), (other, read(other)[0], loss)
assert abs(read("channels")[1] / electrons - 1) < 0.05, read("channels")
assert abs(read("channels")[2] - correlation) < 0.05, read("channels")
# A mix of channels changes nothing but rounding once it is white.
weighted = read("weighted")
assert abs(read("signed")[0][0] / weighted[0][0] - 1) < 1e-3, (read("signed"), weighted)
for other in ("weighted", "signed", "signed_channels"):
    assert read(other)[2] > 0.85, (other, read(other))
assert read("pixels")[2] > correlation
END
code=0
on_ranks 1 reconstruct run.yaml --set "output.directory=$work/no" --set detector.virtual.dataset=/signed 2>stderr || code=$?
((code == 65)) && grep -q '^ERROR: .*loss.kind: weighted' stderr || fail "signed weights under poisson: $code, $(<stderr)"

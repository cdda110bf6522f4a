#!/usr/bin/env bash
# `tessera simulate` from a given object of three slices, with jitter and noise: the same bits on one and three ranks, one
# spacing for all gaps, the truth as it was given, and what simulate refuses.
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(5)
with h5py.File("object.h5", "w") as file:
    phase = file.create_dataset("phase_rad", data=0.3 * rng.random((3, 64, 72)))
    wave = file.create_dataset("wave", data=np.exp((0.3j - 0.01) * rng.random((3, 64, 72))))
    for dataset in (phase, wave):
        dataset.attrs["pixel_size_A"] = [0.2, 0.2]
        dataset.attrs["origin_A"] = [-4.1, -4.3]
END
cat >run.yaml <<END
version: 1
detector: {pixel_invA: 0.125}
scan: {step_A: 0.8}
beam: {energy_keV: 80, semiangle_mrad: 21.4, aberrations: {C10_A: 30}}
object: {slice_spacing_A: 4}
simulate:
  object: {file: object.h5, dataset: /phase_rad}
  scan: {shape: [5, 6], jitter_A: 0.15}
  detector: {shape: [40, 40]}
  dose_e_per_A2: 1.0e+4
  seed: 3
END
for ranks in 1 3; do
  on_ranks "$ranks" simulate run.yaml --quiet --set "simulate.output=$work/ranks$ranks.h5"
done
on_ranks 1 simulate run.yaml --quiet --set "simulate.output=$work/listed.h5" \
  --set object.slices=3 --set "object.slice_spacing_A=[4, 4]"
on_ranks 1 simulate run.yaml --quiet --set "simulate.output=$work/wave.h5" --set simulate.object.dataset=/wave
python - <<'END'
import h5py, numpy as np

def content(name):
    values = {}
    with h5py.File(name) as file:
        file.visititems(lambda path, item: values.update({path: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return values

one = content("ranks1.h5")
for other in ("ranks3.h5", "listed.h5"):
    for path, values in content(other).items():
        assert values.dtype == one[path].dtype and np.array_equal(values, one[path]), (other, path)
assert one["data"].shape == (5, 6, 40, 40) and one["data"].dtype == np.uint16
assert one["data"].sum() > 0.5 * 30 * 1e4 * 0.8**2
given = h5py.File("object.h5")["phase_rad"][()]
assert np.allclose(one["truth/slice_phase_rad"], given, atol=1e-6)
assert np.allclose(one["truth/phase_rad"], given.sum(axis=0), atol=1e-6)
raster = 0.8 * np.stack(np.mgrid[:5, :6], axis=-1).reshape(-1, 2)
moved = np.abs(one["positions_A"] - raster)
assert 0.1 < moved.max() <= 0.15 and np.unique(moved).size == moved.size
absorbing = content("wave.h5")
assert absorbing["data"].sum() < one["data"].sum()
END

# refused CODE WORD ARGUMENTS: one line that holds the word, and no file.
refused() {
  local expected=$1 word=$2 code=0
  shift 2
  "$program" simulate run.yaml --set "simulate.output=$work/refused.h5" "$@" >stdout 2>stderr || code=$?
  ((code == expected)) || fail "$*: exit code $code, not $expected: $(<stderr)"
  [[ $(grep -c '^ERROR: ' stderr) == 1 ]] || fail "$*: not one line: $(<stderr)"
  grep -q -- "$word" stderr || fail "$*: does not name $word: $(<stderr)"
  [[ -z $(ls refused.h5* 2>/dev/null) ]] || fail "$*: wrote $(ls refused.h5*)"
}
refused 78 "does not fit its window" --set beam.aberrations.C10_A=1500
refused 78 "does not fit its window" --set beam.aberrations.C10_A=1500 --dry-run
refused 78 "scan.rotation_deg" --set scan.rotation_deg=5
refused 78 "object.slices: 3" --set object.slices=2 --set "object.slice_spacing_A=[4]"
refused 78 "object.slices: 3" --set object.slice_spacing_A=null

# An existing file is kept unless --force says otherwise.
cp ranks1.h5 refused.h5
code=0
"$program" simulate run.yaml --quiet --set "simulate.output=$work/refused.h5" --set simulate.seed=4 2>stderr || code=$?
((code == 73)) && cmp -s ranks1.h5 refused.h5 || fail "an existing file: exit code $code"
"$program" simulate run.yaml --quiet --set "simulate.output=$work/refused.h5" --set simulate.seed=4 --force
! cmp -s ranks1.h5 refused.h5 || fail "--force did not overwrite"

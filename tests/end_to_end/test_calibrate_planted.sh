#!/usr/bin/env bash
# `calibrate` finds what was planted beside the orientation, within the errors that it states: astigmatism, a scan step that is
# not as given, an elliptical detector, which `preprocess` then makes round; at 100 electrons a pattern; and far out of focus
# at 1.4 electrons a pixel.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py
import numpy as np

def blobs(name, pixel_A, count, sigma_A, height, seed):
    """Gaussians on 192 x 192 pixels; most[A] is the same field whatever the pixel."""
    rng = np.random.default_rng(seed)
    most = 192 * max(pixel_A)
    y, x = np.mgrid[:192, :192] * np.array(pixel_A)[:, None, None]
    phase = np.zeros((192, 192))
    for _ in range(count):
        cy, cx = rng.uniform(0.08 * most, 0.92 * most, 2)
        s = sigma_A * rng.uniform(0.7, 1.3)
        phase += height * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * s**2))
    with h5py.File(name, "w") as file:
        dataset = file.create_dataset("phase", data=phase[None])
        dataset.attrs["pixel_size_A"] = pixel_A
        dataset.attrs["origin_A"] = [0.0, 0.0]

blobs("atoms.h5", [0.25, 0.25], 250, 0.4, 0.8, 3)
blobs("atoms_oblong.h5", [0.26, 0.25], 250, 0.4, 0.8, 3)
blobs("particles.h5", [5.25, 5.25], 120, 12, 0.8, 4)
with h5py.File("particles.h5", "r+") as file:
    file.create_dataset("nothing", data=0 * file["phase"][()])
    file["nothing"].attrs.update(file["phase"].attrs)
END

# simulated ARGUMENTS...: data.h5, 24 x 24 patterns of 48 x 48 pixels.
cat >atoms.yaml <<END
version: 1
detector: {pixel_invA: 0.083333333}
scan: {step_A: 1}
beam: {energy_keV: 100, semiangle_mrad: 20, aberrations: {C10_A: 220}}
propagation: {band_limit: 1}
simulate:
  object: {file: atoms.h5, dataset: phase}
  scan: {shape: [24, 24], start_A: [12.5, 12.5]}
  detector: {shape: [48, 48]}
  dose_e_per_A2: 1e4
  output: data.h5
END
simulated() { "$program" simulate atoms.yaml --quiet --force "$@"; }
cat >run.yaml <<END
version: 1
data: {file: data.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.083333333}
beam: {energy_keV: 100, semiangle_mrad: 20, aberrations: {C10_A: 0}} # the file would tell the true one
object: {representation: phase}
calibrate: {trial_patterns: 100, gradients: 6}
output: {directory: out, pictures: false}
END

# near KEY VALUE MOST: calibration.json has it within three of its errors, and these are at most MOST.
near() {
  python - "$@" <<'END'
import json
import sys

key, expected, most = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
got = json.load(open("out/calibration.json"))[key]
assert got["sure"], (key, got)
assert abs(got["value"] - expected) < 3 * got["error"] and 0 < got["error"] < most, (key, expected, got)
print(f"{key}: {expected:g} planted, {got['value']:.5g} +- {got['error']:.2g} found")
END
}

# Astigmatism. Images displaced by it tell it a tenth too small: the loss must find the rest.
simulated --set beam.aberrations.C12_A=60 --set beam.aberrations.phi12_deg=-70
"$program" calibrate run.yaml --force | grep "C12: .* phi12"
near C10_A 220 15
near C12_A 60 10
near phi12_deg -70 5
near step_scale 1 0.03
grep -q "C12_A: 5[5-9].*\|C12_A: 6[0-5].*" out/calibrated.yaml || fail "no C12 was written"
expect out/calibration.json 'm["C12_A"]["sure"] and not m["ellipticity"]["sure"]'
grep -q "ellipse: null" out/calibrated.yaml || fail "a round disc has an ellipse"

# A preview: pictures, no trials, no run file.
"$program" calibrate run.yaml --preview --set output.directory=preview >out.txt
code=0
"$program" calibrate run.yaml --preview --force 2>err.txt || code=$?
((code == 73)) && grep -q "out holds a calibration, whose pictures a preview would replace" err.txt || fail "$code: $(cat err.txt)"
grep -q "orientation: rotation .* displacement of bright-field images; not yet tried" out.txt || fail "$(cat out.txt)"
grep -q "C10: + or - 2[01][0-9] +- [0-9]* A" out.txt || fail "$(cat out.txt)"
[[ $(ls preview) == "bright_field.png
calibrate.log
dpc.png
mean_pattern.png
parallax.png" ]] || fail "a preview wrote $(ls preview)"

# A step that is 4 % larger than the positions say, and a detector that lies half way between two of its eight ways.
simulated --set simulate.scan.rotation_deg=44
"$program" calibrate run.yaml --quiet --force --set "scan.affine=[[0.96, 0], [0, 0.96]]" --set calibrate.gradients=8 \
  --set calibrate.trial_patterns=200
near step_scale 1.0416667 0.015
near C10_A 220 5
near rotation_deg 44 1
python - <<'END'
import re

text = open("out/calibrated.yaml").read()
step = float(re.search(r"affine: \[\[([0-9.]+),", text)[1])
assert abs(step - 1) < 0.01, step
END

# A detector that shows the disc 4 % longer along y. In `preprocess` its pixels become square, and nothing is left to find.
simulated --set simulate.object.file=atoms_oblong.h5 --set "detector.pixel_invA=[0.080128205, 0.083333333]"
"$program" calibrate run.yaml --force | grep "the disc is an ellipse"
python - <<'END'
import re

ratio, degrees = re.search(r"ellipse: \[([0-9.]+), ([-0-9.]+)\]", open("out/calibrated.yaml").read()).groups()
assert abs(float(ratio) - 1.04) < 0.015 and abs(abs(float(degrees)) - 90) < 10, (ratio, degrees)
END
"$program" preprocess out/calibrated.yaml --quiet --force --set "preprocess.output=$work/round.h5" --set preprocess.pictures=false
"$program" calibrate round.yaml --quiet --force
expect out/calibration.json 'm["ellipticity"]["value"] < 0.01'
grep -q "ellipse: null" out/calibrated.yaml || fail "a disc that was made round has an ellipse"

# 100 electrons a pattern: while it looks for the defocus it comes by some for which the window is too small.
simulated --set beam.aberrations.C10_A=-220 --set simulate.dose_e_per_A2=100
"$program" calibrate run.yaml --quiet --force --set beam.aberrations.C10_A=-100
near C10_A -220 15
near rotation_deg 0 4
near step_scale 1 0.05
expect out/calibration.json 'm["orientation"]["sure"] and not m["C12_A"]["sure"]'

# 1 mrad, 13 micrometres out of focus, 1.4 electrons a pixel: centres of mass have no curl that could be seen.
"$program" simulate atoms.yaml --quiet --force --set detector.pixel_invA=0.00198413 --set scan.step_A=13 --set beam.energy_keV=300 \
  --set beam.semiangle_mrad=1 --set beam.aberrations.C10_A=-130000 --set simulate.object.file=particles.h5 \
  --set "simulate.scan={shape: [24, 24], start_A: [354, 354], rotation_deg: 17}" --set "simulate.detector.shape=[96, 96]" \
  --set simulate.dose_e_per_A2=17.7
python - <<'END'
import h5py
import numpy as np

with h5py.File("data.h5", "r+") as file:
    data = file["data"][()]
    assert 1 < data.mean(axis=(0, 1)).sum() / (np.pi * 25.6**2) < 2, "not 1.4 electrons a pixel"
    file["data"][...] = np.roll(np.flip(data, -1), 1, -1)
END
far=(--set detector.pixel_invA=0.00198413 --set beam.energy_keV=300 --set beam.semiangle_mrad=1 --set beam.aberrations.C10_A=-1000)
"$program" calibrate run.yaml --quiet --force "${far[@]}"
expect out/calibration.json 'm["orientation"]["sure"] and m["orientation"]["flip_x"] and not m["orientation"]["flip_y"]'
expect out/calibration.json 'not m["orientation"]["transpose"] and not m["by_deflection"]["sure"] and m["by_tilt"]["sure"]'
near rotation_deg 17 1
near C10_A -130000 1500
near step_scale 1 0.03
# Without a specimen it says that it cannot.
"$program" simulate atoms.yaml --quiet --force --set detector.pixel_invA=0.00198413 --set scan.step_A=13 --set beam.energy_keV=300 \
  --set beam.semiangle_mrad=1 --set beam.aberrations.C10_A=-130000 --set simulate.object.file=particles.h5 \
  --set "simulate.scan={shape: [12, 12], start_A: [354, 354]}" --set "simulate.detector.shape=[96, 96]" \
  --set simulate.dose_e_per_A2=17.7 --set simulate.object.dataset=nothing
"$program" calibrate run.yaml --force "${far[@]}" >out.txt
grep -q "orientation: cannot be told" out.txt || fail "an empty set has an orientation"

# Where memory is short, trials keep few waves by themselves; refused is only what does not fit then.
python - <<'END'
import h5py
import numpy as np

y, x = np.mgrid[:256, :256] - 128
with h5py.File("large.h5", "w") as file:
    disc = 20.0 * (np.hypot(y, x) < 20.3)
    file["data"] = np.random.default_rng(1).poisson(disc, (64, 256, 256)).astype("uint8")
    y, x = np.mgrid[:8, :8]
    file["positions_A"] = np.stack([1.0 * y.ravel(), 1.0 * x.ravel()], axis=1)
END
large=(--dry-run --force --set "data.file=$work/large.h5" --set detector.pixel_invA=0.025 --set object.slices=60)
large+=(--set object.slice_spacing_A=1)
"$program" calibrate run.yaml "${large[@]}" >out.txt
! grep -q "waves before slices" out.txt || fail "few waves are kept though there is room"
(
  ulimit -v 1600000
  "$program" calibrate run.yaml "${large[@]}" >out.txt 2>err.txt && fail "1.5 GiB fit into 1.1"
  grep -q "waves before slices: 15 places instead of 60" out.txt || fail "all waves are kept: $(cat out.txt err.txt)"
  grep -q "a rank would hold [0-9.]* GiB of memory" err.txt || fail "$(cat err.txt)"
)

#!/usr/bin/env bash
# `calibrate` finds what was planted: a letter F that is bright, seen by a detector in each of its eight orientations with the
# scan turned either way, over- and underfocus, and in focus; its run file then reconstructs the letter as it is. Where there is
# no specimen it says that it cannot. The same on any number of ranks.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py
import numpy as np

n, d = 192, 0.25
y, x = np.mgrid[:n, :n] * d
phase = np.zeros((n, n))
def bar(y0, x0, y1, x1):
    phase[(y >= y0) & (y < y1) & (x >= x0) & (x < x1)] += 0.5
bar(16, 17, 32, 18)  # the letter F about the middle of the scan, and atoms around it
bar(16, 18, 17, 28)
bar(22, 18, 23, 26)
rng = np.random.default_rng(3)
for _ in range(250):
    cy, cx = rng.uniform(4, 44, 2)
    phase += 0.8 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * 0.4**2))
for name, values in (("letter", phase), ("nothing", 0 * phase)):
    with h5py.File(name + ".h5", "w") as file:
        dataset = file.create_dataset("phase", data=values[None])
        dataset.attrs["pixel_size_A"] = [d, d]
        dataset.attrs["origin_A"] = [0.0, 0.0]
END

# simulated FILE C10_A ROTATION_deg ARGUMENTS...: 24 x 24 patterns of 48 x 48 pixels.
simulated() {
  cat >simulate.yaml <<END
version: 1
detector: {pixel_invA: 0.083333333}
scan: {step_A: 1}
beam: {energy_keV: 100, semiangle_mrad: 20, aberrations: {C10_A: $2}}
propagation: {band_limit: 1}
simulate:
  object: {file: letter.h5, dataset: phase}
  scan: {shape: [24, 24], start_A: [12.5, 12.5], rotation_deg: $3}
  detector: {shape: [48, 48]}
  dose_e_per_A2: 1e4
  output: $1
END
  "$program" simulate simulate.yaml --quiet --force "${@:4}"
}

# turned FILE FLIP_Y FLIP_X TRANSPOSE: as a detector records it that needs these keys.
turned() {
  python - "$@" <<'END'
import sys
import h5py
import numpy as np

name, flip_y, flip_x, transpose = sys.argv[1], *(word == "true" for word in sys.argv[2:])
about_centre = lambda a, axis: np.roll(np.flip(a, axis), 1, axis)  # pixel N/2 stays, N is even
with h5py.File(name, "r+") as file:
    data = file["data"][()]
    if transpose:
        data = data.swapaxes(-1, -2)
    if flip_x:
        data = about_centre(data, -1)
    if flip_y:
        data = about_centre(data, -2)
    file["data"][...] = data
END
}

cat >run.yaml <<END
version: 1
data: {file: data.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.083333333}
beam: {energy_keV: 100, semiangle_mrad: 20, aberrations: {C10_A: 0}} # the file would tell the true one
object: {representation: phase}
calibrate: {trial_patterns: 100, gradients: 6}
solve: {iterations: 20}
output: {directory: out, pictures: false}
END

# found FLIP_Y FLIP_X TRANSPOSE ROTATION_deg C10_A: calibration.json says so, within its errors.
found() {
  python - "$@" <<'END'
import json
import sys

import numpy as np

flip_y, flip_x, transpose = (word == "true" for word in sys.argv[1:4])
rotation, C10 = float(sys.argv[4]), float(sys.argv[5])
m = json.load(open("out/calibration.json"))
def to_scan(flip_y, flip_x, transpose, degrees):
    o = np.diag([-1.0 if flip_y else 1.0, -1.0 if flip_x else 1.0])
    if transpose:
        o = o[::-1]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, s], [-s, c]]).T @ o
o = m["orientation"]
got = to_scan(o["flip_y"], o["flip_x"], o["transpose"], m["rotation_deg"]["value"])
off = got @ to_scan(flip_y, flip_x, transpose, rotation).T
degrees_off = np.degrees(np.arctan2(off[0, 1] - off[1, 0], off[0, 0] + off[1, 1]))
assert np.linalg.det(off) > 0, "the other handedness"
assert o["sure"] and o["sign_sure"], o
assert abs(degrees_off) < 3 * m["rotation_deg"]["error"] + 0.1, (degrees_off, m["rotation_deg"])
assert abs(m["C10_A"]["value"] - C10) < 3 * m["C10_A"]["error"] + 2, m["C10_A"]
assert not m["C12_A"]["sure"], m["C12_A"]
assert m["rotation_deg"]["error"] < 4 and m["C10_A"]["error"] < 40, m
# The simulated aperture's amplitude is a ramp at its edge, one pixel wide: in intensity that is 1/6 pixel less.
radius = 20e-3 / 0.0370144 / 0.083333333 - 1 / 6
assert abs(m["bright_field_radius_px"]["value"] - radius) < 0.05, m["bright_field_radius_px"]
assert abs(m["step_scale"]["value"] - 1) < 3 * m["step_scale"]["error"] + 0.002, m["step_scale"]
END
}

for rotation in -25 25; do
  C10=$((rotation > 0 ? 220 : -220))
  simulated upright.h5 $C10 $rotation
  for flip_y in false true; do
    for flip_x in false true; do
      for transpose in false true; do
        cp upright.h5 data.h5
        turned data.h5 $flip_y $flip_x $transpose
        "$program" calibrate run.yaml --quiet --force || fail "calibrate"
        found $flip_y $flip_x $transpose $rotation $C10 || fail "flips $flip_y $flip_x $transpose, $rotation degrees, $C10 A"
      done
    done
  done
done

# The last set: its run file as it is written gives the letter; without it there is none.
"$program" reconstruct out/calibrated.yaml --quiet --force
"$program" compare out/result.emd data.h5 --json >compare.json
expect compare.json 'm["correlation"]["sum"] > 0.85'
"$program" reconstruct run.yaml --quiet --force --set output.directory=wrong
"$program" compare wrong/result.emd data.h5 --json >compare.json
expect compare.json 'm["correlation"]["sum"] < 0.4'
for picture in mean_pattern dpc bright_field parallax candidates; do
  [[ -s out/$picture.png ]] || fail "$picture.png is missing"
done

# Another number of ranks: the same figures.
cp out/calibration.json one.json
on_ranks 3 calibrate run.yaml --quiet --force
python - <<'END'
import json

one, three = json.load(open("one.json")), json.load(open("out/calibration.json"))
for key in ("C10_A", "rotation_deg", "bright_field_radius_px", "step_scale"):
    assert abs(one[key]["value"] - three[key]["value"]) < 1e-3 * abs(one[key]["value"]), (key, one[key], three[key])
assert one["orientation"] == {**three["orientation"], "lead": one["orientation"]["lead"]}
END

# Without the detector's pixel the disc tells it, as well as it knows its radius.
"$program" calibrate run.yaml --quiet --force --set detector.pixel_invA=null --set detector.pixel_mrad=null
grep -q "bright_field_radius_px: 6.3.*calibrate, +-" out/calibrated.yaml || fail "no radius was written"

# In focus the curl of the centres of mass tells.
simulated data.h5 0 40 --set scan.step_A=0.7 --set "simulate.scan.start_A=[16, 16]"
turned data.h5 true false false
"$program" calibrate run.yaml --quiet --force
found true false false 40 0 || fail "in focus"
expect out/calibration.json 'm["by_deflection"]["sure"]'

# No specimen: it says so, and changes no orientation.
simulated data.h5 220 0 --set simulate.object.file=nothing.h5
"$program" calibrate run.yaml --force >out.txt
grep -q "orientation: cannot be told" out.txt || fail "an empty set has an orientation"
expect out/calibration.json 'not m["orientation"]["sure"]'
! grep -q "rotation_deg:.*calibrate" out/calibrated.yaml || fail "an orientation of nothing was written"

# Roots of the counts are counts again when they are read.
python - <<'END'
import h5py
import numpy as np

with h5py.File("data.h5") as file, h5py.File("roots.h5", "w") as roots, h5py.File("nan.h5", "w") as spoilt:
    counts = file["data"][()].astype("float32")
    roots["data"] = np.sqrt(counts)
    counts[20, 20, 5, 6] = np.nan
    spoilt["data"] = counts
    roots["positions_A"] = spoilt["positions_A"] = file["positions_A"][()]
END
"$program" calibrate run.yaml --dry-run --force | grep disc >counts.txt
"$program" calibrate run.yaml --dry-run --force --set data.file=roots.h5 --set data.values=amplitudes >roots_out.txt 2>&1
grep disc roots_out.txt >roots.txt
! grep -q WARNING roots_out.txt || fail "$(grep WARNING roots_out.txt)"
cmp counts.txt roots.txt || fail "roots of the counts have another disc"

# Bad input is one line.
refuse() {
  local code=$1 text=$2
  shift 2
  local status=0
  "$program" calibrate "$@" >out.txt 2>err.txt || status=$?
  [[ $status == "$code" ]] || fail "$* ends with $status, not $code: $(cat err.txt)"
  grep -q "$text" err.txt || fail "$* says $(cat err.txt)"
  [[ $(grep -c '' err.txt) == 1 ]] || fail "$* says more than a line"
}
thick=(--set object.slices=900 --set object.slice_spacing_A=1)
(ulimit -v 2200000 && refuse 78 "a rank would hold [0-9.]* GiB of memory.*object.slices is 900" run.yaml --force "${thick[@]}")
refuse 73 "calibrated.yaml exists; --force" run.yaml
refuse 78 "beam.semiangle_mrad is missing" run.yaml --force --set beam.semiangle_mrad=null
refuse 78 "beam.initial" run.yaml --force --set "beam.initial={file: data.h5, dataset: /p}"
refuse 65 "pattern 500, pixel (5, 6) is nan; counts must be finite" run.yaml --force --set data.file=nan.h5
noise_data
refuse 65 "no bright-field disc" run.yaml --force

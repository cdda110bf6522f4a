#!/usr/bin/env bash
# tessera preprocess: nothing changes no bit; what a detector and a lens do to patterns is found and undone, so that the
# reconstruction is as good as of what was never spoilt; the file is the same on 1, 2 and 3 ranks; a set far larger than
# a block is streamed.
# cores: 1
source "$2/tests/end_to_end/support.sh"

export PYTHONPATH=$source_dir/tests/support PYTHONDONTWRITEBYTECODE=1 # distorting_camera.py
data=$source_dir/tests/data/mos2_bilayer.h5
run() { # run NAME ARGUMENTS: preprocess run.yaml to NAME.h5
  local name=$1
  shift
  "$program" preprocess run.yaml --quiet --set "preprocess.output=$name.h5" "$@"
}
holds() { # holds NAME CONDITION: on the steps, a map `s` from name to figures
  python - "$@" <<'END' || fail "$2 is not so of $1: $(cut -c1-300 "$1_steps/preprocess.json")"
import json, sys

s = {step["step"]: step for step in map(json.loads, open(sys.argv[1] + "_steps/preprocess.json"))}
sys.exit(not eval(sys.argv[2]))
END
}
bilayer_run "$data" >run.yaml
cat >>run.yaml <<END
solve: {iterations: 15, max_gradients: 15}
output: {pictures: false}
END

# Spoilt in the order in which a microscope does it: the disc wanders over the scan by (4, 2) pixels along y and is off
# the centre, the detector has gain, dark, flat and bad pixels. Another one is stretched.
python - "$data" <<'END'
import h5py, numpy as np, sys
from distorting_camera import stretched

rng = np.random.default_rng(1)
with h5py.File(sys.argv[1]) as file:
    clean = file["data"][()].astype("float64").reshape(576, 96, 96)
    positions = file["positions_A"][()]
flat = np.exp(0.1 * rng.normal(size=(96, 96)))
flat[70, 20] = 0
spoilt = np.zeros_like(clean)
for i, pattern in enumerate(clean):
    place = (i // 24) / 11.5 - 1
    spoilt[i] = np.roll(pattern, (4 + round(2 * place), -6 + round(place)), axis=(0, 1))
spoilt = spoilt * flat * 30 + 5
for y, x in ((3, 5), (3, 6), (52, 44), (90, 90)):
    spoilt[:, y, x] = 2e5
with h5py.File("spoilt.h5", "w") as file:
    file["data"] = spoilt.reshape(24, 24, 96, 96).astype("float32")
    file["positions_A"] = positions
    file["dark"] = np.full((96, 96), 5.0)
    file["flat"] = flat
with h5py.File("stretched.h5", "w") as file:
    wide = stretched(clean).astype("float32").reshape(24, 24, 96, 96)
    file.create_dataset("data", data=wide, chunks=(2, 3, 96, 96), compression="gzip")
    file["positions_A"] = positions
END

# Nothing.
run same
python - "$data" <<'END'
import h5py, sys

a, b = h5py.File(sys.argv[1]), h5py.File("same.h5")
for name in ("data", "positions_A"):
    assert a[name].shape == b[name].shape and a[name].dtype == b[name].dtype and (a[name][()] == b[name][()]).all(), name
assert b["mask"][()].min() == 1
END
[[ -s same_steps/02_frame.png && -s same_steps/03_dose.png ]] || fail "no pictures"
holds same 's["subset"]["patterns"] == 576 and abs(s["dose"]["mean"] - 63146) < 1'

# Spoilt and mended; the same bits on any number of ranks, in blocks of a few patterns.
mend=(--set data.file=spoilt.h5 --set data.counts_per_electron=30 --set "preprocess.dark={file: spoilt.h5, dataset: /dark}"
  --set "preprocess.flat={file: spoilt.h5, dataset: /flat}" --set preprocess.bad_pixels=8 --set preprocess.centre_px=fit
  --set preprocess.descan=true --set preprocess.whole_electrons=true --set preprocess.block_MiB=1)
run mended "${mend[@]}"
for ranks in 2 3; do
  on_ranks "$ranks" preprocess run.yaml --quiet --set preprocess.output=mended$ranks.h5 "${mend[@]}"
  same_data mended.h5 mended$ranks.h5 || fail "the file of $ranks ranks differs"
  cmp mended_steps/preprocess.json <(sed "s/mended$ranks.h5/mended.h5/" "mended${ranks}_steps/preprocess.json") || fail "the steps of $ranks ranks differ"
done
holds mended 's["flat"]["dead"] == 1 and 4 <= sum(s["bad_pixels"][k] for k in ("hot", "dead", "noisy")) <= 8'
holds mended 'abs(s["disc"]["centre_px"][0] - 52) < 0.35 and abs(s["disc"]["centre_px"][1] - 42) < 0.35'
holds mended 'abs(s["descan"]["along_y_px"][0] - 4) < 0.5 and abs(s["descan"]["along_y_px"][1] - 2) < 0.5'
holds mended 'max(map(abs, s["descan"]["along_x_px"])) < 0.3 and s["descan"]["largest_px"] == 2'
python - "$data" <<'END'
import h5py, sys

mended, mask = h5py.File("mended.h5")["data"][()], h5py.File("mended.h5")["mask"][()] == 1
clean = h5py.File(sys.argv[1])["data"][()]
assert mended.dtype == "uint32" and 0.8 < mask.mean() < 0.999, (mended.dtype, mask.mean())
# Where the plane is rounded as the wander was, patterns are what they were.
same = [(mended[y, x][mask] == clean[y, x][mask]).all() for y in range(24) for x in range(24)]
assert sum(same) > 0.6 * len(same), sum(same)
END

# An elliptical disc is found and made round.
stretched=(--set data.file=stretched.h5 --set preprocess.ellipse=fit --set preprocess.centre_px=fit)
run round "${stretched[@]}"
on_ranks 3 preprocess run.yaml --quiet --set preprocess.output=round3.h5 "${stretched[@]}" --set preprocess.block_MiB=1
same_data round.h5 round3.h5 || fail "the file of 3 ranks differs where pixels are cut"
holds round 'abs(s["disc"]["ratio"] - 1.1) < 0.02 and abs(s["disc"]["angle_deg"]) < 5 and s["frame"]["resampled"]'
holds round 'abs(s["dose"]["mean"] / 63146 - 1) < 0.003'
run left --set data.file=stretched.h5

# The same stretch as a distortion, from pictures of discs where they belong and where they are seen.
python - <<'END'
import h5py
from distorting_camera import displacements, pictures_of_discs

with h5py.File("discs.h5", "w") as file:
    file["belong"], file["seen"] = pictures_of_discs()
    file["map"] = displacements()
END
run undistorted "${stretched[@]}" --set "preprocess.distortion={reference: {file: discs.h5, dataset: /belong}, distorted: {file: discs.h5, dataset: /seen}, degree: 2}"
holds undistorted 's["distortion"]["discs"] == 30 and s["distortion"]["scatter_px"] < 0.05'
holds undistorted 'abs(s["disc"]["ratio"] - 1) < 0.01'
run mapped "${stretched[@]}" --set "preprocess.distortion.map={file: discs.h5, dataset: /map}"
holds mapped 'abs(s["disc"]["ratio"] - 1) < 0.01 and abs(s["dose"]["mean"] / 63146 - 1) < 0.003'

# A sparse detector: what an electron counts is found.
python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(4)
with h5py.File("sparse.h5", "w") as file:
    electrons = rng.poisson(0.04, (12, 12, 32, 32))
    file["data"] = (130.0 * electrons + rng.normal(0, 9, electrons.shape)).astype("float32")
    file["electrons"] = electrons
END
cat >sparse.yaml <<END
data: {file: sparse.h5}
scan: {step_A: 1}
preprocess: {output: sparse_ready.h5, fit_counts_per_electron: true, whole_electrons: true, pictures: false}
END
on_ranks 2 preprocess sparse.yaml --quiet 2>said
holds sparse_ready 'abs(s["counting"]["counts_per_electron"] - 130) < 3 * s["counting"]["standard_error"] + 0.1'
python -c 'import h5py; assert (h5py.File("sparse.h5")["electrons"][()] == h5py.File("sparse_ready.h5")["data"][()]).all()' ||
  fail "electrons are not counted right"

# Each reconstruction, from the run file as it was written, against the one of clean patterns.
correlation() { # correlation NAME ARGUMENTS: of the reconstruction from NAME.yaml with the truth
  local name=$1
  shift
  "$program" reconstruct "$name.yaml" --quiet "$@" 2>>warnings
  "$program" compare "${name}_result/result.emd" "$data" --json >"$name.json"
  json "$name.json" 'm["correlation"]["sum"]'
}
clean=$(correlation same)
mended=$(correlation mended)
# The ellipse's area is kept: its radius is larger by the root of 1.1, so that a pixel's angle is smaller.
round=$(correlation round --set detector.pixel_invA=0.04966)
left=$(correlation left --set detector.pixel_invA=0.04966)
printf 'correlation: clean %s, mended %s, made round %s, left stretched %s\n' "$clean" "$mended" "$round" "$left"
python -c "assert $clean > 0.97 and $mended > $clean - 0.015 and $round > $clean - 0.01 and $left < $round - 0.003" ||
  fail "preprocessing does not bring the image back"

# Subset, crop, bin and padding: keys of the run file follow.
run part --set "data.subset={ry: [2, 22, 2], rx: [3, 20]}" --set "preprocess.crop_px=[64, 80]" --set preprocess.bin=2 \
  --set "preprocess.pad_px=[40, 48]" --set preprocess.pictures=false
python - "$data" <<'END'
import h5py, numpy as np, sys

clean, part = h5py.File(sys.argv[1]), h5py.File("part.h5")
cut = clean["data"][2:22:2, 3:20, 16:80, 8:88].astype("uint32")
expected = np.zeros((10, 17, 40, 48), "uint32")
expected[:, :, 4:36, 4:44] = cut.reshape(10, 17, 32, 2, 40, 2).sum(axis=(3, 5))
assert (part["data"][()] == expected).all() and part["data"].dtype == "uint32"
mask = np.zeros((40, 48))
mask[4:36, 4:44] = 1
assert (part["mask"][()] == mask).all()
assert (part["positions_A"][()] == clean["positions_A"][()].reshape(24, 24, 2)[2:22:2, 3:20].reshape(-1, 2)).all()
text = open("part.yaml").read()
assert "pixel_invA: 0.10416" in text and "mask: /mask" in text and "subset" not in text, text
END
"$program" reconstruct part.yaml --dry-run --quiet
[[ -z $(find part_steps -name '*.png') ]] || fail "pictures are drawn although they are off"

# A lattice becomes scan.affine; a dry run writes nothing.
run lattice --set "preprocess.lattice={measured_A: [[3, 0], [0, 2]], reference_A: [[3.3, 0], [0, 2.1]]}"
grep -Eq 'affine: \[\[1.(1|09999)[0-9]*, 0\], \[0, 1.05\]\]' lattice.yaml || fail "no scan.affine in $(<lattice.yaml)"
run dry --dry-run "${stretched[@]}"
[[ -z $(find . -name 'dry*') ]] || fail "a dry run writes"

# The lattice itself is found: positions that are told as if a scan had drifted and had another scale give what takes them
# back, whichever way the reference lies; the same on three ranks.
python - "$data" <<'END'
import h5py, numpy as np, sys

with h5py.File(sys.argv[1]) as file, h5py.File("drifted.h5", "w") as drifted:
    drifted["data"] = file["data"][()]
    drifted["positions_A"] = file["positions_A"][()] @ np.linalg.inv([[1.05, 0], [0.06, 0.97]]).T
END
for turn in 0 1 2; do
  python -c "
import math
c, s, a = math.cos(0.4 * min(1, $turn)), math.sin(0.4 * min(1, $turn)), 3.16
print([[a * s, a * c], [a * (0.75**0.5 * c + 0.5 * s), a * (0.5 * c - 0.75**0.5 * s)]])" >reference
  on_ranks $((turn == 2 ? 3 : 1)) preprocess run.yaml --quiet --set preprocess.output=found$turn.h5 --set data.file=drifted.h5 \
    --set "preprocess.lattice={measured_A: fit, reference_A: $(<reference)}"
  holds found$turn 'all(abs(a - b) < 0.03 for a, b in zip(sum(s["lattice"]["affine"], []), (1.05, 0, 0.06, 0.97)))'
  holds found$turn '0.003 < s["lattice"]["relative_standard_error"] < 0.015 and s["lattice"]["spots"] >= 3'
done
cmp <(grep affine found1.yaml) <(grep affine found2.yaml) || fail "three ranks find another lattice"
[[ -s found0_steps/02_lattice.png ]] || fail "no picture of the lattice in $(ls found0_steps)"

# A set of 288 MiB in blocks of 4 takes hardly more memory than a thirtieth of it.
python - <<'END'
import h5py, numpy as np

with h5py.File("large.h5", "w") as file:
    data = file.create_dataset("data", (64, 64, 192, 192), "uint16")
    row = np.random.default_rng(2).poisson(3, (64, 192, 192)).astype("uint16")
    for y in range(64):
        data[y] = row
END
cat >large.yaml <<END
data: {file: large.h5}
scan: {step_A: 1}
preprocess: {output: large_ready.h5, bad_pixels: 20, bin: 2, block_MiB: 4, pictures: false}
END
peak() {
  python - "$@" <<'END'
import resource, subprocess, sys

subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
END
}
small=$(peak "$program" preprocess large.yaml --quiet --set "data.subset.ry=[0, 2]")
whole=$(peak "$program" preprocess large.yaml --quiet --force)
printf 'peak memory: %s MiB for 2 of 64 rows, %s MiB for all\n' "$small" "$whole"
((whole < small + 60)) || fail "memory grows with the set"

# TERM ends a run with 143; nothing is left but what an earlier run had written.
rm large_ready.h5
"$program" preprocess large.yaml --quiet --force --set preprocess.block_MiB=1 2>said &
pid=$!
until [[ -e large_ready.h5.lock ]]; do sleep 0.02; done
sleep 0.3
kill -TERM $pid
code=0
wait $pid || code=$?
((code == 143)) && grep -q '^ERROR: stopped by signal TERM before the end' said || fail "TERM ends with $code: $(<said)"
[[ -z $(find . -name 'large_ready.h5*') ]] || fail "something is left: $(find . -name 'large_ready*')"

# Chunks of the whole scan do not fit a round of 1 MiB: what that costs is told, with the key that helps.
python - <<'END'
import h5py, numpy as np

with h5py.File("chunky.h5", "w") as file:
    file.create_dataset("data", data=np.ones((16, 16, 64, 64), "uint16"), chunks=(16, 16, 64, 64), compression=1)
END
cat >chunky.yaml <<END
data: {file: chunky.h5}
scan: {step_A: 1}
preprocess: {output: chunky_ready.h5, pictures: false}
END
"$program" preprocess chunky.yaml --quiet 2>said
! grep -q decompressed said || fail "chunks that fit are warned of: $(<said)"
"$program" preprocess chunky.yaml --quiet --force --set preprocess.block_MiB=1 2>said
grep -q 'preprocess.block_MiB: 2 reads each once' said || fail "chunks that are read again and again are not warned of: $(<said)"
for kind in none events; do
  "$program" preprocess chunky.yaml --quiet --force --set preprocess.block_MiB=2 --set preprocess.compress.kind=$kind 2>said
  ! grep -q decompressed said || fail "what is advised does not help with kind $kind: $(<said)"
done

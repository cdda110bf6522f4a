#!/usr/bin/env bash
# The sampling sheet: what it says of good data, and of five experiments with one thing wrong.
# cores: 1
source "$2/tests/end_to_end/support.sh"

cp "$source_dir/tests/data/mos2_bilayer.h5" good.h5
python - <<'END'
import h5py, numpy as np

with h5py.File("good.h5") as good, h5py.File("saturated.h5", "w") as bad:
    bad["data"] = np.minimum(good["data"][()], 200)
    bad["positions_A"] = good["positions_A"][()]
END
bilayer_run good.h5 >run.yaml
check_table <<'END'
# Nothing is said of good data.
0 | nothing | reconstruct run.yaml --dry-run --set output.directory=$out
# Overlap of 20 %; the aperture twice too wide and too narrow; the centre off by 6 pixels; a step in nanometres.
0 | overlap of neighbouring probes: 19. | reconstruct run.yaml --dry-run --set output.directory=$out --set "scan.affine=[[5.28, 0], [0, 5.28]]"
0 | lit area over the area of a position: 1.2 | reconstruct run.yaml --dry-run --set output.directory=$out --set "scan.affine=[[5.28, 0], [0, 5.28]]"
0 | radius of the bright field in the data over the aperture's: 0.4 | reconstruct run.yaml --dry-run --set output.directory=$out --set beam.semiangle_mrad=42.8
0 | radius of the bright field in the data over the aperture's: 1.9 | reconstruct run.yaml --dry-run --set output.directory=$out --set beam.semiangle_mrad=10.7
0 | the light is centred at pixel (48.0, 48.0) of 96 x 96: set detector.centre_px | reconstruct run.yaml --dry-run --set output.directory=$out --set "detector.centre_px=[54, 48]"
0 | are positions in angstrom? | reconstruct run.yaml --dry-run --set output.directory=$out --set "scan.affine=[[0.1, 0], [0, 0.1]]"
0 | many pixels hold 200, the largest value: saturated | reconstruct run.yaml --dry-run --set output.directory=$out --set data.file=saturated.h5
# Batch jobs end instead.
65 | run.strict: 1 warning; the first: pixels at the detector's limit | reconstruct run.yaml --dry-run --set output.directory=$out --set data.file=saturated.h5 --set run.strict=true
65 | run.strict: 2 warnings | reconstruct run.yaml --set output.directory=$out --set run.strict=true --set "scan.affine=[[5.28, 0], [0, 5.28]]"
END
on_ranks 3 reconstruct run.yaml --quiet --set "output.directory=$work/out" --set run.strict=true --set solve.iterations=1 \
  --set output.pictures=false 2>said
! grep WARNING said || fail "good data are warned of"
expect "out/metrics.json" 'abs(m["sampling"]["overlap_percent"]["value"] - 84.8) < 0.2'
expect "out/metrics.json" 'm["sampling"]["overlap_percent"]["least"] == 60 and m["sampling"]["overlap_percent"]["most"] is None'
expect "out/metrics.json" 'all(row["good"] for row in m["sampling"].values()) and len(m["sampling"]) > 15'
[[ $(grep -c 'overlap of neighbouring probes' "out/run.log") == 1 ]] || fail "the sheet is not in run.log: $(<"out/run.log")"

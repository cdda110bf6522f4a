#!/usr/bin/env bash
# The measured Siemens star in 60 gradients on one, two and four ranks: R factor, spokes, files.
source "$2/tests/end_to_end/support.sh"

for ranks in 1 2 4; do
  out=$work/ranks$ranks
  on_ranks "$ranks" reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet --set "output.directory=$out"
  expect "$out/metrics.json" 'm["r_factor"] <= 0.174'
  expect "$out/metrics.json" 'm["gradients"] <= 60'
  expect "$out/metrics.json" "m['ranks'] == $ranks"
  expect "$out/status.json" 'm["complete"]'
  python "$source_dir/tests/check_emd.py" "$out/result.emd"
  for picture in phase probe loss; do
    [[ -s $out/$picture.png ]] || fail "$picture.png is missing"
  done
  python - "$out/result.emd" <<'END'
import sys
import h5py, numpy as np

# The star has 30 spokes around pixel (228, 210).
phase = h5py.File(sys.argv[1])["reconstruction/phase/data"][()]
angle = 2 * np.pi * np.arange(1440) / 1440
for radius in (60, 110):
    y, x = 228 + radius * np.sin(angle), 210 + radius * np.cos(angle)
    ring = phase[np.rint(y).astype(int), np.rint(x).astype(int)]
    harmonics = 2 / angle.size * np.abs(np.fft.rfft(ring))[20:60]
    strongest = 20 + harmonics.argmax()
    print(f"radius {radius} pixels: {strongest} spokes of {harmonics.max():.3f} rad")
    assert strongest == 30 and harmonics.max() > 0.2 and harmonics.max() > 10 * np.median(harmonics)
END
done

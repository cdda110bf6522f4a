#!/usr/bin/env bash
# `tessera simulate` against another program's noise-free patterns of the same atoms.
# cores: 1
source "$2/tests/end_to_end/support.sh"

data=$source_dir/tests/data/mos2_bilayer.h5
# The diagonal of this scan is that file's positions number 0, 97, 194 ... 485: four rows and one column apart.
cat >run.yaml <<END
version: 1
detector: {pixel_invA: 0.052083333333}
scan: {step_A: [3.2, 0.8]}
beam: {energy_keV: 80, semiangle_mrad: 21.4, aberrations: {C10_A: 100}}
simulate:
  atoms: $source_dir/tests/data/mos2_bilayer.xyz
  potential_pixel_A: 0.08
  slice_thickness_A: 0.71
  scan: {shape: [6, 6], start_A: [10, 10]}
  window_A: 38.4
  detector: {shape: [96, 96], response: sample}
  output: mos2.h5
END
on_ranks 2 simulate run.yaml --quiet
"$program" inspect mos2.h5
python - "$data" <<'END'
import sys
import h5py, numpy as np

theirs, ours = h5py.File(sys.argv[1]), h5py.File("mos2.h5")
expected = theirs["noise_free_electrons"][()].astype(float)
stride = 97
patterns = ours["data"][()].reshape(-1, 96, 96).astype(float)[::7] * 64000
positions = ours["positions_A"][()].reshape(-1, 2)[::7]
assert np.allclose(positions, theirs["positions_A"][()].reshape(-1, 2)[::stride][:6], atol=1e-6)
assert patterns.shape == expected.shape
difference = np.sqrt(patterns) - np.sqrt(expected)
relative = np.sqrt((difference ** 2).sum() / expected.sum())
print(f"relative root mean square of the square roots' difference: {relative:.4f}")
assert relative <= 0.03
END

#!/usr/bin/env bash
# The measured Siemens star with four probe modes and the amplitude loss on one, two and four ranks.
source "$2/tests/end_to_end/support.sh"

for ranks in 1 2 4; do
  on_ranks "$ranks" reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet \
    --set "output.directory=$work/ranks$ranks" --set beam.modes=4 --set loss.kind=amplitude
  expect "ranks$ranks/metrics.json" 'm["r_factor"] <= 0.151'
  expect "ranks$ranks/metrics.json" 'm["gradients"] <= 60'
done
python - <<'END'
import h5py, numpy as np

modes = h5py.File("ranks4/result.emd")["reconstruction/probe/data"][()]
power = (np.abs(modes) ** 2).sum(axis=(1, 2))
print("power of the modes:", power / power.sum())
assert modes.shape == (4, 128, 128) and (power > 0).all()
END

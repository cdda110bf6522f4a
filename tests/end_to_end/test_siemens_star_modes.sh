#!/usr/bin/env bash
# The measured Siemens star with four probe modes and the amplitude loss on two ranks.
source "$2/tests/end_to_end/support.sh"

on_ranks 2 reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet --set "output.directory=$work/star" \
  --set beam.modes=4 --set loss.kind=amplitude --set loss.epsilon=0.01
expect star/metrics.json 'm["r_factor"] <= 0.151'
expect star/metrics.json 'm["gradients"] <= 60'
python - <<'END'
import h5py, numpy as np

modes = h5py.File("star/result.emd")["reconstruction/probe/data"][()]
power = (np.abs(modes) ** 2).sum(axis=(1, 2))
print("power of the modes:", power / power.sum())
assert modes.shape == (4, 128, 128) and (power > 0).all()
END

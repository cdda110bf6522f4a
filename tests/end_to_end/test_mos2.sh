#!/usr/bin/env bash
# Another program's patterns of a MoS2 bilayer, probe started 20 angstrom out of focus: two slices find both layers within
# 25 gradients and keep them for 100 with a total variation or an L1 norm; one slice does not explain the data as well.
source "$2/tests/end_to_end/support.sh"

data=$source_dir/tests/data/mos2_bilayer.h5
bilayer_run "$data" >run.yaml
cat >>run.yaml <<END
solve: {iterations: 25, max_gradients: 25}
output: {directory: two, pictures: false}
END
long="--set solve.iterations=100 --set solve.max_gradients=100"
on_ranks 2 reconstruct run.yaml --quiet
on_ranks 2 reconstruct run.yaml --quiet $long --set output.directory=tv \
  --set 'regularisers=[{kind: tv, of: phase, weight: 0.0025}]'
on_ranks 2 reconstruct run.yaml --quiet --set solve.iterations=40 --set solve.max_gradients=40 --set output.directory=forty \
  --set 'regularisers=[{kind: tv, of: phase, weight: 0.0025}]'
on_ranks 2 reconstruct run.yaml --quiet $long --set output.directory=l1 \
  --set 'regularisers=[{kind: l1, of: phase, weight: 0.01}]'
on_ranks 2 reconstruct run.yaml --quiet --set object.slices=1 --set object.slice_spacing_A=null --set output.directory=one
for run in one two forty tv l1; do
  "$program" compare "$run/result.emd" "$data" --json >"$run.json"
  printf '%s slice(s): ' "$run"
  json "$run.json" 'm["correlation"]'
  [[ $run == tv || $run == l1 || $run == forty ]] || expect "$run/metrics.json" 'm["gradients"] <= 25'
done
for run in two tv l1; do
  expect $run.json 'm["correlation"]["sum"] >= 0.99'
  expect $run.json 'len(m["correlation"]["slices"]) == 2 and min(m["correlation"]["slices"]) >= 0.95'
done
for run in forty tv; do
  expect $run.json 'm["correlation"]["sum"] >= 0.996 and min(m["correlation"]["slices"]) >= 0.985'
done
expect one.json 'm["correlation"]["sum"] < 0.99'

# The potential of each slice as the unknown: the same iterates as with its phase, and both in the result.
for representation in phase potential; do
  on_ranks 2 reconstruct run.yaml --quiet --set object.representation=$representation --set solve.iterations=5 \
    --set output.directory=$representation --set 'regularisers=[{kind: tv, weight: 0.0025}]' --set run.precision=double
done
python - <<'END'
import h5py, numpy as np

phase, potential = (h5py.File(f"{run}/result.emd")["reconstruction"] for run in ("phase", "potential"))
slices = phase["slices/data"][()]
assert np.abs(slices).max() > 0.1
assert np.abs(potential["slices/data"][()] - slices).max() < 1e-6 * np.abs(slices).max()
assert np.allclose(1.00870660e-3 * potential["potential/data"][()], potential["slices/data"][()], rtol=1e-7)  # 80 keV
END

#!/usr/bin/env bash
# Another program's patterns of a MoS2 bilayer, with waves on finer pixels than the detector's, and with patterns summed
# 2 x 2: the bilayer is found within 40 gradients as without. A result of the finer pixels is where a run on these goes on, and no other.
source "$2/tests/end_to_end/support.sh"

data=$source_dir/tests/data/mos2_bilayer.h5
bilayer_run "$data" >run.yaml
cat >>run.yaml <<END
regularisers: [{kind: tv, of: phase, weight: 0.0025}]
solve: {iterations: 40, max_gradients: 40}
output: {directory: crop, pictures: false}
END
on_ranks 2 reconstruct run.yaml --quiet --set detector.simulate=1.5
on_ranks 2 reconstruct run.yaml --quiet --set detector.bin=2 --set output.directory=bin
for run in crop bin; do
  "$program" compare "$run/result.emd" "$data" --json >"$run.json"
  printf '%s: ' "$run"
  json "$run.json" 'm["correlation"]'
done
expect crop.json 'm["correlation"]["sum"] >= 0.996 and min(m["correlation"]["slices"]) >= 0.985'
expect bin.json 'm["correlation"]["sum"] >= 0.996 and min(m["correlation"]["slices"]) >= 0.98'

initial="object.initial={file: crop/result.emd, dataset: /reconstruction/object/data}"
again="--set beam.rescale=false --set solve.iterations=0 --set output.directory=again"
on_ranks 2 reconstruct run.yaml --quiet $again --set detector.simulate=1.5 --set "$initial" \
  --set "beam.initial={file: crop/result.emd, dataset: /reconstruction/probe/data}"
expect again/metrics.json "abs(m['r_factor'] / $(json crop/metrics.json 'm["r_factor"]') - 1) < 1e-5"
"$program" reconstruct run.yaml --quiet --set output.directory=refused --set "$initial" 2>refused.txt &&
  fail "an object on finer pixels than the waves' was taken"
grep -q 'detector.simulate' refused.txt || fail "$(cat refused.txt)"

#!/usr/bin/env bash
# Patterns of few electrons (another program's, thinned to 2 %): a run ends where the loss of the pixels held out turns, and
# its image is within 10 % of the best of the iterates around it, which a run of 60 iterations is far from. The result is that
# iterate: a run that starts from it finds its loss. The same on any number of ranks.
source "$2/tests/end_to_end/support.sh"

python - "$source_dir/tests/data/mos2_bilayer.h5" <<'END'
import sys
import h5py
import numpy as np

with h5py.File(sys.argv[1]) as whole, h5py.File("thin.h5", "w") as thin:
    thin["data"] = np.random.default_rng(5).binomial(whole["data"][()].astype(int), 0.02).astype("uint16")
    thin["positions_A"] = whole["positions_A"][()]
END
bilayer_run thin.h5 >run.yaml
cat >>run.yaml <<END
solve: {iterations: 60, held_out: 0.1}
run: {precision: double}
output: {directory: whole, pictures: false}
END
error_of() {
  "$program" compare "$1/result.emd" "$source_dir/tests/data/mos2_bilayer.h5" --json >compare.json
  json compare.json 'm["normalised_error"]["sum"]'
}

on_ranks 2 reconstruct run.yaml --quiet
for ranks in 1 2; do
  out=stop$ranks
  on_ranks $ranks reconstruct run.yaml --quiet --set solve.stop=held_out --set "output.directory=$out" \
    --set output.pictures=true
  expect $out/metrics.json 'm["stop_reason"].startswith("the held-out loss has turned") and m["iterations"] < 40'
  expect $out/metrics.json 'm["held_out_loss"][m["result_iteration"]] == min(m["held_out_loss"])'
  expect $out/metrics.json 'abs(m["held_out_pixels"] / (m["held_out_pixels"] + m["fitted_pixels"]) - 0.1) < 0.001'
  [[ $(json $out/metrics.json 'm["result_iteration"]') == $(json stop1/metrics.json 'm["result_iteration"]') ]] ||
    fail "$ranks ranks end at another iteration"
done
python "$source_dir/tests/check_emd.py" stop2/result.emd
[[ -s stop2/loss.png ]] || fail "loss.png is missing"
grep -q 'a pixel .* fitted, .* held out' stop2/run.log || fail "run.log does not tell the held-out loss"

at=$(json stop1/metrics.json 'm["result_iteration"]')
returned=$(error_of stop2)
errors=("$returned" "$(error_of whole)")
for iterations in $((at - 4)) $((at + 4)) $((at + 10)); do
  on_ranks 2 reconstruct run.yaml --quiet --set "solve.iterations=$iterations" --set "output.directory=at$iterations"
  errors+=("$(error_of "at$iterations")")
done
python - "${errors[@]}" <<'END'
import sys

returned, whole, *near = map(float, sys.argv[1:])
print(f"error of the image: {returned:.4f} returned, {min(near):.4f} at best around it, {whole:.4f} after 60 iterations")
assert returned <= 1.1 * min(near)
assert whole > 1.1 * returned
END

on_ranks 1 reconstruct run.yaml --quiet --set output.directory=again --set beam.rescale=false --set solve.iterations=0 \
  --set "object.initial={file: stop2/result.emd, dataset: /reconstruction/slices/data}" \
  --set "beam.initial={file: stop2/result.emd, dataset: /reconstruction/probe/data}"
python - <<'END'
import json

again, stop = (json.load(open(f"{run}/metrics.json"))["held_out_loss"] for run in ("again", "stop2"))
print(f"held-out loss {min(stop):.9g}, found again {again[0]:.9g}")
assert abs(again[0] / min(stop) - 1) < 1e-9
END

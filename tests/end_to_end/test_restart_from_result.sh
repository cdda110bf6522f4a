#!/usr/bin/env bash
# A run that starts from another run's result goes on where that one ended, on another number of ranks.
source "$2/tests/end_to_end/support.sh"

common=(reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet --set "data.subset.n=[0,120]"
  --set output.pictures=false --set run.precision=double)
on_ranks 2 "${common[@]}" --set solve.iterations=12 --set "output.directory=$work/first"
result=$work/first/result.emd
on_ranks 1 "${common[@]}" --set solve.iterations=3 --set "output.directory=$work/second" --set beam.rescale=false \
  --set "object.initial={file: $result, dataset: /reconstruction/object/data}" \
  --set "beam.initial={file: $result, dataset: /reconstruction/probe/data}"
python - <<'END'
import json

first, second = (json.load(open(f"{run}/metrics.json"))["loss"] for run in ("first", "second"))
print("ended at", first[-1], "went on at", second[0], "and came to", second[-1])
assert abs(second[0] / first[-1] - 1) < 1e-3
assert second[-1] < first[-1]
END

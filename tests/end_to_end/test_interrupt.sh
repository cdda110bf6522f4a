#!/usr/bin/env bash
# Ctrl-C ends a long run with a result and exit code 130, also when only one of two ranks sees it.
source "$2/tests/end_to_end/support.sh"

run=(reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet --set "data.subset.n=[0,120]"
  --set solve.iterations=100000 --set solve.max_gradients=null)

# has_begun FOLDER: waits for the line of an iteration after the start in the log.
has_begun() {
  for ((i = 0; i < 600; ++i)); do
    if grep -q 'iteration *[1-9]' "$1/run.log" 2>/dev/null; then return; fi
    sleep 0.1
  done
  fail "$1 has not begun within a minute"
}

# ended_well FOLDER PID
ended_well() {
  local code=0
  wait "$2" || code=$?
  ((code == 130)) || fail "$1: exit code $code, not 130"
  expect "$1/status.json" 'm["complete"] is False and "signal" in m["stop_reason"]'
  expect "$1/metrics.json" 'len(m["loss"]) >= 2'
  python "$source_dir/tests/check_emd.py" "$1/result.emd"
}

"$program" "${run[@]}" --set "output.directory=$work/one" &
pid=$!
has_begun one
kill -INT "$pid"
ended_well one "$pid"

mpirun --oversubscribe -n 2 "$program" "${run[@]}" --set "output.directory=$work/two" &
pid=$!
has_begun two
kill -INT "$(pgrep -P "$pid" -f reconstruct | tail -n 1)"
ended_well two "$pid"

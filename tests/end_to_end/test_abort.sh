#!/usr/bin/env bash
# What one rank alone cannot go on from, while the others wait for it in the solver, ends the job: within ten seconds, with one
# error line, that rank's exit code, and a status.json that says so. Here one of three ranks gets no more memory (as from a
# limit that is set while it runs) before the object is refined, for which the solver makes vectors.
source "$2/tests/end_to_end/support.sh"

mpirun --oversubscribe -n 3 "$program" reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet \
  --set "data.subset.n=[0,120]" --set object.margin_px=300 --set "refine={object: {from: 6}, probe: {from: 0}}" \
  --set solve.iterations=100 --set output.pictures=false --set "output.directory=$work/out" >stdout 2>stderr &
pid=$!
for ((i = 0; i < 600; ++i)); do
  if grep -q 'iteration *[1-9]' out/run.log 2>/dev/null; then break; fi
  sleep 0.1
done
victim=$(pgrep -P "$pid" -f reconstruct | tail -n 1)
prlimit --pid "$victim" --as=1 || fail "the run has ended: $(<stderr)"
while kill -0 "$victim" 2>/dev/null && [[ $(ps -o stat= -p "$victim") != Z* ]]; do sleep 0.05; done
begun=$(date +%s%N)
code=0
wait "$pid" || code=$?
ms=$((($(date +%s%N) - begun) / 1000000))
echo "exit code $code, $ms ms after the rank: $(grep '^ERROR: ' stderr)"
((code == 1)) || fail "exit code $code, not 1: $(<stderr)"
((ms < 10000)) || fail "the other ranks went on for $ms ms"
if pgrep -f "$work/out" >/dev/null; then fail "a rank is left"; fi
[[ $(grep -c '^ERROR: out of memory.*(rank 2)$' stderr) == 1 ]] || fail "not one error line: $(<stderr)"
grep -q '^ERROR: out of memory' out/run.log || fail "run.log does not tell of it"
expect out/status.json 'm["state"] == "failed" and m["complete"] is False and m["result_written"] is False'
expect out/status.json 'm["exit_code"] == 1 and m["stop_reason"].endswith("(rank 2)")'
# Aborted, and not ended in order: the lock is still there, and the next run says whose it was.
[[ -e out/run.lock ]] || fail "the run ended in order: this tests nothing"
on_ranks 3 reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet --set "data.subset.n=[0,120]" \
  --set solve.iterations=1 --set output.pictures=false --set "output.directory=$work/out" 2>stderr
grep -q '^WARNING: .*run that is dead' stderr || fail "no warning of a dead run: $(<stderr)"
expect out/status.json 'm["state"] == "finished"'

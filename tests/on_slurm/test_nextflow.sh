#!/usr/bin/env bash
# jobscripts/nextflow with -profile slurm: jobs of two ranks, an end of Nextflow in the middle, -resume, and a job that Slurm tells to stop.
# Skipped (77) without Nextflow or Java.
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

find_nextflow
workflow_inputs
flow=("$nextflow" run "$source_dir/jobscripts/nextflow" -profile slurm --queue debug --time 30m --input samples.csv
  --variants variants.csv --tessera "$program" --ranks 2 --outdir results --restart_dir kept)

# `plain` is done and `slow` runs: Nextflow is ended, and its jobs with it.
cat >variants.csv <<'END'
variant,set
plain,solve.iterations=4
slow,solve.iterations=1000000
END
steps=(--steps "validate,reconstruct,compare" --args=--quiet)
"${flow[@]}" "${steps[@]}" >said 2>&1 &
pid=$!
slow_runs() {
  grep -lE "iteration  *([2-9]|[0-9]{2,}) of 1000000" work/*/*/reconstruct/run.log 2>/dev/null | wc -l
}
export -f slow_runs
timeout 240 bash -c 'until [[ -e results/one/plain/reconstruct/result.emd && -e results/two/plain/compare.json && $(slow_runs) == 2 ]]
  do sleep 0.5; done' || fail "$(cat said; squeue)"
kill -TERM "$pid"
wait "$pid" && fail "Nextflow ends with 0 although it was killed"
timeout 60 bash -c 'until [[ -z $(squeue -h) ]]; do sleep 0.5; done' || fail "jobs are left: $(squeue)"
printf 'killed in the middle: %s tasks were done\n' "$(grep -c COMPLETED results/pipeline_info/trace.txt)"

sed -i 's/1000000/400/' variants.csv
"${flow[@]}" "${steps[@]}" -resume >said 2>&1 &
pid=$!
# Slurm's signal before the time limit goes to the job's own shell: what -signal=B:USR2@300 asks for.
job=""
for ((i = 0; i < 400; ++i)); do
  log=$(grep -lE "iteration  *([2-9]|[0-9]{2,}) of 400" work/*/*/reconstruct/run.log 2>/dev/null | head -n 1 || true)
  if [[ -n $log ]]; then
    stopped=$(dirname "$(dirname "$log")")
    job=$(squeue -h -o '%A %Z' | awk -v folder="$(realpath "$(dirname "$(dirname "$log")")")" '$2 == folder { print $1 }')
    if [[ -n $job ]]; then break; fi
  fi
  sleep 0.3
done
[[ -n $job ]] || fail "no slow job runs: $(cat said; squeue)"
scancel --batch --signal=USR2 "$job"
wait "$pid" || fail "$(cat said)"
trace=results/pipeline_info/trace.txt
(($(grep -c CACHED "$trace") >= 5)) || fail "what was done before is not taken: $(cat "$trace")"
grep -qE 'FAILED[[:space:]]+(140|143)' "$trace" || fail "no task was stopped: $(cut -f 4-6 "$trace")"
grep -q "^starting from .*kept/" work/*/*/.command.out || fail "no attempt starts from what was kept: $(find kept; cut -f 2,4,5,6 "$trace"; tail -n 4 "$stopped"/.command.{err,log}; cat "$stopped"/reconstruct/status.json; ls -la "$stopped"/reconstruct)"
for sample in one two; do
  expect "results/$sample/slow/reconstruct/status.json" 'm["complete"] and m["ranks"] == 2'
done
expect results/two/slow/compare.json 'm["correlation"]["sum"] > 0.6'
cut -f 4,5,6,8 "$trace"

#!/usr/bin/env bash
# jobscripts/nextflow with the local executor: a stub of all steps, a real run of two samples with two variants on two ranks each,
# -resume, an end in the middle and what comes after, a run that is told to stop and tried again from its result, and what
# is wrong with what is given. $TESSERA_NEXTFLOW or a `nextflow` on the PATH; skipped (77) without it or without Java.
# cores: 1
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

find_nextflow
pipeline=$source_dir/jobscripts/nextflow
workflow_inputs

# flow ARGUMENTS: a run of the pipeline, with what it says in `said`.
flow() {
  timeout 300 "$nextflow" run "$pipeline" -profile local,test --input samples.csv --tessera "$program" "$@" >said 2>&1
}
# tasks WORD: how many tasks of the last run have this status, exit code or name in its trace.
tasks() {
  awk -F'\t' -v word="$1" 'NR > 1 && ($4 ~ word || $5 == word || "exit " $6 == word)' "$2/pipeline_info/trace.txt" | wc -l
}

# The chain as it will be, without the program: 4 x (validate, reconstruct, resolution, report), 2 x (preprocess, calibrate, compare).
flow -stub-run --variants variants.csv --outdir stub \
  --steps validate,preprocess,calibrate,reconstruct,resolution,compare,report || fail "$(cat said)"
(($(tasks COMPLETED stub) == 22)) || fail "the stub runs $(tasks COMPLETED stub) tasks, not 22"
for file in one/preprocess/data.yaml one/calibrate/calibrated.yaml two/tv/report.html two/plain/compare.json; do
  [[ -e stub/$file ]] || fail "stub/$file is not there"
done

real=(--variants variants.csv --outdir results --ranks 2 --steps "validate,reconstruct,resolution,compare,report")
flow "${real[@]}" || fail "$(cat said)"
workflow_tree results
grep -q "tessera: [0-9]" results/pipeline_info/versions.yml || fail "versions.yml: $(<results/pipeline_info/versions.yml)"
for file in report.html timeline.html dag.dot; do
  [[ -s results/pipeline_info/$file ]] || fail "$file is not there"
done
expect results/one/plain/reconstruct/status.json 'm["ranks"] == 2'
# crate CONDITION: on the action of the crate that the last run left in `results`.
crate() {
  python - "$1" <<'END' || fail "$1 is not so of the crate"
import json, sys

graph = {e["@id"]: e for e in json.load(open("results/ro-crate-metadata.json"))["@graph"]}
run = next(e for e in graph.values() if e["@type"] == "CreateAction")
sys.exit(not eval(sys.argv[1]))
END
}
crate 'run["actionStatus"].endswith("/CompletedActionStatus") and run["instrument"]["@id"] == "pipeline_info/main.nf"'
crate '{"one/plain/reconstruct/", "two/tv/resolution/", "two/tv/compare.json"} <= {r["@id"] for r in run["result"]}'
crate 'graph["#value-ranks"]["value"] == "2" and any(i.endswith("/data.h5") for i in graph)'
if validator=$(validators_python); then
  "$validator" "$source_dir/tests/check_crate.py" results workflow-run-crate >crate.log 2>&1 || fail "rocrate-validator: $(cat crate.log)"
fi
flow "${real[@]}" -resume || fail "$(cat said)"
(($(tasks CACHED results) == 18 && $(tasks COMPLETED results) == 0)) || fail "not all is taken from the cache: $(cat said)"

# Killed while `slow` runs and `plain` is done: what was done stays, and what it had found is where it goes on from.
cat >variants.csv <<'END'
variant,set
plain,solve.iterations=4
slow,solve.iterations=1000000
END
sed -i '/^two/d' samples.csv
restart=(--variants variants.csv --outdir again --restart_dir kept --steps "validate,reconstruct" --args=--quiet)
"$nextflow" run "$pipeline" -profile local --input samples.csv --tessera "$program" "${restart[@]}" >said 2>&1 &
pid=$!
# reconstructing PATTERN: the folder of a task that is at its second iteration or later.
reconstructing() {
  grep -lE "iteration  *([2-9]|[0-9]{2,}) of $1" work/*/*/reconstruct/run.log 2>/dev/null | while read -r log; do
    if grep -q '"state": "running"' "$(dirname "$log")/status.json"; then dirname "$log"; fi
  done | head -n 1
}
export -f reconstructing
timeout 120 bash -c 'until [[ -e again/one/plain/reconstruct/result.emd && -n $(reconstructing 1000000) ]]; do sleep 0.2; done' || fail "the slow one does not run: $(cat said)"
kill -TERM "$pid"
wait "$pid" && fail "Nextflow ends with 0 although it was killed"
timeout 30 bash -c 'until [[ -z $(reconstructing 1000000) ]]; do sleep 0.2; done' || fail "a reconstruction outlives Nextflow"
sed -i 's/1000000/6/' variants.csv
flow "${restart[@]}" -resume || fail "$(cat said)"
(($(tasks CACHED again) == 2 && $(tasks COMPLETED again) == 2)) || fail "what was done is not taken as it is: $(cat said)"
grep -q "initial: {file: .*kept/one/slow/result.emd" again/one/slow/reconstruct/resolved.yaml || fail "it starts from nothing"
expect again/one/slow/reconstruct/status.json 'm["complete"]'
kept=$(find kept -name result.emd 2>/dev/null | wc -l)
((kept == 0)) || fail "results of stopped runs are kept that have been finished since"

# Told to stop by USR2, as before a time limit: exit code 140, tried again from what it had written.
sed -i 's/=6$/=1500/' variants.csv
"$nextflow" run "$pipeline" -profile local --input samples.csv --tessera "$program" "${restart[@]}" >said 2>&1 &
pid=$!
timeout 120 bash -c 'until [[ -n $(reconstructing 1500) ]]; do sleep 0.1; done' || fail "it does not run: $(cat said)"
stopped=$(reconstructing 1500)
kill -USR2 "$(json "$stopped/status.json" 'm["pid"]')"
wait "$pid" || fail "it was not tried again: $(cat said)"
(($(tasks "exit 140" again) == 1)) || fail "no task ends with 140: $(cat again/pipeline_info/trace.txt)"
grep -q "^starting from .*kept/one/slow/result.emd" work/*/*/.command.out || fail "the second attempt starts from nothing"
grep -q "initial: {file: .*kept/one/slow/result.emd" again/one/slow/reconstruct/resolved.yaml || fail "its start is another"
expect again/one/slow/reconstruct/status.json 'm["complete"]'

# What is wrong is said once, and not tried again.
printf 'sample,config,data,set\nbad,run.yaml,data.h5,data.patterns=/absent\n' >samples.csv
flow --outdir bad --steps validate,reconstruct && fail "wrong data pass"
grep -q "/FailedActionStatus" bad/ro-crate-metadata.json || fail "the crate of what failed does not say so"
grep -q "there is no dataset /absent" said || fail "what is wrong is not said: $(cat said)"
(($(tasks "exit 66" bad) == 1 && $(tasks TESSERA_ bad) == 1)) || fail "$(cat bad/pipeline_info/trace.txt)"
# refused WORDS ARGUMENTS
refused() {
  local words=$1
  shift
  flow --outdir none "$@" && fail "$* is taken"
  grep -qF -- "$words" said || fail "$* does not say '$words': $(cat said)"
}
refused "--rnaks is unknown; there are" --rnaks 2
refused "--ranks is '0'; it must be integer from 1" --ranks 0
refused "--steps names compress; there are validate" --steps reconstruct,compress
printf 'sample,config,data\na,run.yaml,data.h5\na,run.yaml,data.h5\n' >samples.csv
refused "samples.csv has a more than once" --steps reconstruct
printf 'sample,config,data,colour\na,run.yaml,data.h5,red\n' >samples.csv
refused "samples.csv has the column colour; there are" --steps reconstruct

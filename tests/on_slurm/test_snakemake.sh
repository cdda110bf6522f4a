#!/usr/bin/env bash
# jobscripts/snakemake by its profile for Slurm: jobs of two ranks, an end of Snakemake in the middle, what comes after, and a job that
# Slurm tells to stop. Skipped (77) without Snakemake 7.
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

if ! snakemake --version 2>/dev/null | grep -q '^7\.'; then
  echo "skipped: no Snakemake 7 (Debian: snakemake)" # it is what runs here, and no part of what the program needs
  exit 77
fi
export XDG_CACHE_HOME=$work/cache CI=true # Snakemake looks after its jobs each second, not every ten
workflow_inputs
sed -i '/^one/d' samples.csv
cat >variants.csv <<'END'
variant,set
plain,solve.iterations=4
slow,solve.iterations=1000000
END
flow=(snakemake -s "$source_dir/jobscripts/snakemake/Snakefile" --profile "$source_dir/jobscripts/snakemake/profiles/slurm" --nocolor
  --default-resources tasks=1 runtime=30 mem_mb=400 --latency-wait 10 --config "tessera=$program" args=--quiet
  input=samples.csv variants=variants.csv outdir=results ranks=2 restart_dir=kept max_retries=1 "steps=validate,reconstruct,compare")

# `plain` is done and `slow` runs: Ctrl-C ends Snakemake, and its jobs with it.
set -m # else Ctrl-C does not reach what the shell has in the background
"${flow[@]}" >said 2>&1 &
pid=$!
set +m
slow=results/two/slow/reconstruct
runs() {
  timeout 120 bash -c "until [[ -e results/two/plain/compare.json ]] && grep -qsE 'iteration  *([2-9]|[0-9]{2,}) of $1' $slow/run.log
    do sleep 0.3; done" || fail "$(cat said; squeue; tail -n 5 slurm_log/*)"
}
runs 1000000
kill -INT "$pid"
wait "$pid" && fail "Snakemake ends with 0 although it was killed"
timeout 60 bash -c 'until [[ -z $(squeue -h) ]]; do sleep 0.5; done' || fail "jobs are left: $(squeue)"
printf 'killed in the middle: %s jobs were submitted\n' "$(grep -c 'Submitted job' said)"

# What was done is taken as it is; a job that gets the signal of its time limit is tried again and starts from what it had.
# What a job that nobody knows any more, and one that still runs, are to Snakemake.
status=$source_dir/jobscripts/snakemake/profiles/slurm/tessera_slurm_status
[[ $("$status" 999999) == failed ]] || fail "a forgotten job is $("$status" 999999)"
[[ $(SLURM_CONF=/dev/null "$status" 1) == running ]] || fail "without a controller a job is $(SLURM_CONF=/dev/null "$status" 1)"

sed -i 's/1000000/400/' variants.csv
rm -rf kept
"${flow[@]}" >said 2>&1 &
pid=$!
runs 400
scancel --signal=TERM "$(squeue -h -n reconstruct -o %A)"
wait "$pid" || fail "$(cat said; tail -n 5 slurm_log/*)"
! grep -q "rule preprocess" said || fail "a step runs that is not asked for"
! grep -q "plain/reconstruct/result.emd" <(grep "output:" said) || fail "what was done is done again: $(cat said)"
grep -q "Trying to restart job" said || fail "the signal stops no job: $(cat said)"
started=$(grep -l "^starting from .*kept/two/slow/result.emd" slurm_log/reconstruct-*.log | wc -l)
((started == 1)) || fail "$started attempts start from what was kept: $(cat said)"
expect "$slow/status.json" 'm["complete"] and m["ranks"] == 2'
expect results/two/slow/compare.json 'm["correlation"]["sum"] > 0.6'

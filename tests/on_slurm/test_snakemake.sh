#!/usr/bin/env bash
# jobscripts/snakemake with its profile for Slurm. Skipped (77) without Snakemake 7.
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

if ! snakemake --version 2>/dev/null | grep -q '^7\.'; then
  echo "snakemake: skipped: no Snakemake 7 (Debian: snakemake)"
  exit 77
fi
export XDG_CACHE_HOME=$work/cache
workflow_inputs
timeout 300 snakemake -s "$source_dir/jobscripts/snakemake/Snakefile" --profile "$source_dir/jobscripts/snakemake/profiles/slurm" \
  --latency-wait 20 --default-resources slurm_partition=debug slurm_account=none runtime=20 mem_mb=400 \
  --config tessera="$program" input=samples.csv outdir=results args="--quiet --set solve.iterations=4" \
  "steps=validate,reconstruct,compare" >said 2>&1 || fail "$(cat said)"
for sample in one two; do
  expect "results/$sample/default/reconstruct/status.json" 'm["complete"]'
done
expect results/two/default/compare.json '"correlation" in m'
grep -q "sbatch\|SLURM" said || fail "no job was submitted: $(cat said)"

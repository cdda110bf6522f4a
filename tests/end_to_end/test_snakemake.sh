#!/usr/bin/env bash
# jobscripts/snakemake on this machine: two samples with two variants on two ranks, nothing to do the second time, an end in
# the middle and what comes after, and what is wrong with what is given. Skipped (77) without Snakemake 7.
# cores: 1
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

if ! snakemake --version 2>/dev/null | grep -q '^7\.'; then
  echo "skipped: no Snakemake 7 (Debian: snakemake)"
  exit 77
fi
export XDG_CACHE_HOME=$work/cache
workflow_inputs

# flow CONFIG...: a run of the workflow, with what it says in `said`.
flow() {
  timeout 300 snakemake -s "$source_dir/jobscripts/snakemake/Snakefile" -j 2 --nocolor --config tessera="$program" \
    args="--quiet --set solve.iterations=4" input=samples.csv "$@" >said 2>&1
}
all=(variants=variants.csv outdir=results ranks=2 "steps=validate,reconstruct,resolution,compare,report")
flow "${all[@]}" || fail "$(cat said)"
workflow_tree results
expect results/one/plain/reconstruct/status.json 'm["ranks"] == 2'
flow "${all[@]}" || fail "$(cat said)"
grep -q "Nothing to be done" said || fail "the second run does something: $(cat said)"

# One variant more: the others stay as they are.
echo "third,solve.history=5" >>variants.csv
flow "${all[@]}" -n || fail "$(cat said)"
for rule in "validate *2" "reconstruct *2" "report *2"; do
  grep -qE "^$rule" said || fail "a further variant is not $rule: $(cat said)"
done
sed -i '/^third/d' variants.csv

# The whole chain, by its plan alone.
timeout 60 snakemake -s "$source_dir/jobscripts/snakemake/Snakefile" -n --nocolor --config tessera="$program" input=samples.csv \
  variants=variants.csv outdir=planned >said 2>&1 || fail "$(cat said)"
for rule in "validate *4" "preprocess *2" "calibrate *2" "reconstruct *4" "compare *2" "report *4"; do
  grep -qE "^$rule" said || fail "the plan has no $rule: $(cat said)"
done

# Told to stop in the middle: the result of the last iterate is kept, and the next run starts from it.
sed -i '/^two/d' samples.csv
slow=(outdir=again restart_dir=kept "steps=validate,reconstruct")
timeout 300 snakemake -s "$source_dir/jobscripts/snakemake/Snakefile" -j 2 --nocolor --config tessera="$program" input=samples.csv \
  args="--quiet --set solve.iterations=1000000" "${slow[@]}" >said 2>&1 &
pid=$!
log=again/one/default/reconstruct/run.log
timeout 60 bash -c "until grep -qsE 'iteration  *([2-9]|[0-9]{2,}) of' $log; do sleep 0.1; done" || fail "it does not run: $(cat said)"
kill -USR2 "$(json again/one/default/reconstruct/status.json 'm["pid"]')"
wait "$pid" && fail "Snakemake ends with 0 although its task was stopped"
[[ -s kept/one/default/result.emd ]] || fail "nothing is kept: $(cat said)"
[[ ! -e again/one/default/reconstruct/result.emd ]] || fail "a part passes as a result"
flow "${slow[@]}" || fail "$(cat said)"
grep -q "initial: {file: .*kept/one/default/result.emd" again/one/default/reconstruct/resolved.yaml || fail "it starts from nothing"
expect again/one/default/reconstruct/status.json 'm["complete"]'
[[ -z $(find kept -type f) ]] || fail "what was finished since is still kept"

# refused WORDS CONFIG...
refused() {
  local words=$1
  shift
  flow outdir=none "$@" && fail "$* is taken"
  grep -qF -- "$words" said || fail "$* does not say '$words': $(cat said)"
}
refused "there is no sheet absent.csv" input=absent.csv
refused "steps is reconstruct,compress; it names some of" steps=reconstruct,compress
printf 'sample,config,data\na,run.yaml,data.h5\na,run.yaml,data.h5\n' >samples.csv
refused "samples.csv has a more than once" steps=reconstruct
printf 'sample,config,data,colour\na,run.yaml,data.h5,red\n' >samples.csv
refused "samples.csv has the column colour; there are" steps=reconstruct
printf 'sample,config,data,set\nbad,run.yaml,data.h5,data.patterns=/absent\n' >samples.csv
refused "there is no dataset /absent" steps=validate,reconstruct

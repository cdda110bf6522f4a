#!/usr/bin/env bash
# The whole chain of jobscripts/nextflow, from what two microscopes leave to reports: a raw EMPAD file, and a Nion pair of a camera
# that distorts. Killed in the middle and resumed. Its figures and the times of its tasks are printed.
# Skipped (77) without Nextflow or Java.
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

find_nextflow

"$program" simulate "$source_dir/drivers/examples/mos2_simulate.yaml" --quiet --set "simulate.scan.shape=[16, 16]" \
  --set "simulate.detector.shape=[128, 128]" --set "simulate.output=$work/simulated.h5"
PYTHONPATH=$source_dir/tests/support PYTHONDONTWRITEBYTECODE=1 python "$source_dir/tests/on_slurm/chain_inputs.py" simulated.h5 \
  "$source_dir/tests/data/mos2_bilayer.h5"
rm simulated.h5

# What a user types: what the files tell is left out.
cat >empad.yaml <<END
data: {file: scan_x16_y16.raw}
beam: {semiangle_mrad: 21.4}
object: {representation: phase, slices: 2, slice_spacing_A: 6.2}
preprocess: {centre_px: fit, crop_px: [96, 96], output: ready.h5}
END
cat >nion.yaml <<END
data: {file: swift.npy}
beam: {semiangle_mrad: 21.4}
object: {representation: phase, slices: 2, slice_spacing_A: 6.2}
preprocess:
  distortion: {reference: {file: discs.h5, dataset: /belong}, distorted: {file: discs.h5, dataset: /seen}, degree: 2}
  centre_px: fit
  output: ready.h5
END
cat >samples.csv <<END
sample,config,data,reference,extra,set
empad,empad.yaml,scan_x16_y16.raw,empad_truth.h5,scan.xml,
nion,nion.yaml,swift.npy,nion_truth.h5,swift.json;discs.h5,
END
flow=("$nextflow" run "$source_dir/jobscripts/nextflow" -profile "${TESSERA_CHAIN_PROFILE:-slurm}" --queue debug --time 30m
  --input samples.csv --tessera "$program" --ranks 2 --outdir results --restart_dir kept --args=--quiet
  --steps "validate,preprocess,calibrate,reconstruct,resolution,compare,report")
trace=results/pipeline_info/trace.txt
count() { # count WORD: tasks of the last run with this status
  awk -F'\t' -v word="$1" '$5 == word' "$trace" | wc -l
}

# A reconstruction is at work: Nextflow is ended, and its jobs with it.
"${flow[@]}" >said 2>&1 &
pid=$!
at_work() {
  grep -lsE "iteration  *([2-9]|[0-9]{2,}) of" work/*/*/reconstruct/run.log | wc -l
}
export -f at_work
timeout 300 bash -c "until (( \$(at_work) > 0 )) || grep -q '^ERROR' said; do sleep 0.2; done" || fail "$(cat said)"
! grep -q "^ERROR" said || fail "$(cat said)"
kill -TERM "$pid" || fail "it ended by itself: $(cat said)"
wait "$pid" && fail "Nextflow ends with 0 although it was killed"
cut -f 4,5,6,8 "$trace" | grep COMPLETED >before.txt || fail "nothing was done: $(cat "$trace" said)"
done_before=$(wc -l <before.txt)
printf 'killed in the middle: %s tasks were done\n' "$done_before"
((done_before >= 3)) || fail "too little was done: $(cat "$trace")"

"${flow[@]}" -resume >said 2>&1 || fail "$(cat said)"
(($(count CACHED) >= done_before && $(count CACHED) + $(count COMPLETED) == 14)) ||
  fail "$done_before tasks were done: $(cat "$trace")"
[[ -s results/pipeline_info/timeline.html ]] || fail "no timeline"
for sample in empad nion; do
  folder=results/$sample
  for file in preprocess/data.h5 preprocess/data_steps/preprocess.json calibrate/candidates.png calibrate/calibration.json \
    default/reconstruct/result.emd default/reconstruct/residual.png default/resolution/frc.png default/report.html; do
    [[ -s $folder/$file ]] || fail "$folder/$file is not there"
  done
  expect "$folder/calibrate/calibration.json" 'm["orientation"]["sure"] and 80 < m["C10_A"]["value"] < 130'
  expect "$folder/default/compare.json" 'm["correlation"]["sum"] > 0.9'
  printf '%s: defocus %.0f A, correlation with the truth %.3f, misfit %.3f\n' "$sample" \
    "$(json "$folder/calibrate/calibration.json" 'm["C10_A"]["value"]')" \
    "$(json "$folder/default/compare.json" 'm["correlation"]["sum"]')" \
    "$(json "$folder/default/reconstruct/metrics.json" 'm["misfit"]["median"]')"
  for part in residuals resolution comparison calibration; do
    grep -q "id=\"$part\"" "$folder/default/report.html" || fail "the report of $sample has no $part"
  done
done
# Name, how it ended, exit code and seconds of each task, of both runs.
cat before.txt
cut -f 4,5,6,8 "$trace" | grep -v -e "^name" -e CACHED

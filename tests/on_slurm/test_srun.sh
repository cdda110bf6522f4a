#!/usr/bin/env bash
# srun on four emulated nodes: the same result as on one rank, the GPUs that each rank sees, and a job's signal before its end.
source "$2/tests/end_to_end/support.sh"
source "$source_dir/tests/end_to_end/workflow.sh"

workflow_inputs
run=(reconstruct run.yaml --quiet --set solve.iterations=4)
timeout 120 srun -N4 -n4 "$program" "${run[@]}" --set output.directory=nodes >said 2>&1 || fail "$(cat said)"
"$program" compare nodes/result.emd truth/result.emd --json >compare.json
expect compare.json 'm["correlation"]["sum"] > 0.999'
expect nodes/status.json 'm["ranks"] == 4'

# One GPU for each task, or both for all.
seen=$(srun -n2 -N1 --gpus-per-task=1 bash -c 'echo $CUDA_VISIBLE_DEVICES' | sort | tr '\n' ' ')
[[ $seen == "0 1 " ]] || fail "two tasks with a GPU each see '$seen'"
seen=$(srun -n1 --gres=gpu:2 bash -c 'echo $CUDA_VISIBLE_DEVICES')
[[ $seen == 0,1 ]] || fail "a task with two GPUs sees '$seen'"

# jobscripts/slurm_cpu asks for TERM before the time limit: a run that is told so ends with its last iterate, and says so.
sbatch --wait -o job.log -n1 --wrap "exec srun '$program' reconstruct run.yaml --quiet --set solve.iterations=1000000 \
  --set output.directory=long" >sbatch.log 2>&1 &
job=$!
timeout 60 bash -c 'until grep -qsE "iteration  *([2-9]|[0-9]{2,}) of" long/run.log; do sleep 0.2; done' || fail "$(cat job.log)"
scancel --signal=TERM "$(sed -n 's/^Submitted batch job //p' sbatch.log)"
code=0
wait "$job" || code=$?
((code == 143)) || fail "the job ends with $code, not 143: $(cat job.log)"
expect long/status.json 'm["state"] == "stopped" and m["result_written"]'

# Sourced by the script around each task (process.beforeScript). When a task is told to stop, Nextflow's own answer is to signal
# all its processes, shells too, and to end at once: Slurm then kills what still writes. Here what runs the program is told, and
# waited for, so that its result and the exit code of the stop are there: the ranks themselves, where they are this shell's own;
# or else mpirun, which tells them, or Slurm, which tells all of the job's steps: srun itself would kill its own. An srun below
# mpirun carries mpirun's messages and is left alone.
on_term() {
  set +e
  local family=" $pid " child parent name ranks="" mpirun="" srun="" told
  while read -r child parent name; do
    [[ $family == *" $parent "* ]] || continue
    family+="$child "
    case $name in
      "$(basename "$TESSERA_PROGRAM" | cut -c1-15)") ranks+=" $child" ;;
      mpirun | mpiexec | orterun | prterun) mpirun+=" $child" ;;
      srun) srun+=" $child" ;;
    esac
  done < <(ps -e -o pid= -o ppid= -o comm= | sort -n)
  told=${ranks:-$mpirun}
  if [[ -n $told ]]; then
    kill -TERM $told
  elif [[ -n $srun ]]; then
    scancel --signal=TERM "$SLURM_JOB_ID"
  else
    nxf_kill "$pid"
  fi
  wait "$pid"
}

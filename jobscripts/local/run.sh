#!/usr/bin/env bash
# Reconstructs on this machine, on all its cores unless told otherwise:  run.sh RUN.yaml [RANKS [OPTIONS OF TESSERA]]
set -euo pipefail
if (($# == 0)); then
  sed -n '2s/^# //p' "$0" >&2
  exit 2
fi
tessera=$(dirname "$0")/../../build/drivers/tessera
run_file=$1
cores=$(lscpu --parse=CORE,SOCKET | grep -v "^#" | sort -u | wc -l)
ranks=${2:-$cores}
export OMP_NUM_THREADS=1
exec mpirun -n "$ranks" --bind-to core "$tessera" reconstruct "$run_file" "${@:3}"

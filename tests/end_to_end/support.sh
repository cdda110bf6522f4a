# Sourced by the scripts of this folder with their own $1, the program, and $2, the source directory: works in a folder
# of its own that goes at the end.
set -euo pipefail
program=$(realpath "$1")
source_dir=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OMP_NUM_THREADS=1
export OMPI_MCA_hwloc_base_binding_policy=none
if [[ $(id -u) == 0 ]]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# on_ranks N ARGUMENTS: the program on N ranks.
on_ranks() {
  local ranks=$1
  shift
  if ((ranks == 1)); then
    "$program" "$@"
  else
    mpirun --oversubscribe -n "$ranks" "$program" "$@"
  fi
}

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# python ARGUMENTS: the interpreter that has h5py.
python() {
  /usr/bin/python3 "$@"
}

# bilayer_run FILE.h5: the run file of tests/data/mos2_bilayer.h5, or of data made from it, with the probe started 20 angstrom
# out of focus; solve, regularisers and output are the caller's.
bilayer_run() {
  cat <<END
version: 1
data: {file: $1, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.052083333}
beam: {energy_keV: 80, semiangle_mrad: 21.4, aberrations: {C10_A: 120}}
object: {representation: phase, slices: 2, slice_spacing_A: 6.2}
END
}

# json FILE EXPRESSION: the expression of the file's content `m`.
json() {
  python -c 'import json, sys; m = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

# expect FILE CONDITION: a condition on the file's content `m` holds.
expect() {
  [[ $(json "$1" "$2") == True ]] || fail "$2 is not so in $1: $(json "$1" '{k: m[k] for k in list(m) if k != "loss"}')"
}

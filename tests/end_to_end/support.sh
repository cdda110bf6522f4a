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

# same_data A.h5 B.h5: the same datasets and attributes, bit by bit, but for what the files say of their making.
same_data() {
  python - "$1" "$2" <<'END'
import h5py, sys

def everything(name):
    found = {}
    def look(path, item):
        if path.startswith("provenance"):
            return
        data = (item.dtype.str, item.shape, item[()].tobytes()) if isinstance(item, h5py.Dataset) else ()
        found[path] = (data, {key: str(value) for key, value in item.attrs.items()})
    with h5py.File(name) as file:
        file.visititems(look)
        found["/"] = {key: str(value) for key, value in file.attrs.items()}
    return found

a, b = (everything(name) for name in sys.argv[1:])
different = [path for path in a.keys() | b.keys() if a.get(path) != b.get(path)]
sys.exit(f"{sys.argv[1]} and {sys.argv[2]} differ in {different}" if different or len(a) < 3 else 0)
END
}

# python_with NAME WORD...: makes the virtual environment python/NAME in the build folder, once, by `pip install WORD...`, and
# prints its interpreter. Where that cannot be (no network, say) it says why on stderr and fails: what needs it is skipped.
python_with() {
  local folder
  folder=$(dirname "$(dirname "$program")")/python/$1
  shift
  mkdir -p "$(dirname "$folder")"
  (
    flock 9
    [[ -e $folder/complete ]] && exit 0
    rm -rf "$folder"
    timeout 600 /usr/bin/python3 -m venv "$folder" && timeout 600 "$folder/bin/pip" install --quiet "$@" && : >"$folder/complete"
  ) 9>"$folder.lock" >"$folder.log" 2>&1 || {
    printf 'skipped: no python with %s: %s\n' "$*" "$(tail -n 1 "$folder.log")" >&2
    return 1
  }
  printf '%s\n' "$folder/bin/python"
}

# formats_python, validators_python: those with what writes other programs' files, and with what judges results.
formats_python() {
  python_with formats numpy h5py rosettasciio emdfile hdf5plugin tifffile stempy
}
validators_python() {
  python_with validators prov==3.* roc-validator==0.13.* rocrate pynxtools==0.16.*
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

# noise_data: data.h5, a raster of 6 x 6 patterns of 32 x 32 pixels of noise, 5 counts each, for what never looks at an image.
noise_data() {
  python - <<'END'
import h5py, numpy as np

with h5py.File("data.h5", "w") as file:
    y, x = np.mgrid[:6, :6]
    file["data"] = np.random.default_rng(1).poisson(5, (36, 32, 32)).astype("uint16")
    file["positions_A"] = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)
END
}

# noise_run: the run file of such data; solve and output are the caller's.
noise_run() {
  cat <<END
version: 1
data: {file: data.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.05}
beam: {energy_keV: 80, semiangle_mrad: 10}
object: {representation: phase}
END
}

# vacuum_object: empty.h5, whose /phase is zero on 25.6 x 25.6 angstrom about the origin.
vacuum_object() {
  python - <<'END'
import h5py, numpy as np

with h5py.File("empty.h5", "w") as file:
    file["phase"] = np.zeros((1, 128, 128))
    file["phase"].attrs["pixel_size_A"] = [0.2, 0.2]
    file["phase"].attrs["origin_A"] = [-12.8, -12.8]
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

# check_table: what the program says of bad or unusual input. One case a line of standard input,
#
#   CODE | TEXT | SUBCOMMAND ARGUMENTS
#
# on one rank and on three, three cases at a time (an mpirun that fails mostly sleeps): the program ends within 20 seconds
# with this code and TEXT in what it says: in its one line `ERROR: ` when CODE is not 0, otherwise in a line `WARNING: `. An
# empty TEXT asks for nothing, and `nothing` for no such line. `$out` in the arguments is a folder of the case's own, not
# made yet, in which nothing may be left under the name of a result, and no status may say that it still runs. Lines that
# begin with # are notes. Only one rank: `1 CODE | ...`. Cases that share a file or folder: `at_once=1 check_table`.
check_table() {
  local line code text arguments ranks failures cases=0
  rm -rf cases
  mkdir cases
  while IFS= read -r line; do
    if [[ -z $line || $line == \#* ]]; then continue; fi
    IFS='|' read -r code text arguments <<<"$line"
    read -ra code <<<"$code"
    text=$(sed 's/^ *//; s/ *$//' <<<"$text")
    for ranks in 1 3; do
      if ((${#code[@]} == 2 && ranks != code[0])); then continue; fi
      cases=$((cases + 1))
      while (($(jobs -rp | wc -l) >= ${at_once:-3})); do wait -n || :; done # what a case found is in its folder
      check_case "cases/$cases" "$ranks" "${code[-1]}" "$text" "$arguments" &
    done
  done
  wait
  failures=$((cases - $(find cases -name passed | wc -l)))
  printf '%s cases, %s failures\n' "$cases" "$failures"
  ((failures == 0)) || fail "$failures of the cases above"
}

# check_case FOLDER RANKS CODE TEXT ARGUMENTS: makes the folder, and in it a file `passed`.
check_case() {
  local folder=$1 ranks=$2 expected=$3 text=$4 code=0 problem="" said kind lines stderr=$1/stderr
  mkdir "$folder"
  export out=$work/$folder/out
  local arguments
  eval "arguments=($5)"
  export -f on_ranks
  program=$program timeout -k 5 20 bash -c 'on_ranks "$@"' on_ranks "$ranks" "${arguments[@]}" \
    >"$folder/stdout" 2>"$stderr" </dev/null || code=$?
  ((code == expected)) || problem+=" exit code $code, not $expected;"
  kind=$( ((expected == 0)) && echo WARNING || echo ERROR)
  said=$(sed -n "/^$kind: /p" "$stderr")
  lines=$(sed -n '/^ERROR: /p' "$stderr" | wc -l)
  if ((expected != 0 && lines != 1)); then problem+=" $lines lines begin with ERROR:;"; fi
  if [[ $text == nothing ]]; then
    [[ -z $said ]] || problem+=" it says something;"
  elif [[ -n $text ]]; then
    grep -qF -- "$text" <<<"$said" || problem+=" no line $kind: holds '$text';"
  fi
  if ((expected != 0)) && [[ -n $(find "$out" -name '*.emd' -o -name '*.png' -o -name '*.tmp*' -o -name '*.h5' 2>/dev/null) ]]; then
    problem+=" something is left behind;"
  fi
  if grep -qs '"state": "running"' "$out/status.json"; then problem+=" status.json says that it runs;"; fi
  rm -rf "$out"
  if [[ -n $problem ]]; then
    printf 'FAILED on %s ranks: %s:%s\n%s\n' "$ranks" "$5" "$problem" "$(head -c 1000 "$stderr")"
    return
  fi
  touch "$folder/passed"
  printf '%s ranks, %s: %s\n' "$ranks" "$code" "$(head -n 1 <<<"$said" | cut -c1-300)"
}

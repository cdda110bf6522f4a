#!/usr/bin/env bash
# Every format that is read, from files that other packages write where there are any: arrays are bit-equal on one, two and
# four ranks, and metadata fill the keys that the run file leaves out.
# cores: 1
source "$2/tests/end_to_end/support.sh"
build=$(dirname "$(dirname "$program")")
dump=$build/drivers/dump_patterns

# What needs a package of others that is not there is skipped and said.
vectors=$(formats_python) || vectors=/usr/bin/python3
mkdir cases
cd cases
env -u HDF5_PLUGIN_PATH "$vectors" -B "$source_dir/tests/end_to_end/format_vectors.py" # hdf5plugin brings its own

# Bitshuffle needs Debian's plugin; without it the error names the package.
if [[ -d dectris_bitshuffle ]] && ! (cd dectris_bitshuffle && "$dump" run.yaml ../out.raw 2>../error); then
  grep -q 'Debian: bitshuffle' error || fail "dectris_bitshuffle: $(cat error)"
  echo "skipped: dectris_bitshuffle: $(cat error)"
  rm -r dectris_bitshuffle
fi

failures=0
for name in */; do
  name=${name%/}
  cd "$name"
  for ranks in 1 2 4; do
    launcher=()
    if ((ranks > 1)); then launcher=(mpirun --oversubscribe -n "$ranks"); fi
    timeout 60 "${launcher[@]}" "$dump" run.yaml "out$ranks.raw" 2>error || {
      echo "FAILED: $name on $ranks ranks: $(head -n 3 error)"
      failures=$((failures + 1))
    }
  done
  # What is given here no format tells; what the file tells stays, as it is found.
  "$program" inspect run.yaml >inspected 2>&1 || {
    echo "FAILED: inspect $name: $(cat inspected)"
    failures=$((failures + 1))
  }
  cd ..
done
python - <<'END_OF_CHECK' || failures=$((failures + 1))
import json, os, sys
import numpy as np

wrong = 0
for name in sorted(os.listdir(".")):
    if not os.path.isdir(name):
        continue
    expected = np.load(f"{name}/expected.npy")
    for ranks in (1, 2, 4):
        try:
            about = json.load(open(f"{name}/out{ranks}.raw.json"))
            read = np.fromfile(f"{name}/out{ranks}.raw", about["type"]).reshape(about["shape"])
            good = read.shape == expected.shape and read.dtype == expected.dtype and read.tobytes() == expected.tobytes()
        except (OSError, ValueError) as error:
            good, about = False, str(error)
        if not good:
            wrong += 1
            print(f"FAILED: {name} on {ranks} ranks: not {expected.shape} {expected.dtype} element by element: {about}")
    told = open(f"{name}/inspected").read().splitlines()
    for line in open(f"{name}/facts.txt"):
        key, value = line.strip().split(": ")
        found = [t for t in told if t.strip().startswith(f"{key}: {value}")]
        if not found:
            wrong += 1
            print(f"FAILED: {name}: {key} is not {value}: {[t for t in told if t.strip().startswith(key + ':')]}")
print(f"{len(os.listdir('.'))} files, {wrong} wrong")
sys.exit(wrong > 0)
END_OF_CHECK
((failures == 0)) || fail "$failures of the cases above"

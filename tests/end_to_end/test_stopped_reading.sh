#!/usr/bin/env bash
# A signal while the patterns are read ends the run after the block that it is at, whatever the rank that gets it: status.json
# says so, and the exit code is the signal's. The file holds 16 GiB of patterns in 16 MiB: to read them takes far longer than
# the test waits.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import zlib
import h5py, numpy as np

chunk, chunks, pixels = 64, 8192, 128
stored = zlib.compress(np.tile(np.eye(pixels, dtype="uint16"), (chunk, 1, 1)).tobytes(), 9)
with h5py.File("data.h5", "w") as file:
    y, x = np.mgrid[:chunks * 4, :chunk // 4]
    file["positions_A"] = np.stack([0.5 * y.ravel(), 0.5 * x.ravel()], axis=1)
    patterns = file.create_dataset("data", (chunk * chunks, pixels, pixels), "uint16", chunks=(chunk, pixels, pixels),
                                   compression="gzip")
    for i in range(chunks):
        patterns.id.write_direct_chunk((chunk * i, 0, 0), stored)
    file["segments"] = np.tile(np.repeat([1, 2], pixels // 2), (pixels, 1))
    # The same, of which each rank reads what it needs by itself.
    virtual = h5py.VirtualLayout((chunk * chunks, pixels, pixels), "uint16")
    virtual[...] = h5py.VirtualSource("data.h5", "data", (chunk * chunks, pixels, pixels))
    file.create_virtual_dataset("virtual", virtual)
END
cat >run.yaml <<END
version: 1
data: {file: data.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.02, virtual: {file: data.h5, dataset: /segments}}
beam: {energy_keV: 80, semiangle_mrad: 20}
object: {representation: phase}
END

# is_reading FOLDER: waits until the run of FOLDER tells that it begins to read: with the sampling sheet.
is_reading() {
  for ((i = 0; i < 900; ++i)); do
    if grep -q 'overlap' "$1/run.log" 2>/dev/null; then
      sleep 1
      return
    fi
    sleep 0.1
  done
  fail "$1 does not read after 90 seconds: $(cat "$1"/run.log stderr)"
}

# stops RANKS SIGNAL CODE DATASET: one rank, the last, gets the signal.
stops() {
  local ranks=$1 signal=$2 expected=$3 folder=out$1$2${4//\//_} pid whom code=0 begun
  local launcher=()
  if ((ranks > 1)); then launcher=(mpirun --oversubscribe -n "$ranks"); fi
  "${launcher[@]}" "$program" reconstruct run.yaml --quiet --set "output.directory=$folder" --set "data.patterns=$4" \
    2>stderr &
  pid=$!
  is_reading "$folder"
  whom=$pid
  if ((ranks > 1)); then whom=$(pgrep -P "$pid" -f reconstruct | tail -n 1); fi
  begun=$(date +%s%N)
  kill -"$signal" "$whom"
  wait "$pid" || code=$?
  local ms=$((($(date +%s%N) - begun) / 1000000))
  echo "$ranks ranks, $signal to one, $4: exit code $code after $ms ms"
  ((code == expected)) || fail "exit code $code, not $expected: $(<stderr)"
  ((ms < 10000)) || fail "it took $ms ms"
  expect "$folder/status.json" 'm["state"] == "stopped" and m["complete"] is False and m["result_written"] is False'
  expect "$folder/status.json" "m['exit_code'] == $expected and 'signal $signal before the solve; no result' in m['stop_reason']"
  [[ $(grep -c "^ERROR: stopped by signal $signal" stderr) == 1 && ! -e $folder/run.lock ]] || fail "$(<stderr)"
}

for dataset in /data /virtual; do
  stops 1 TERM 143 "$dataset"
  stops 3 TERM 143 "$dataset"
  stops 3 USR1 138 "$dataset"
done

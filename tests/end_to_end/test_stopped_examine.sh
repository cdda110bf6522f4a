#!/usr/bin/env bash
# check-gradient, compare and inspect write nothing that could be left half done: a signal ends them at once, with its exit code.
# cores: 1
source "$2/tests/end_to_end/support.sh"

# A result of 4 GiB in 4 MiB, which takes long to go through.
python - <<'END'
import zlib
import h5py, numpy as np

planes, n, rows = 64, 4096, 512
stored = zlib.compress(np.zeros((rows, n), "float32").tobytes(), 1)
with h5py.File("large.emd", "w") as file:
    group = file.create_group("reconstruction/slices")
    data = group.create_dataset("data", (planes, n, n), "float32", chunks=(1, rows, n), compression="gzip")
    for plane in range(planes):
        for y in range(0, n, rows):
            data.id.write_direct_chunk((plane, y, 0), stored)
    group.attrs["pixel_size_A"], group.attrs["origin_A"] = 0.1, [0.0, 0.0]
    y, x = np.mgrid[:20, :20]
    file["reconstruction/positions/data"] = np.stack([20.0 * y.ravel(), 20.0 * x.ravel()], axis=1)
END

failures=0
# stops RANKS SIGNAL CODE ARGUMENTS: the last rank gets the signal two seconds after the start.
stops() {
  local ranks=$1 signal=$2 expected=$3 pid whom code=0 begun ms
  shift 3
  local launcher=()
  if ((ranks > 1)); then launcher=(mpirun --oversubscribe -n "$ranks"); fi
  "${launcher[@]}" "$program" "$@" >/dev/null 2>stderr &
  pid=$!
  sleep 2
  whom=$pid
  if ((ranks > 1)); then whom=$(pgrep -P "$pid" -f "$1" | tail -n 1); fi
  begun=$(date +%s%N)
  kill -"$signal" "$whom" || fail "$1 has ended before the signal: $(<stderr)"
  wait "$pid" || code=$?
  ms=$((($(date +%s%N) - begun) / 1000000))
  echo "$ranks ranks, $signal, $1: exit code $code after $ms ms"
  if ((code != expected || ms > 5000)); then
    echo "FAILED: exit code $code, not $expected, after $ms ms"
    failures=$((failures + 1))
  fi
}

for signal in TERM:143 HUP:129 USR1:138; do
  stops 1 "${signal%:*}" "${signal#*:}" inspect large.emd
  for ranks in 1 3; do
    stops "$ranks" "${signal%:*}" "${signal#*:}" compare large.emd large.emd
    stops "$ranks" "${signal%:*}" "${signal#*:}" check-gradient "$source_dir/drivers/examples/siemens_star.yaml"
  done
done
((failures == 0)) || fail "$failures of the cases above"
[[ $(ls) == $'large.emd\nstderr' ]] || fail "something is left behind: $(ls)"

#!/usr/bin/env bash
# A run on a GPU is the run on the host, but for rounding; without one, a run that wants one says why there is none, and
# one that does not care goes on.
source "$2/tests/end_to_end/support.sh"
star=$source_dir/drivers/examples/siemens_star.yaml
few=(--set solve.iterations=10 --set solve.max_gradients=10 --set output.pictures=false)

run() {
  "$program" reconstruct "$star" --force "${few[@]}" --set "output.directory=$PWD/$1" "${@:2}" >"$1.log" 2>&1
}
metric() {
  sed -n "s/^ \"$2\": \"\{0,1\}\([^\",]*\).*/\1/p" "$1/metrics.json"
}

run host --set run.device=host || fail "the run on the host"
run auto || fail "the run on whatever there is"
if run cuda --set run.device=cuda; then
  [[ $(metric auto device) == cuda ]] || fail "auto did not take the GPU"
  grep -q "GPU of rank 0" auto.log || fail "the run does not say which GPU it took"
  python3 - "$(metric host r_factor)" "$(metric cuda r_factor)" <<'END' || fail "R differs between host and GPU"
import sys
host, gpu = map(float, sys.argv[1:])
print(f"R {host} on the host, {gpu} on the GPU")
sys.exit(abs(host - gpu) > 2e-3 * host)
END
else
  [[ $(metric auto device) == host ]] || fail "auto took $(metric auto device)"
  grep -q "ERROR.*run.device is cuda, and .*; use run.device: host" cuda.log || fail "why there is no GPU is not said: $(cat cuda.log)"
fi

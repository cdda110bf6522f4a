#!/usr/bin/env bash
# What a user can get wrong ends within 20 seconds in one line and the right exit code, on one rank and on four, and
# leaves nothing under the name of a result.
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(1)
with h5py.File("data.h5", "w") as file:
    y, x = np.mgrid[:6, :6]
    counts = rng.poisson(5, (36, 32, 32))
    file["data"] = counts.astype("uint16")
    file["raster"] = counts.reshape(6, 6, 32, 32).astype("uint16")
    file["positions_A"] = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)
    file["positions_too_few"] = file["positions_A"][:35]
    file["two"] = counts[:2].astype("uint16")
    file["two_positions"] = file["positions_A"][:2]
    file["mask_too_small"] = np.ones((31, 32), "uint8")
    file["no_patterns"] = np.ones((32, 32))
    for name, bad in (("with_nan", np.nan), ("with_negative", -1.0), ("with_infinity", np.inf)):
        broken = counts.astype("float32")
        broken[35, 3, 4] = bad
        file[name] = broken
END
{
  noise_run
  echo 'solve: {iterations: 2}'
} >run.yaml
echo "a file" >file
failures=0
within=() # a command that runs the run

# ends CODE RANKS WORD ARGUMENTS: the run fails with this code and one ERROR line that holds the word.
ends() {
  local expected=$1 ranks=$2 word=$3 code=0
  shift 3
  rm -rf out
  local command=("$program")
  if ((ranks > 1)); then command=(mpirun --oversubscribe -n "$ranks" "$program"); fi
  timeout -k 5 20 "${within[@]}" "${command[@]}" reconstruct run.yaml \
    --set "output.directory=$work/out" "$@" >stdout 2>stderr || code=$?
  local lines left problem=""
  lines=$(grep -c '^ERROR: ' stderr || true)
  left=$(find out \( -name '*.emd' -o -name '*.png' -o -name 'metrics.json' -o -name '*.tmp*' \) 2>/dev/null || true)
  if ((code != expected)); then problem+=" exit code $code, not $expected;"; fi
  if ((lines != 1)); then problem+=" $lines lines begin with ERROR:;"; fi
  if ! grep '^ERROR: ' stderr | grep -qi -- "$word"; then problem+=" the line does not name $word;"; fi
  if [[ -n $left ]]; then problem+=" left behind: $left;"; fi
  if [[ -n $problem ]]; then
    printf 'FAILED on %s ranks with %s:%s\n' "$ranks" "$*" "$problem"
    head -n 5 stderr
    failures=$((failures + 1))
  else
    printf '%s ranks: %s\n' "$ranks" "$(grep '^ERROR: ' stderr)"
  fi
}

for ranks in 1 4; do
  ends 78 "$ranks" iterations --set solve.iteration=3
  ends 78 "$ranks" energy_keV --set beam.energy_keV=-80
  ends 66 "$ranks" nothing_here --set data.patterns=/nothing_here
  ends 66 "$ranks" absent.h5 --set data.file=absent.h5
  ends 65 "$ranks" positions_too_few --set data.positions=/positions_too_few
  ends 65 "$ranks" mask_too_small --set data.mask=/mask_too_small
  ends 65 "$ranks" no_patterns --set data.patterns=/no_patterns
  ends 78 "$ranks" data.subset.n --set data.patterns=/raster --set "data.subset.n=[0, 9]"
  ends 78 "$ranks" data.subset.ry --set "data.subset.ry=[0, 3]"
  ends 78 "$ranks" data.subset.rx --set "data.subset.rx=[0, null, 2]"
  ends 65 "$ranks" with_nan --set data.patterns=/with_nan
  ends 65 "$ranks" with_infinity --set data.patterns=/with_infinity
  ends 65 "$ranks" with_negative --set data.patterns=/with_negative
  ends 78 "$ranks" window --set beam.aberrations.C10_A=5000
  ends 73 "$ranks" output.directory --set "output.directory=$work/file/below"
  ends 2 "$ranks" no-such-option --no-such-option
  ends 78 "$ranks" iterations --set solve.iteration=3 --print-config
done
ends 78 4 positions --set data.patterns=/two --set data.positions=/two_positions

# What needs no MPI speaks once under a launcher, too.
code=0
on_ranks 4 inspect absent.h5 2>stderr || code=$?
((code == 66)) && [[ $(grep -c '^ERROR: ' stderr) == 1 ]] || fail "inspect on 4 ranks: exit code $code, $(<stderr)"
for command in manual --help --version; do
  on_ranks 1 "$command" >once
  on_ranks 4 "$command" >under_mpirun
  cmp -s once under_mpirun || fail "$command does not print once on 4 ranks"
done

# A full disk: a file system of 256 KiB, where the user may mount one.
if unshare -rm true 2>/dev/null; then
  mkdir full
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  within=(unshare -rm sh -c 'mount -t tmpfs -o size=256k tmpfs "$0" && "$@"; code=$?; ls -A "$0" >left; exit $code'
    "$work/full")
  for ranks in 1 4; do
    ends 74 "$ranks" space --set "output.directory=$work/full" --set object.slices=10 --set object.slice_spacing_A=1
    [[ $(tr '\n' ' ' <left) == "report.html resolved.yaml ro-crate-metadata.json run.log status.json " ]] || fail "a full disk leaves $(<left)"
  done
fi

# Limits on the size of files, above what MPI itself makes, and on memory.
within=(bash -c 'ulimit -f 8192 && exec "$@"' limited)
for ranks in 1 4; do
  ends 74 "$ranks" "ulimit -f" --set object.slices=250 --set object.slice_spacing_A=1
  expect out/status.json 'm["state"] == "failed" and m["complete"] is False'
done
within=(bash -c 'ulimit -v 4000000 && exec "$@"' limited)
ends 78 1 "ulimit -v" --set object.margin_px=4000
within=()

((failures == 0)) || fail "$failures of the cases above"

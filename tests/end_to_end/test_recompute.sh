#!/usr/bin/env bash
# Waves that are made again instead of kept: the same result to the last bit, in less memory, by itself where memory is
# short.
source "$2/tests/end_to_end/support.sh"
star=$source_dir/drivers/examples/siemens_star.yaml
thick=(--set object.slice_spacing_A=5 --set object.margin_px=0 --set "data.subset.n=[0, 36]" --set output.pictures=false
  --set output.report=false)

run() {
  on_ranks "$1" reconstruct "$star" --force --quiet --reproducible "${thick[@]}" --set object.slices=9 --set solve.iterations=3 \
    --set "refine.gaps={from: 1}" --set "output.directory=$PWD/$2" --set "run.recompute=$3" "${@:4}"
}
for ranks in 1 2; do
  run "$ranks" kept never
  run "$ranks" again always --set run.threads=2
  [[ $(json kept/metrics.json 'm["loss"]') == "$(json again/metrics.json 'm["loss"]')" ]] || fail "another loss on $ranks ranks"
  python - <<'END' || fail "another result on $ranks ranks"
import sys
import h5py

def arrays(name):
    found = {}
    with h5py.File(name) as file:
        file.visititems(lambda path, item: found.update({path: item[()].tobytes()})
                        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fc" and item.ndim > 0 else None)
    return found

kept, again = arrays("kept/result.emd"), arrays("again/result.emd")
# Loss and gradient of iterations are there, but not how long they took.
differ = [path for path in kept if kept[path] != again[path] and "seconds" not in path]
print(f"{len(kept)} arrays, {len(differ)} differ")
sys.exit(1 if differ or kept.keys() != again.keys() or len(kept) < 5 else 0)
END
done

# A hundred slices on sixteen threads: 3.2 GiB with all waves, 1.9 GiB with few.
within() {
  (
    ulimit -v "$1"
    on_ranks 1 reconstruct "$star" --dry-run "${thick[@]}" --set object.slices=100 --set beam.modes=8 --set run.threads=16 \
      --set solve.method=cg --set "output.directory=$PWD/dry" "${@:2}" 2>&1
  )
}
within 8000000 >roomy || fail "a dry run with room: $(<roomy)"
if grep -q "made again" roomy; then fail "waves are made again though there is memory"; fi
within 3000000 >short || fail "a dry run with little room: $(<short)"
grep -q "^waves before slices: 19 places instead of 100, which saves 1\.[0-9]* GiB of a rank; those between are made again" short ||
  fail "short of memory: $(<short)"
code=0
within 3000000 --set run.recompute=never >never || code=$?
((code == 78)) || fail "run.recompute: never ends with $code: $(<never)"
grep -q "ERROR: a rank would hold 3\.[0-9]* GiB .* the waves of 8 modes .*; object.slices is 100, and run.recompute: auto would keep fewer" never ||
  fail "no word of run.recompute: $(<never)"

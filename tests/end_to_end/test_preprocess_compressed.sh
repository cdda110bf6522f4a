#!/usr/bin/env bash
# Every kind of compression of tessera preprocess: channels are the sums that the file says, the same file on any number of
# ranks, and reconstruct reads it directly, on any number of ranks, by the run file beside it.
source "$2/tests/end_to_end/support.sh"

data=$source_dir/tests/data/mos2_bilayer.h5
bilayer_run "$data" >run.yaml
cat >>run.yaml <<END
solve: {iterations: 15, max_gradients: 15}
output: {pictures: false}
preprocess: {pictures: false, compress: {channels: 40}}
END
for kind in none bin segments smooth random pca; do
  more=()
  if [[ $kind == segments ]]; then more=(--set "preprocess.compress.rings_px=[4, 7, 9, 11, 14, 24]" --set preprocess.compress.azimuths=7); fi
  for ranks in 1 2 3; do
    on_ranks "$ranks" preprocess run.yaml --quiet --set preprocess.output=$kind$ranks.h5 \
      --set preprocess.compress.kind=$kind --set "preprocess.block_MiB=$((65 - 20 * ranks))" "${more[@]}"
    same_data ${kind}1.h5 $kind$ranks.h5 || fail "kind $kind differs on $ranks ranks"
  done
done
python - "$data" <<'END'
import h5py, numpy as np, sys

patterns = h5py.File(sys.argv[1])["data"][()].reshape(576, -1).astype("float64")
for kind in ("bin", "segments", "smooth", "random", "pca"):
    group = h5py.File(kind + "1.h5")["compressed"]
    stored = group["data"][()]
    assert stored.shape[:2] == (24, 24), stored.shape
    detector = group["detector"]
    if "labels" in detector:
        v = np.stack([detector["labels"][()].ravel() == i + 1 for i in range(detector["labels"][()].max())])
        assert stored.dtype == "uint32"
    elif "masks" in detector:
        v = detector["masks"][()].reshape(40, -1)
    else:
        v = np.zeros(np.prod(detector["shape"][()])).reshape(40, -1)
        for row, (first, last) in enumerate(zip(detector["indptr"][:-1], detector["indptr"][1:])):
            v[row, detector["indices"][first:last]] = detector["data"][first:last]
    channels = patterns @ v.astype("float64").T
    assert np.abs(stored.reshape(576, -1) - channels).max() <= 1e-6 * np.abs(channels).max(), kind
# Principal components hold more of the patterns than random sums or bumps do: by how well they give them back.
noise = 1 / np.sqrt(patterns.mean(axis=0) + 0.01 * patterns.mean())
left = {}
for kind in ("random", "pca"):
    v = h5py.File(kind + "1.h5")["compressed/detector/masks"][()].reshape(40, -1) / noise
    x = patterns * noise
    q, _ = np.linalg.qr(v.T.astype("float64"))
    left[kind] = ((x - (x @ q) @ q.T) ** 2).sum() / (x**2).sum()
best = 1 - (np.linalg.svd(x, compute_uv=False)[:40] ** 2).sum() / (x**2).sum()
print("left of the patterns:", left, "at best", best)
assert left["pca"] < best + 0.01 and left["pca"] < 0.5 * left["random"]
END

for kind in none bin segments smooth random pca; do
  on_ranks 2 reconstruct ${kind}1.yaml --quiet 2>warnings
  ! grep -v 'fitted values over unknowns' warnings || fail "kind $kind warns"
  "$program" compare ${kind}1_result/result.emd "$data" --json >$kind.json
  printf '%s: %s bytes, correlation %s\n' "$kind" "$(stat -c %s ${kind}1.h5)" "$(json $kind.json 'm["correlation"]["sum"]')"
done
expect bin.json 'm["correlation"]["sum"] > 0.95'
expect segments.json 'm["correlation"]["sum"] > 0.75'
expect smooth.json 'm["correlation"]["sum"] > 0.75'
expect random.json 'm["correlation"]["sum"] > 0.75'
expect pca.json 'm["correlation"]["sum"] > 0.8'
for kind in segments pca; do
  on_ranks 3 reconstruct ${kind}1.yaml --quiet --set output.directory=three_$kind 2>>warnings
  "$program" compare three_$kind/result.emd ${kind}1_result/result.emd --json >three.json
  expect three.json 'm["correlation"]["sum"] > 0.99999'
done

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
# Detectors of one's own: halves of rings as labels, and shifted Gaussians of which every other is negative.
python - <<'END'
import h5py, numpy as np

y, x = np.mgrid[:96, :96] - 48
r = np.hypot(y, x)
labels = np.where(r < 30, 1 + 2 * (r // 3) + (x > y), 0).astype("uint8")
masks = [np.where(r < 30, (-1) ** i * np.exp(-(((y - 10 * np.sin(i)) ** 2 + (x - 10 * np.cos(i)) ** 2) / 60)), 0) for i in range(20)]
with h5py.File("own.h5", "w") as file:
    file["labels"] = labels
    file["masks"] = np.array(masks, "float32")
    file["list/shape"] = (20, 96 * 96)  # how pixels lie is not said, but by the patterns
    file["list/indptr"] = 96 * 96 * np.arange(21)
    file["list/indices"] = np.tile(np.arange(96 * 96), 20)
    file["list/data"] = np.array(masks, "float32").ravel()
END
for name in none bin segments smooth random pca own_labels own_masks own_list; do
  kind=$name more=()
  if [[ $kind == segments ]]; then more=(--set "preprocess.compress.rings_px=[4, 7, 9, 11, 14, 24]" --set preprocess.compress.azimuths=7); fi
  if [[ $name == own_* ]]; then kind=given more=(--set "preprocess.compress.detectors={file: own.h5, dataset: /${name#own_}}"); fi
  for ranks in 1 2 3; do
    on_ranks "$ranks" preprocess run.yaml --quiet --set preprocess.output=$name$ranks.h5 \
      --set preprocess.compress.kind=$kind --set "preprocess.block_MiB=$((65 - 20 * ranks))" "${more[@]}"
    same_data ${name}1.h5 $name$ranks.h5 || fail "$name differs on $ranks ranks"
  done
done
python - "$data" <<'END'
import h5py, numpy as np, sys

patterns = h5py.File(sys.argv[1])["data"][()].reshape(576, -1).astype("float64")
own = h5py.File("own.h5")
for kind in ("bin", "segments", "smooth", "random", "pca", "own_labels", "own_masks", "own_list"):
    group = h5py.File(kind + "1.h5")["compressed"]
    stored = group["data"][()]
    assert stored.shape[:2] == (24, 24), stored.shape
    detector = group["detector"]
    if "labels" in detector:
        v = np.stack([detector["labels"][()].ravel() == i + 1 for i in range(detector["labels"][()].max())])
        assert stored.dtype == "uint32"
    elif "masks" in detector:
        v = detector["masks"][()].reshape(len(detector["masks"]), -1)
    else:
        v = np.zeros(np.prod(detector["shape"][()])).reshape(detector["shape"][0], -1)
        for row, (first, last) in enumerate(zip(detector["indptr"][:-1], detector["indptr"][1:])):
            v[row, detector["indices"][first:last]] = detector["data"][first:last]
    if kind == "own_labels":
        assert (detector["labels"][()] == own["labels"][()]).all()
    elif kind.startswith("own"):
        assert (v == own["masks"][()].reshape(20, -1)).all() and stored.dtype == "float32"
    channels = patterns @ v.astype("float64").T
    assert np.abs(stored.reshape(576, -1) - channels).max() <= 1e-6 * np.abs(channels).max(), kind
assert "weighted" in open("own_masks1.yaml").read() and "weighted" not in open("own_labels1.yaml").read()
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

for kind in none bin segments smooth random pca own_labels own_list; do
  on_ranks 2 reconstruct ${kind}1.yaml --quiet 2>warnings
  ! grep -v 'fitted values over unknowns' warnings || fail "kind $kind warns"
  "$program" compare ${kind}1_result/result.emd "$data" --json >$kind.json
  printf '%s: %s bytes, correlation %s\n' "$kind" "$(stat -c %s ${kind}1.h5)" "$(json $kind.json 'm["correlation"]["sum"]')"
done
expect bin.json 'm["correlation"]["sum"] > 0.95'
expect segments.json 'm["correlation"]["sum"] > 0.75'
expect smooth.json 'm["correlation"]["sum"] > 0.75'
expect random.json 'm["correlation"]["sum"] > 0.75'
expect own_labels.json 'm["correlation"]["sum"] > 0.75'
expect own_list.json 'm["correlation"]["sum"] > 0.3'
expect pca.json 'm["correlation"]["sum"] > 0.8'
for kind in segments pca; do
  on_ranks 3 reconstruct ${kind}1.yaml --quiet --set output.directory=three_$kind 2>>warnings
  "$program" compare three_$kind/result.emd ${kind}1_result/result.emd --json >three.json
  expect three.json 'm["correlation"]["sum"] > 0.99999'
done

#!/usr/bin/env bash
# preprocess.compress.kind: events. Lists hold what patterns do, in fewer bytes, the same file on any number of ranks, whatever
# the order in which patterns lie in the file, and over many chunks; reconstruct reads them.
source "$2/tests/end_to_end/support.sh"

data=$source_dir/tests/data/mos2_bilayer.h5
cat >sets.py <<'END'
import h5py, numpy as np, sys

random = np.random.default_rng(1)
with h5py.File(sys.argv[1]) as file:
    counts = file["data"][()].astype("int64")
    positions = file["positions_A"][()]
counts[:, :, :, 40] = 0  # a column that the mask leaves out
thin = random.binomial(counts, 0.02).astype("uint16")
thin[:, :, :, 40] = 3
mask = np.ones((96, 96), "uint8")
mask[:, 40] = 0
# Blocks of 2 rows and 8 columns, so that a round of reading holds no whole row.
for name, chunks in ("thin", None), ("blocks", (2, 8, 96, 96)):
    with h5py.File(name + ".h5", "w") as file:
        file.create_dataset("data", data=thin, chunks=chunks)
        file["mask"] = mask
        file["positions_A"] = positions
# Two hundred to a thousand electrons in each of many patterns: lists of several MiB.
dose = 200 + 800 * random.random((48, 64, 1, 1))
falls = np.exp(-np.hypot(*np.mgrid[-32:32, -32:32]) / 9)
with h5py.File("long.h5", "w") as file:
    file["data"] = random.poisson(dose * falls / falls.sum()).astype("uint8")
    file["mask"] = np.ones((64, 64), "uint8")
    file["positions_A"] = 2.0 * np.stack(np.mgrid[:48, :64], axis=-1).reshape(-1, 2)
END
python sets.py "$data"
cat >same.py <<'END'
import h5py, numpy as np, sys

lists, patterns = (h5py.File(name) for name in sys.argv[1:])
patterns = patterns["data"][()]
count, pixel = lists["events/count"][()], lists["events/pixel"]
assert count.shape == patterns.shape[:2] and pixel.dtype == "uint16"
patterns = patterns.reshape(count.size, -1)
listed = np.zeros_like(patterns)
np.add.at(listed, (np.repeat(np.arange(count.size), count.ravel()), pixel[()]), 1)
assert (listed == patterns * lists["mask"][()].ravel()).all(), "lists hold other counts"
assert lists["events/largest"][0] == listed.max()
print(f"{pixel.size} electrons of {count.size} patterns")
END

# both SET OPTION...: writes SET as patterns and as lists, the same on 1, 2 and 3 ranks, and compares them.
both() {
  local set=$1 kind ranks
  shift
  for kind in none events; do
    for ranks in 1 2 3; do
      on_ranks "$ranks" preprocess thin.yaml --quiet --force --set preprocess.output="$set$kind$ranks.h5" --set preprocess.pictures=false \
        --set data.mask=/mask --set preprocess.compress.kind=$kind "$@"
      same_data "${set}${kind}1.h5" "$set$kind$ranks.h5" || fail "$set: kind $kind differs on $ranks ranks"
    done
  done
  python same.py "${set}events1.h5" "${set}none1.h5" || fail "$set: lists are not the patterns"
}

bilayer_run thin.h5 >thin.yaml
echo 'solve: {iterations: 3}' >>thin.yaml
both thin --set preprocess.block_MiB=2
(($(stat -c %s thinevents1.h5) * 5 < $(stat -c %s thinnone1.h5))) || fail "lists take $(stat -c %s thinevents1.h5) bytes"
grep -q '"step":"events"' thinevents1_steps/preprocess.json || fail "no word of the lists"
both snake --set preprocess.block_MiB=2 --set data.scan_order=snake
both blocks --set data.file=blocks.h5 --set preprocess.block_MiB=1
both blocks_snake --set data.file=blocks.h5 --set preprocess.block_MiB=1 --set data.scan_order=snake
both long --set data.file=long.h5 --set preprocess.block_MiB=3

losses() { json "$1/metrics.json" '" ".join("%.6g" % x for x in m["loss"])'; }
for kind in none events; do on_ranks 2 reconstruct thin${kind}1.yaml --quiet --set output.pictures=false 2>warnings; done
[[ $(losses thinevents1_result) == "$(losses thinnone1_result)" ]] || fail "lists reconstruct as $(losses thinevents1_result), patterns as $(losses thinnone1_result)"

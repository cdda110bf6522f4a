#!/usr/bin/env bash
# `resolution`: two halves of the positions that share none, reconstructed and compared, on one rank and on three; the figure
# follows the dose, and says of noise that there is nothing; what cannot be is one line, before anything is computed.
source "$2/tests/end_to_end/support.sh"

# The bilayer's patterns as (N, ky, kx), and at 4 per thousand of the dose as a raster, which noise without a specimen has, too.
python - "$source_dir/tests/data/mos2_bilayer.h5" <<'END'
import h5py, numpy as np, sys

rng = np.random.default_rng(3)
with h5py.File(sys.argv[1]) as source, h5py.File("data.h5", "w") as file:
    counts = source["data"][()]
    file["positions_A"] = source["positions_A"][()].reshape(576, 2)
    file["data"] = counts.reshape(576, 96, 96)
    file["thin"] = rng.binomial(counts.astype("int64"), 0.004).astype("uint16")
    file["noise"] = rng.poisson(0.004 * counts.mean(axis=(0, 1)), counts.shape).astype("uint16")
END
bilayer_run data.h5 >run.yaml
common=(run.yaml --quiet --set solve.iterations=12)
on_ranks 3 resolution "${common[@]}" --set output.directory=full
on_ranks 1 resolution "${common[@]}" --set output.directory=serial
on_ranks 2 resolution "${common[@]}" --set data.patterns=/thin --set output.directory=thin
on_ranks 2 resolution "${common[@]}" --set data.patterns=/noise --set output.directory=noise
python - <<'END'
import h5py, json, numpy as np

def read(folder):
    with open(folder + "/resolution.json") as file:
        figures = json.load(file)
    positions = [h5py.File(f"{folder}/{half}")["reconstruction/positions/data"][()] for half in figures["halves"]]
    return figures, positions

whole = h5py.File("data.h5")["positions_A"][()]
found = {name: read(name) for name in ("full", "serial", "thin", "noise")}
for name, (figures, halves) in found.items():
    sets = [set(map(tuple, half)) for half in halves]
    assert [len(half) for half in halves] == figures["positions"] == [288, 288], name
    assert not sets[0] & sets[1] and sets[0] | sets[1] == set(map(tuple, whole)), f"{name}: halves share or lack positions"
    curve = figures["curve"]
    assert len(curve["frc"]) == len(curve["half_bit"]) == len(curve["frequency_invA"]) > 20, name
    assert max(map(abs, curve["frc"])) <= 1 + 1e-9, name
    print(name, figures["frc_half_bit_A"], figures["finest_half_bit_A"], figures["correlation"])

# Every second of a list is every second column here; of a raster the fields of a checkerboard.
index = lambda half: np.rint((half - whole.min(axis=0)) / 0.8).astype(int)
assert (index(found["full"][1][0])[:, 1] % 2 == 0).all()
assert (index(found["thin"][1][0]).sum(axis=1) % 2 == 0).all() and (index(found["thin"][1][1]).sum(axis=1) % 2 == 1).all()

full, serial, thin, noise = (found[name][0] for name in ("full", "serial", "thin", "noise"))
assert full["reaches_limit"] and full["frc_half_bit_A"] == full["limit_A"] and full["correlation"] > 0.97
assert np.allclose(full["curve"]["frc"], serial["curve"]["frc"], atol=1e-3), "three ranks find another curve than one"
assert full["finest_half_bit_A"] < 1.05 * full["limit_A"]
assert not thin["reaches_limit"] and 1.2 * thin["limit_A"] < thin["finest_half_bit_A"] < 2.5, thin["finest_half_bit_A"]
assert noise["frc_half_bit_A"] > 10 and noise["finest_half_bit_A"] is None and noise["correlation"] < 0.5
# The curve crosses where it says.
k = 1 / thin["frc_half_bit_A"]
excess = np.array(thin["curve"]["frc"]) - thin["curve"]["half_bit"]
frequency = np.array(thin["curve"]["frequency_invA"])
assert (excess[1:][frequency[1:] < k] >= 0).all() and excess[frequency > k][0] < 0
END
for file in frc.png half_even/phase.png half_odd/phase.png half_odd/status.json; do
  [[ -s thin/$file ]] || fail "thin/$file is not there"
done
[[ ! -e thin/resolution.lock ]] || fail "the lock stays"
expect thin/half_odd/status.json 'm["complete"] and m["state"] == "finished"'

# Told to stop in the first half: its result, no comparison.
"$program" resolution run.yaml --quiet --set solve.iterations=100000 --set output.directory=stopped 2>stderr &
pid=$!
timeout 60 bash -c 'until grep -qs "iteration  *2 of" stopped/half_even/run.log; do sleep 0.1; done' || fail "no iteration: $(<stderr)"
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
((code == 143)) || fail "exit code $code, not 143"
expect stopped/half_even/status.json 'm["state"] == "stopped" and m["result_written"]'
[[ ! -e stopped/resolution.json && ! -e stopped/half_odd ]] || fail "something was made of one half"

mkdir taken locked
: >taken/resolution.json
: >locked/half_odd
at_once=1 check_table <<END
0 | nothing | resolution run.yaml --quiet --dry-run --set output.directory=\$out
73 | taken/resolution.json exists; --force overwrites it | resolution run.yaml --set output.directory=taken
73 | half_odd | resolution run.yaml --set output.directory=locked
73 | full/half_even/result.emd exists; --force overwrites it | resolution run.yaml --set output.directory=full
78 | data.subset.half is given | resolution run.yaml --set data.subset.half=odd --set output.directory=\$out
78 | data.subset.half is third; it must be whole, even or odd | resolution run.yaml --set data.subset.half=third --set output.directory=\$out
1 78 | data.subset.half leaves nothing of 1 positions | reconstruct run.yaml --quiet --set "data.subset.n=[3, 4]" --set data.subset.half=odd --set output.directory=\$out
66 | absent.h5 | resolution run.yaml --quiet --set data.file=absent.h5 --set output.directory=\$out
0 | object.initial is the start of both halves | resolution run.yaml --quiet --dry-run --set output.directory=\$out --set "object.initial={file: full/half_even/result.emd, dataset: /reconstruction/object/data}"
END
[[ ! -e locked/half_even ]] || fail "the first half was begun"

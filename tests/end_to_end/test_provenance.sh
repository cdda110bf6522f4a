#!/usr/bin/env bash
# Where a result comes from: what it says of its run and its inputs, the chain of runs that history follows, two reproducible runs with
# the same bytes, and what the validators of PROV, RO-Crate and NeXus say (where they can be installed).
# cores: 1
source "$2/tests/end_to_end/support.sh"

noise_data
cat >notebook.yaml <<'END'
sample: {name: MoS2 flake, atom_types: "Mo, S", preparation_date: 2026-05-04T10:30:00+02:00, is_simulation: false, operator: nobody}
END
{
  noise_run
  cat <<'END'
refine: {object: {from: 0}, probe: {from: 1}, positions: {from: 2}}
solve: {iterations: 4}
sample: {file: notebook.yaml, name: another flake}
END
} >run.yaml

# quietly ARGUMENTS: the run, of which only errors are shown.
quietly() {
  "$@" 2>said || fail "$(grep ERROR said)"
}

for ranks in 1 3; do
  SLURM_JOB_ID=4711 quietly on_ranks "$ranks" reconstruct run.yaml --quiet --force --set output.directory=first
  python - "$ranks" "$work" <<'END'
import hashlib, json, os, sys, h5py

ranks, work = int(sys.argv[1]), sys.argv[2]
file = h5py.File("first/result.emd")
process = file["reconstruction/process"]
prov = json.loads(process["provenance/data"][()])
config = process["config_yaml/data"][()].decode().rstrip("\0")
assert config == open("first/resolved.yaml").read()
run = prov["activity"]["run:reconstruction"]
for name in ("status", "metrics"):
    assert json.load(open(f"first/{name}.json"))["run_id"] == run["tessera:run_id"], name
assert run["tessera:ranks"] == ranks and run["tessera:SLURM_JOB_ID"] == "4711", run
assert [run[f"tessera:rank_{i}"] for i in range(ranks)] == [os.uname().nodename] * ranks, run
assert "reconstruct run.yaml --quiet --force --set output.directory=first" in run["tessera:command"], run
assert run["prov:startTime"] <= run["prov:endTime"] and run["prov:startTime"].endswith("Z")
assert prov["entity"]["run:configuration"]["tessera:sha256"] == hashlib.sha256(config.encode()).hexdigest()
data = next(e for e in prov["entity"].values() if e["prov:label"] == "data.file")
content = open("data.h5", "rb").read()
digests = [hashlib.sha256(content[i:i + 2**26]).digest() for i in range(0, len(content), 2**26)]
assert data["tessera:sha256-tree-64MiB"] == hashlib.sha256(b"".join(digests)).hexdigest(), data
assert data["tessera:bytes"] == len(content) and data["tessera:path"] == f"{work}/data.h5", data
assert any(e["prov:label"] == "sample.file" for e in prov["entity"].values())
sample = file["experiment/sample"]
assert file["experiment/definition"][()] == b"NXem" and sample["name"][()] == b"another flake"
assert sample["atom_types"][()] == b"Mo, S" and not sample["is_simulation"][()]
assert file["experiment/profiling/max_processes"][()] == ranks
assert file["experiment/profiling/computer1/name"][()].decode() == os.uname().nodename
crate = {e["@id"]: e for e in json.load(open("first/ro-crate-metadata.json"))["@graph"]}
action = crate["#" + run["tessera:run_id"]]
assert action["actionStatus"].endswith("/CompletedActionStatus")
assert {"@id": "result.emd"} in action["result"] and {"@id": "report.html"} in action["result"]
assert all(os.path.exists("first/" + r["@id"]) for r in action["result"])
END
  python "$source_dir/tests/check_emd.py" first/result.emd
done

# A chain of runs: the second begins from the first.
quietly "$program" reconstruct run.yaml --quiet --set output.directory=second --set beam.rescale=false --set output.hash=head \
  --set "object.initial={file: first/result.emd, dataset: /reconstruction/object/data}" \
  --set "beam.initial={file: first/result.emd, dataset: /reconstruction/probe/data}"
id=$(json first/status.json 'm["run_id"]')
"$program" history second/result.emd >said
python - "$work" "$id" <<'END'
import re, sys

work, first = sys.argv[1:]
blocks = open("said").read().strip().split("\n\n")
assert len(blocks) == 2, blocks
assert blocks[0].startswith(f"{work}/first/result.emd\n") and f"run     {first}" in blocks[0]
assert blocks[1].startswith("second/result.emd\n")
assert f"read    data.file = {work}/data.h5: unchanged\n" in blocks[0] + "\n", blocks[0]
assert f"read    object.initial = {work}/first/result.emd: unchanged in its first MiB; result of run {first}" in blocks[1], blocks[1]
assert re.search(r"key +solve.iterations: 4$", blocks[0], re.M) and re.search(r"key +beam.energy_keV: 80$", blocks[0], re.M), blocks[0]
assert "relative_decrease" not in blocks[0], blocks[0]
END
# From raw data to the image: preprocessed data say what they were made of.
mkdir raw
python - <<'END'
import h5py, numpy as np

with h5py.File("raw/dark.h5", "w") as file:
    file["dark"] = np.zeros((32, 32))
END
cp data.h5 raw/scan.h5
sed 's|^data: {file: data.h5|data: {file: raw/scan.h5|' run.yaml >raw.yaml
for ranks in 1 2; do
  quietly on_ranks "$ranks" preprocess raw.yaml --quiet --force --set preprocess.output=ready.h5 --set preprocess.crop_px=24 \
    --set "preprocess.dark={file: raw/dark.h5, dataset: /dark}" --set preprocess.pictures=false
  quietly on_ranks "$ranks" reconstruct ready.yaml --quiet --force --set output.directory=of_ready
  "$program" history of_ready/result.emd >said
  python - "$work" "$ranks" <<'END'
import h5py, json, re, sys

work, ranks = sys.argv[1:]
made = json.loads(h5py.File("ready.h5")["provenance/prov_json"][()])["activity"]["run:preprocessing"]["tessera:run_id"]
blocks = open("said").read().strip().split("\n\n")
assert len(blocks) == 2, blocks
assert blocks[0].startswith(f"{work}/ready.h5\n") and f"run     {made}" in blocks[0] and f"{ranks} ranks" in blocks[0], blocks[0]
assert f"read    data.file = {work}/raw/scan.h5: unchanged\n" in blocks[0] + "\n", blocks[0]
assert f"read    preprocess.dark = {work}/raw/dark.h5: unchanged" in blocks[0], blocks[0]
assert re.search(r"key +preprocess.crop_px: 24$", blocks[0], re.M), blocks[0]
assert f"read    data.file = {work}/ready.h5: unchanged; result of run {made}" in blocks[1], blocks[1]
END
done
"$program" history ready.h5 | grep -q 'data.file = .*raw/scan.h5: unchanged' || fail "data alone do not say where they come from"
mkdir -p there/deep
cp -r raw raw.yaml notebook.yaml there/deep
for folder in . there/deep; do
  (cd $folder && quietly "$program" preprocess raw.yaml --quiet --force --set run.reproducible=true --set preprocess.output=twin.h5 \
    --set preprocess.pictures=false)
done
cmp twin.h5 there/deep/twin.h5 || fail "two reproducible preprocesses differ"
rm -r there
printf 'x' | dd of=data.h5 bs=1 seek=5000 conv=notrunc 2>/dev/null
"$program" history first/result.emd | grep -q 'data.file = .*: changed since' || fail "changed data are not told"
mv data.h5 hidden.h5
"$program" history first/result.emd | grep -q 'data.file = .*: gone' || fail "lost data are not told"
mv hidden.h5 data.h5
mv first elsewhere
"$program" history second/result.emd >said
grep -q "object.initial = .*: gone; result of run $id" said || fail "a lost parent is not told: $(cat said)"
mv elsewhere first
# A folder of patterns is many files, and not gone.
python - <<'END'
import os
import h5py, numpy as np

os.mkdir("frames")
with h5py.File("data.h5") as file:
    for i, frame in enumerate(file["data"][()].reshape(-1, *file["data"].shape[-2:])):
        np.save(f"frames/f{i}.npy", frame)
END
quietly "$program" reconstruct run.yaml --quiet --set output.directory=of_folder --set "data.file=frames/f{n}.npy" \
  --set data.patterns=null --set "data.positions={file: data.h5, dataset: /positions_A}"
"$program" history of_folder/result.emd >said
count=$(ls frames | wc -l)
grep -q 'data.positions = .*/data.h5: unchanged' said || fail "positions of another file are no input"
grep -q "data.file = .*: $count files, unchanged$" said || fail "a folder of patterns: $(cat said)"
touch -d '2 days ago' frames/f1.npy # content counts, not time
"$program" history of_folder/result.emd | grep -q "$count files, unchanged$" || fail "touched files are others"
printf x >>frames/f3.npy
"$program" history of_folder/result.emd | grep -q "$count files, changed since" || fail "a changed file among many is not told"
rm frames/f3.npy
"$program" history of_folder/result.emd | grep -q "$count files, gone\|$count files, $((count - 1)) files now" || fail "a lost file among many is not told"
rm -r frames
"$program" history of_folder/result.emd | grep -q "$count files, gone" || fail "a lost folder is not told"
quietly "$program" reconstruct run.yaml --quiet --set output.directory=none --set output.hash=none
"$program" history none/result.emd | grep -q 'data.file = .*: there; its content was not recorded' || fail "no hash, and not told"

# Two reproducible runs give the same bytes, which know no time, place or path.
mkdir -p there
cp data.h5 run.yaml notebook.yaml there
for ranks in 1 2; do
  quietly on_ranks "$ranks" reconstruct run.yaml --quiet --reproducible --set "output.directory=once$ranks"
  sleep 1.1
  (cd there && TZ=Asia/Tokyo quietly on_ranks "$ranks" reconstruct run.yaml --quiet --reproducible --set "output.directory=again$ranks")
  [[ $(sha256sum <"once$ranks/result.emd") == $(sha256sum <"there/again$ranks/result.emd") ]] ||
    fail "two reproducible runs on $ranks ranks differ: $(cmp "once$ranks/result.emd" "there/again$ranks/result.emd")"
  ! strings -n 8 "once$ranks/result.emd" | grep -qwF -e "$work" -e "$(hostname)" -e "$(date -u +%Y-%m-%d)" ||
    fail "a reproducible result knows a time, place or path"
  python "$source_dir/tests/check_emd.py" "once$ranks/result.emd"
done
"$program" history once1/result.emd | grep -q 'when    not told: a reproducible run' || fail "no history of a reproducible run"
[[ $(json once1/status.json 'm["run_id"]') != $(json none/status.json 'm["run_id"]') ]] || fail "an id for two runs"

echo '{sample: {atom_types: [Mo]}}' >half.yaml
echo 'no more' >empty.txt
check_table <<'END'
78 | sample.preparation_date is missing | reconstruct run.yaml --set output.directory=$out --set sample.file=half.yaml
78 | sample.preparation_date is missing | reconstruct run.yaml --dry-run --set output.directory=$out --set sample.file=half.yaml
78 | sample.atom_types has Xx, which is no element | reconstruct run.yaml --set output.directory=$out --set "sample.atom_types=[Xx]"
78 | it must be a time with its zone | reconstruct run.yaml --set output.directory=$out --set sample.preparation_date=yesterday
66 | sample.file | reconstruct run.yaml --set output.directory=$out --set sample.file=absent.yaml
78 | output.hash is some | reconstruct run.yaml --set output.directory=$out --set output.hash=some
1 66 | absent.emd | history absent.emd
1 65 | does not say where it comes from | history data.h5
1 2 | FILE is required | history
END

# The validators.
if ! validator=$(validators_python); then
  echo "PROV, RO-Crate and NeXus are not validated"
  exit 0
fi
"$validator" - <<'END'
import json, prov.model, subprocess

text = subprocess.check_output(["/usr/bin/python3", "-c", "import h5py; print(h5py.File('second/result.emd')['reconstruction/process/provenance/data'][()].decode().rstrip(chr(0)))"], text=True)
document = prov.model.ProvDocument.deserialize(content=text, format="json")
assert document.has_bundles() is False and len(list(document.get_records(prov.model.ProvUsage))) == 5, document.get_provn()
assert len(list(document.get_records(prov.model.ProvDerivation))) == 4
again = json.loads(document.serialize(format="json"))
assert again["entity"].keys() == json.loads(text)["entity"].keys() and again["activity"]["run:reconstruction"]["tessera:run_id"], again
print("prov:", len(list(document.get_records())), "records")
END
"$validator" "$source_dir/tests/check_crate.py" second >crate.log 2>&1 || fail "rocrate-validator: $(cat crate.log)"
# It is seen to refuse.
cp -r second refused
sed -i '/"instrument"/,/}/d' refused/ro-crate-metadata.json
! "$validator" "$source_dir/tests/check_crate.py" refused >crate.log 2>&1 || fail "a crate without an instrument is taken"
grep -q 'MUST have an instrument' crate.log || fail "rocrate-validator: $(cat crate.log)"
cp second/result.emd second.nxs
"$(dirname "$validator")/validate_nexus" --ignore-undocumented second.nxs >nexus.log 2>&1 || fail "validate_nexus: $(cat nexus.log)"
grep -q 'entry `experiment` in file .* is valid according to the `NXem`' nexus.log || fail "validate_nexus: $(cat nexus.log)"
echo "validated: PROV, Process Run Crate, NXem"

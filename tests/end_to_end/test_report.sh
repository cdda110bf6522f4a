#!/usr/bin/env bash
# report.html: made by every run, whole, with all pictures, without anything from elsewhere, and with no text that could be
# markup; of runs that failed or died, too. Folders that hold no run end in one line.
source "$2/tests/end_to_end/support.sh"

folder='a <script>alert(1)<_script> & "b"'
mkdir "$folder"
(cd "$folder" && noise_data)
cat >run.yaml <<END
version: 1
data: {file: '$folder/data.h5', patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.05}
beam: {energy_keV: 80, semiangle_mrad: 10, modes: 2}
object: {representation: phase, slices: 3, slice_spacing_A: 5}
refine: {object: {from: 0}, probe: {from: 1}, positions: {from: 2}, background: {from: 2}}
solve: {iterations: 6, held_out: 0.1}
END

# check_page DIRECTORY: what must be true of any report; its state is printed.
check_page() {
  python - "$1" <<'END'
import base64, pathlib, re, sys, xml.etree.ElementTree as tree

folder = pathlib.Path(sys.argv[1])
text = (folder / "report.html").read_text()
assert text.startswith("<!DOCTYPE html>")
page = tree.fromstring(text[len("<!DOCTYPE html>"):])  # well-formed
for element in page.iter():
    assert element.tag not in ("link", "iframe", "object", "embed", "base"), element.tag
    for name, value in element.attrib.items():
        assert name not in ("href", "srcset", "action") and not name.startswith("on"), (element.tag, name)
        assert name != "src" or value.startswith("data:image/png;base64,"), value[:80]
        assert "://" not in value.split(",")[0], value[:80]
style = "".join(s.text for s in page.iter("style"))
assert "url(" not in style and "@import" not in style
scripts = [s.text for s in page.iter("script")]
assert len(scripts) == 1 and "http" not in scripts[0] and "fetch" not in scripts[0], "a script that is not the page's own"
images = [base64.b64decode(i.get("src").split(",", 1)[1]) for i in page.iter("img")]
assert all(i.startswith(b"\x89PNG") for i in images)
result = re.search(r'<span class="state (\w+)">', text).group(1)
for path in folder.glob("*.png"):  # curves are drawn anew, and slices one by one
    if path.stem not in ("loss", "unknowns", "slices") and result == "finished":
        assert path.read_bytes() in images, path
print(result)
END
}

for ranks in 1 3; do
  on_ranks "$ranks" reconstruct run.yaml --quiet --force --set "output.directory=out"
  [[ $(check_page out) == finished ]] || fail "the report of a run that finished says $(check_page out)"
  python - <<'END'
import json, xml.etree.ElementTree as tree

text = open("out/report.html").read()
page = tree.fromstring(text[len("<!DOCTYPE html>"):])
words = " ".join("".join(page.itertext()).split())
sections = [s.get("id") for s in page.iter("section")]
assert sections == ["image", "slices", "probe", "convergence", "residuals", "refined", "sampling", "time", "provenance", "configuration", "log"], sections
assert 'a <script>alert(1)<_script> & "b"/data.h5' in words and "<script>alert" not in text
stack = next(d for d in page.iter("div") if d.get("class") == "stack")
assert [f.text for f in stack.iter("figcaption")] == [f"slice {i} of 0 to 2" for i in range(3)]
assert len({i.get("src") for i in stack.iter("img")}) == 3
assert len(list(page.iter("svg"))) == 3, "loss, positions and background against the iteration"
m = json.load(open("out/metrics.json"))
assert f"{m['r_factor']:.4g}" in words and f"held out {m['held_out_loss_per_pixel']:.4f}" in words
for figure in m["sampling"].values():
    assert figure["what"] in words, figure
log = [line for line in open("out/run.log") if line.startswith("WARNING")]
assert log and all(" ".join(line[9:].split()) in words for line in log), log
keys = next(s for s in page.iter("section") if s.get("id") == "configuration").find("pre").text
assert "held_out: 0.1" in keys and "relative_decrease" not in keys, keys
status = json.load(open("out/status.json"))
assert status["progress"]["iteration"] == m["iterations"] and status["progress"]["loss"] == m["loss"][-1], status
assert status["progress"]["gradients"] == m["gradients"] and status["progress"]["held_out_loss_per_pixel"] > 0, status
END
done

# Made anew from the folder alone, it is the same but for the moment and the size of the log.
cp out/report.html first.html
mv "$folder" elsewhere
"$program" report out
cmp <(sed 's/on 20[0-9TZ:-]* from/on from/; s/20[0-9-]*T[0-9:]*Z//g' first.html) \
  <(sed 's/on 20[0-9TZ:-]* from/on from/; s/20[0-9-]*T[0-9:]*Z//g' out/report.html) || fail "made anew, the report is another one"
mv elsewhere "$folder"

# What other commands find of a result is on its page, unless the result is newer.
"$program" resolution run.yaml --quiet --set output.directory=out --set solve.iterations=3 --set solve.held_out=0
cp out/result.emd first.emd
"$program" compare out/result.emd first.emd --json >out/compare.json
"$program" report out
[[ $(check_page out) == finished ]] || fail "with a resolution the page is no page"
grep -qF "$(json out/resolution.json 'm["summary"]')" out/report.html && grep -q 'ring correlation of two halves' out/report.html || fail "no resolution"
grep -q '<td>correlation of the phase</td><td class="number">1</td>' out/report.html || fail "no comparison"
touch -d '2 days ago' out/resolution.json out/compare.json
"$program" report out
! grep -q 'id="resolution"\|id="comparison"' out/report.html || fail "what was found of an earlier result is shown"
rm -r out/{resolution,compare}.json out/frc.png out/half_*

# What was done to the data before stands on the page with its pictures, as long as it is of these data, whatever it says.
"$program" preprocess run.yaml --quiet --set preprocess.output=ready.h5 --set preprocess.bad_pixels=20
"$program" reconstruct ready.yaml --quiet --set output.directory=prepared
[[ $(check_page prepared) == finished ]] || fail "with the steps of preprocess the page is no page"
python - <<'END'
import base64, json, pathlib, xml.etree.ElementTree as tree

page = tree.fromstring(open("prepared/report.html").read()[len("<!DOCTYPE html>"):])
part = next(s for s in page.iter("section") if s.get("id") == "preparation")
words = " ".join("".join(part.itertext()).split())
images = [base64.b64decode(i.get("src").split(",", 1)[1]) for i in part.iter("img")]
steps = [json.loads(line) for line in open("ready_steps/preprocess.json")]
assert len(steps) == 5 and all(" ".join(s["words"].split()) in words for s in steps), words
pictures = [pathlib.Path("ready_steps", s["picture"]).read_bytes() for s in steps if "picture" in s]
assert len(pictures) == 4 and images == pictures
END
cat >ready_steps/preprocess.json <<'END'
{"step": "<b>x</b>", "file": "ready.h5", "words": "<script>alert(2)</script>", "picture": "../prepared/phase.png"}
{"step": 3}
[]
no json
{"step": "second", "file": "ready.h5", "picture": "nothing.png"}
{"step": "third", "file": "ready.h5", "picture": "03_linked.png"}
{"step": "other", "file": "ready.emd"}
END
ln -s ../prepared/phase.png ready_steps/03_linked.png
"$program" report prepared
[[ $(check_page prepared) == finished ]] || fail "steps that lie end the page"
[[ $(grep -c 'alt="third"\|<td>other' prepared/report.html) == 0 ]] || fail "a link is followed, or another file's steps are shown"
grep -q '&lt;script&gt;alert(2)' prepared/report.html && grep -q '<td>second</td>' prepared/report.html || fail "what steps say is not told"
touch -d '2 days ago' ready_steps/preprocess.json
"$program" report prepared
! grep -q 'id="preparation"' prepared/report.html || fail "steps that are older than the data are shown"

# Without pictures, and not at all.
"$program" reconstruct run.yaml --quiet --set output.directory=plain --set output.pictures=false
[[ $(check_page plain) == finished ]] || fail "no report without pictures"
! grep -q '<img' plain/report.html || fail "a picture where none was wanted"
"$program" reconstruct run.yaml --quiet --set output.directory=none --set output.report=false
[[ ! -e none/report.html ]] || fail "a report that was not wanted"
"$program" reconstruct run.yaml --quiet --set output.directory=dry --dry-run
[[ ! -e dry ]] || fail "a dry run writes"

# A run that fails says so, also over the files of an earlier one, of which nothing is shown.
cp -r out failed
code=0
"$program" reconstruct run.yaml --quiet --force --set output.directory=failed --set data.patterns=/nothing 2>said || code=$?
((code == 66)) || fail "exit code $code"
[[ $(check_page failed) == failed ]] || fail "a failed run is $(check_page failed)"
grep -q 'the run failed: .*/nothing' failed/report.html || fail "the report does not say why"
! grep -q '<img' failed/report.html || fail "pictures of an earlier run in the report of a failed one"

# A run that was killed is dead: by its heartbeat, as its process is not to be seen.
cp -r out dead
python - <<'END'
import json

status = json.load(open("dead/status.json"))
status.update(state="running", complete=False, exit_code=None, heartbeat="2020-01-01T00:00:00Z")
json.dump(status, open("dead/status.json", "w"))
END
"$program" report dead
[[ $(check_page dead) == dead ]] || fail "a dead run is $(check_page dead)"

# Metrics of another run are not this one's.
cp -r out other
sed -i 's/"run_id": ".*"/"run_id": "another"/' other/metrics.json
"$program" report other
! grep -q 'R factor' other/report.html || fail "metrics of another run are shown"
grep -q 'R factor' out/report.html || fail "no R factor"

# Files that are broken or lie.
for broken in metrics.json resolution.json resolved.yaml run.log result.emd phase.png; do
  cp -r out broken
  head -c 700 "out/$broken" >"broken/$broken" 2>/dev/null || echo '{"frc_half_bit_A": "x"' >"broken/$broken"
  "$program" report broken || fail "a broken $broken ends the report"
  [[ $(check_page broken) == finished ]] || fail "a broken $broken breaks the report"
  rm -r broken
done
cp -r out lies
python - <<'END'
import json, h5py

m = json.load(open("lies/metrics.json"))
m.update(loss="<b>", unknowns=[7, {"name": ["x"]}, {"name": "<b>", "history": [1, None, "x"], "rms_change": 1e300}],
         seconds={"total": -1}, sampling=[], r_factor=None, result_iteration=1e300)
json.dump(m, open("lies/metrics.json", "w"))
with h5py.File("lies/result.emd", "r+") as file:
    file["reconstruction/slices"].attrs["pixel_size_A"] = [float("nan"), -1e300]
END
"$program" report lies
[[ $(check_page lies) == finished ]] || fail "lies break the report"
! grep -q '<b>' lies/report.html || fail "a text of metrics.json is markup"

mkdir empty foreign
echo '{"state": 7}' >foreign/status.json
check_table <<'END'
1 66 | there is no such folder; give the output.directory of a run | report nowhere
1 66 | it holds no status.json | report empty
1 66 | its status.json says nothing of a run | report foreign
1 66 | there is no such folder | report run.yaml
1 2 | DIRECTORY is required | report
END
[[ -z $(ls empty) && $(ls foreign) == status.json ]] || fail "a report in a folder that holds no run"

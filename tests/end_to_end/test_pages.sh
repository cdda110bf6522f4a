#!/usr/bin/env bash
# The report and the live page in a browser without a screen: the slider works, nothing is asked of anybody else, light, dark and
# narrow, and the pictures of README.md, which go to $TESSERA_PICTURES where that is set.
source "$2/tests/end_to_end/support.sh"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]]; then
  echo "skipped: there is no chromium (Debian's package of that name)"
  exit 0
fi
pictures=${TESSERA_PICTURES:-$work}

browse() {
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
    --user-data-dir="$work/profile" --log-level=3 "$@" 2>browser.log
}

# shot NAME WIDTH HEIGHT PAGE OPTION...
shot() {
  local name=$1 size=$2,$3 page=$4
  shift 4
  browse --window-size="$size" --screenshot="$name" "$@" "file://$page" >/dev/null || fail "no picture of $page: $(cat browser.log)"
  python - "$name" "${size/,*/}" <<'END'
import struct, sys, zlib

data = open(sys.argv[1], "rb").read()
width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
assert width == int(sys.argv[2]), (width, height)
at, packed = 8, b""
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
    at += 12 + length
rows = zlib.decompress(packed)
stride = len(rows) // height
written = sum(len(set(rows[i * stride + 1:(i + 1) * stride])) > 2 for i in range(height))
assert written > 0.25 * height, f"{sys.argv[1]}: {written} of {height} lines show anything"
END
}

bilayer_run "$source_dir/tests/data/mos2_bilayer.h5" >run.yaml
cat >>run.yaml <<'END'
solve: {iterations: 40, held_out: 0.05}
output: {every: 3}
END
"$program" reconstruct run.yaml --quiet --set output.directory=mos2 --set "refine={object: {from: 0}, probe: {from: 1}, positions: {from: 5}}" \
  --set object.slices=2 --set beam.modes=2 2>/dev/null &
run=$!
for _ in $(seq 300); do [[ -e mos2/status.json ]] && break; sleep 0.1; done
"$program" watch mos2 --every 0.2 --html live.html >/dev/null &
watcher=$!
for _ in $(seq 600); do grep -qs 'alt="phase of the object"' live.html && break; sleep 0.1; done
cp live.html moment.html
sed -i 's/<meta http-equiv="refresh"[^>]*>//' moment.html # it would be loaded while it is photographed
wait "$run"
wait "$watcher"
grep -q 'state running' moment.html || fail "no page of the run while it went on"

shot "$pictures/live_page.png" 1200 1150 "$work/moment.html"
shot "$pictures/report.png" 1200 1500 "$work/mos2/report.html"
shot dark.png 1200 1500 "$work/mos2/report.html" --force-dark-mode
shot narrow.png 500 2500 "$work/mos2/report.html"
! cmp -s dark.png "$pictures/report.png" || fail "the dark page is the light one"

browse --dump-dom "file://$work/mos2/report.html" >dom.html
python - <<'END'
import re

dom = open("dom.html").read()
assert '<div class="stack one">' in dom, "the program of the page did not run"
assert len(re.findall(r'<figure class="shown">', dom)) == 1
slider = re.search(r'<input type="range"[^>]*>', dom).group(0)
assert 'max="1"' in slider, slider
assert re.search(r"<output>slice 0 of 0 to 1</output>", dom), "the slider does not name its slice"
END
ls -l "$pictures"/live_page.png "$pictures"/report.png dark.png narrow.png | awk '{print $5, $9}'

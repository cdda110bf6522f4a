#!/usr/bin/env bash
# watch: tells a run's state from its files alone and ends with it, whether it finishes, is stopped, fails or is killed; its
# page is whole at every moment, and no longer asks to be loaded anew once the run has ended.
# cores: 1
source "$2/tests/end_to_end/support.sh"

noise_data
{
  noise_run
  echo 'output: {every: 5}'
} >run.yaml

# check_live FILE STATE: the page is whole, in this state, and refreshes as long as the run goes on.
check_live() {
  python - "$1" "$2" <<'END'
import sys, xml.etree.ElementTree as tree

text = open(sys.argv[1]).read()
page = tree.fromstring(text[len("<!DOCTYPE html>"):])
state = next(s for s in page.iter("span") if s.get("class", "").startswith("state")).text
assert state == sys.argv[2], state
refresh = [m.get("content") for m in page.iter("meta") if m.get("http-equiv") == "refresh"]
assert refresh == (["2"] if state in ("running", "stopping") else []), refresh
if state == "running":
    assert len(list(page.iter("progress"))) == 1 and "last sign of life 20" in text
    assert len(list(page.iter("svg"))) == 1, "no curve of the loss"
    assert len(list(page.iter("img"))) >= 2, "no pictures of the intermediate result"
END
}

# wait_for FILE TEXT
wait_for() {
  for _ in $(seq 300); do
    if grep -qs -- "$2" "$1"; then return; fi
    sleep 0.1
  done
  fail "no '$2' in $1: $(cat "$1")"
}

# begin RANKS ARGUMENTS: a run in the background, in `out`, and its watch, whose words go to `said`.
begin() {
  rm -rf out live.html said
  on_ranks "$@" --quiet --set output.directory=out >/dev/null 2>&1 &
  run=$!
  for _ in $(seq 300); do [[ -e out/status.json ]] && break; sleep 0.1; done
  "$program" watch out --every 0.2 --html live.html >said 2>&1 &
  watcher=$!
}

# ends CODE TEXT STATE: the watch ends with CODE, its last line begins with TEXT.
ends() {
  local code=0
  wait "$watcher" || code=$?
  wait "$run" || true
  ((code == $1)) || fail "watch ends with $code, not $1: $(tail -n 2 said)"
  [[ $(tail -n 1 said) == "$2"* ]] || fail "the last line is not '$2...': $(tail -n 1 said)"
  ! grep -q $'\r' said || fail "a carriage return where there is no terminal"
  check_live live.html "$3"
}

begin 1 reconstruct run.yaml --set solve.iterations=8
ends 0 'finished: reached solve.iterations' finished
sort -u said | cmp -s - <(sort said) || fail "a line is told twice: $(cat said)"

for ranks in 1 2; do
  begin "$ranks" reconstruct run.yaml --set solve.iterations=1000000
  wait_for said 'running: iteration  *[1-9][0-9]* of 1000000, loss .* left; alive'
  wait_for live.html 'alt="phase of the object"'
  check_live live.html running
  kill -TERM "$(json out/status.json 'm["pid"]')"
  ends 143 'stopped: stopped by signal TERM' stopped
done

begin 1 reconstruct run.yaml --set solve.iterations=1000000
wait_for said 'iteration'
kill -KILL "$(json out/status.json 'm["pid"]')"
ends 1 'dead: its process is gone' dead

begin 1 reconstruct run.yaml --set data.patterns=/nothing
ends 66 'failed: ' failed

# A line that overwrites itself on a terminal.
begin 1 reconstruct run.yaml --set solve.iterations=300
python - "$program" >shown <<'END'
import pty, sys

sys.exit(pty.spawn([sys.argv[1], "watch", "out", "--every", "0.1"]) >> 8)
END
ends 0 'finished: ' finished
grep -q $'\rrunning: ' shown || fail "no line that overwrites itself: $(cat -v shown)"

mkdir empty
cp -r out kept
check_table <<'END'
1 66 | it holds no status.json; give the output.directory | watch empty
1 66 | there is no such folder | watch nowhere
1 2 | give it a name that ends in .html | watch kept --html kept/result.emd
1 73 | cannot be created | watch kept --html nowhere/live.html
1 2 | --every | watch kept --every 0
END
[[ $(head -c 4 kept/result.emd) == $'\x89HDF' ]] || fail "a result was overwritten"

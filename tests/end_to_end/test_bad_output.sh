#!/usr/bin/env bash
# Where output cannot go, or may not: said before the solve, and by a dry run, which itself writes nothing. What is asked
# for on standard output is printed whole or is an error.
source "$2/tests/end_to_end/support.sh"

noise_data
vacuum_object
{
  noise_run
  echo 'solve: {iterations: 5}' # the object begins at 2, and a plane cannot be compared
  echo 'output: {directory: done, pictures: false}'
} >run.yaml
cat >simulate.yaml <<END
version: 1
detector: {pixel_invA: 0.078125}
scan: {step_A: 0.5}
beam: {energy_keV: 200, semiangle_mrad: 20}
simulate:
  object: {file: empty.h5, dataset: phase}
  scan: {shape: [3, 3]}
  detector: {shape: [64, 64]}
  output: simulated.h5
END
echo "a file" >file
"$program" reconstruct run.yaml --quiet
"$program" simulate simulate.yaml --quiet
# What may have the name of an output.
cp simulate.yaml kept.yaml
cp empty.h5 kept.h5
ln -s simulate.yaml link.h5
ln -s nothing.h5 nowhere.h5
ln -s ring_b ring_a
ln -s ring_a ring_b
mkfifo pipe
mkdir -p piped reads logged
mkfifo piped/result.emd logged/run.log
cp data.h5 reads/result.emd
mkdir held
printf 'host elsewhere\npid 12\nsince then\n' | tee held/run.lock >held.h5.lock

at_once=1 check_table <<'END'
73 | result.emd exists; --force overwrites it     | reconstruct run.yaml
73 | result.emd exists; --force overwrites it     | reconstruct run.yaml --dry-run
0  |                                              | reconstruct run.yaml --dry-run --force
73 | file is not a folder                         | reconstruct run.yaml --dry-run --set output.directory=file
73 | file is not a folder                         | reconstruct run.yaml --dry-run --set output.directory=file/below
73 | cannot be made: Not a directory              | reconstruct run.yaml --set output.directory=file
73 | by another run (process 12 on elsewhere, since then) | reconstruct run.yaml --set output.directory=held
73 | by another run (process 12 on elsewhere, since then) | reconstruct run.yaml --set output.directory=held --force
73 | by another run (process 12 on elsewhere, since then) | reconstruct run.yaml --set output.directory=held --dry-run
73 | simulated.h5' exists; --force overwrites it  | simulate simulate.yaml
73 | simulated.h5' exists; --force overwrites it  | simulate simulate.yaml --dry-run
73 | is not a folder                              | simulate simulate.yaml --dry-run --set simulate.output=file/a.h5
73 | is not a folder                              | simulate simulate.yaml --set simulate.output=file/a.h5
73 | held' is a folder                            | simulate simulate.yaml --set simulate.output=held
73 | by another run (process 12 on elsewhere      | simulate simulate.yaml --set simulate.output=held.h5
73 | by another run (process 12 on elsewhere      | simulate simulate.yaml --set simulate.output=held.h5 --dry-run
# --force replaces results: no pipe, no device, nothing that the run reads
78 | simulate.yaml' is read by this run, as the run file | simulate simulate.yaml --force --set simulate.output=simulate.yaml
78 | link.h5' is read by this run, as the run file | simulate simulate.yaml --force --set simulate.output=link.h5 --dry-run
78 | empty.h5' is read by this run, as simulate.object | simulate simulate.yaml --force --set simulate.output=empty.h5
78 | result.emd' is read by this run, as data.file | reconstruct run.yaml --force --set data.file=reads/result.emd --set output.directory=reads
78 | result.emd' is read by this run, as data.file | reconstruct run.yaml --force --set data.file=reads/result.emd --set output.directory=reads --dry-run
73 | pipe' is a pipe, which no run replaces       | simulate simulate.yaml --force --set simulate.output=pipe
73 | pipe' is a pipe, which no run replaces       | simulate simulate.yaml --set simulate.output=pipe --dry-run
73 | result.emd' is a pipe, which no run replaces | reconstruct run.yaml --force --set output.directory=piped
73 | run.log' is a pipe, which no run replaces    | reconstruct run.yaml --force --set output.directory=logged
73 | run.log' is a pipe, which no run replaces    | reconstruct run.yaml --dry-run --set output.directory=logged
78 | ~/results is read as it is: ~ is the home folder for a shell only | reconstruct run.yaml --set output.directory=~/results
73 | nowhere.h5' exists; --force overwrites it    | simulate simulate.yaml --set simulate.output=nowhere.h5
73 | ring_a' exists; --force overwrites it        | simulate simulate.yaml --set simulate.output=ring_a
73 | new/' is a folder; name a file               | simulate simulate.yaml --set simulate.output=new/
END

cmp simulate.yaml kept.yaml && cmp empty.h5 kept.h5 && cmp data.h5 reads/result.emd || fail "an input was replaced"
[[ -p pipe && -p piped/result.emd && ! -e new ]] || fail "a pipe was replaced, or a folder made"

# A lock of another machine that was not touched for long.
touch -d "20 minutes ago" held/run.lock
"$program" reconstruct run.yaml --quiet --set output.directory=held 2>stderr
grep -q "WARNING: .*dead (process 12 on elsewhere, since then)" stderr || fail "no warning: $(<stderr)"
[[ ! -e held/run.lock ]] || fail "the lock is still there"

# A dry run leaves nothing, not even in the cache; simulate makes the folders of its output.
mkdir cache
XDG_CACHE_HOME=$work/cache on_ranks 2 reconstruct run.yaml --dry-run --quiet --set output.directory=deep/er
XDG_CACHE_HOME=$work/cache on_ranks 2 simulate simulate.yaml --dry-run --quiet --set simulate.output=deep/er/a.h5
[[ ! -e deep && -z $(ls -A cache) ]] || fail "a dry run leaves $(find deep cache)"
XDG_CACHE_HOME=$work/cache "$program" simulate simulate.yaml --quiet --set simulate.output=deep/er/a.h5
[[ -e deep/er/a.h5 && -n $(ls -A cache) ]] || fail "no deep/er/a.h5, or no cache: $(find deep cache)"

# A run that fails after it has begun: its error is in the log and in the status.
export -f on_ranks
export program
for ranks in 1 3; do
  ended=0
  # More than Open MPI itself writes.
  bash -c 'ulimit -f 8192 && on_ranks "$@"' limited "$ranks" reconstruct run.yaml --set "output.directory=begun$ranks" \
    --set object.slices=250 --set object.slice_spacing_A=1 >stdout 2>stderr || ended=$?
  ((ended == 74)) || fail "exit code $ended with a limit on files: $(<stderr)"
  if grep -q "iteration" stdout; then fail "a limit on files is found only after the solve"; fi
  said=$(grep "^ERROR: " stderr)
  [[ $said == *"raise the limit"* && $(grep -c . <<<"$said") == 1 ]] || fail "a limit on files: $said"
  grep -qF -- "$said" "begun$ranks/run.log" || fail "run.log lacks '$said'"
  expect "begun$ranks/status.json" 'm["state"] == "failed" and m["exit_code"] == 74 and "raise the limit" in m["stop_reason"]'
  expect "begun$ranks/status.json" 'm["complete"] is False and m["result_written"] is False'
done

# What is wrong with the data is said in the folder as well, also beside an earlier result, which stays with its own
# resolved.yaml; what is wrong with the run file makes no folder.
for ranks in 1 3; do
  on_ranks "$ranks" reconstruct run.yaml --quiet --set "output.directory=data$ranks"
  cp "data$ranks/resolved.yaml" resolved.before
  for place in "data$ranks" "none$ranks"; do
    ended=0
    on_ranks "$ranks" reconstruct run.yaml --force --set "output.directory=$place" --set data.patterns=/absent \
      >stdout 2>stderr || ended=$?
    ((ended == 66)) || fail "exit code $ended without patterns: $(<stderr)"
    expect "$place/status.json" 'm["state"] == "failed" and m["exit_code"] == 66 and "no dataset /absent" in m["stop_reason"]'
    expect "$place/status.json" 'm["complete"] is False and m["result_written"] is False'
    grep -q '^ERROR: .*no dataset /absent' "$place/run.log" || fail "run.log does not tell of it: $(<"$place/run.log")"
    [[ ! -e $place/run.lock ]] || fail "the lock is still there"
  done
  cmp resolved.before "data$ranks/resolved.yaml" || fail "an earlier result has lost its resolved.yaml"
  ended=0
  on_ranks "$ranks" reconstruct run.yaml --set "output.directory=key$ranks" --set data.pattern=/data 2>stderr || ended=$?
  ((ended == 78)) && [[ ! -e key$ranks ]] || fail "exit code $ended, or a folder for a wrong key: $(<stderr)"
done

# A disk that fills while the run goes on: the status says how it ended, all the same.
if unshare -rm true 2>/dev/null; then
  mkdir full
  cat >fill.sh <<'END'
mount -t tmpfs -o size=40m tmpfs full
"$1" reconstruct run.yaml --set output.directory=full/out --set solve.iterations=1000000 --set object.slices=4 \
  --set object.slice_spacing_A=5 >stdout 2>stderr &
pid=$!
until grep -qs "iteration *[1-9]" full/out/run.log; do sleep 0.05; done
dd if=/dev/zero of=full/filler bs=64k 2>dd
kill -TERM "$pid"
ended=0
wait "$pid" || ended=$?
cp full/out/status.json filled.json
exit "$ended"
END
  ended=0
  unshare -rm bash fill.sh "$program" || ended=$?
  ((ended == 74)) || fail "a disk that fills ends with $ended: $(<stderr)"
  expect filled.json 'm["state"] == "failed" and m["exit_code"] == 74 and m["result_written"] is False'
fi

# A solve that cannot begin is no success: the start, vacuum, is what made these patterns.
cat >vacuum.yaml <<END
version: 1
data: {file: vacuum.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.078125}
beam: {energy_keV: 200, semiangle_mrad: 20}
object: {representation: phase}
refine: {probe: null}
scan: {step_A: 0.5}
simulate:
  object: {file: empty.h5, dataset: phase}
  scan: {shape: [6, 5]}
  detector: {shape: [64, 64]}
  output: vacuum.h5
output: {directory: stuck, pictures: false}
END
"$program" simulate vacuum.yaml --quiet
for ranks in 1 3; do
  ended=0
  on_ranks "$ranks" reconstruct vacuum.yaml --force >stdout 2>stderr || ended=$?
  ((ended == 80)) || fail "exit code $ended of a run without a step"
  [[ $(grep -c "^ERROR: no step from the start lowers the loss" stderr) == 1 ]] || fail "$(<stderr)"
  expect stuck/status.json 'm["state"] == "failed" and m["complete"] is False and m["exit_code"] == 80'
done

# A full disk behind standard output.
for command in manual --help --version "reconstruct run.yaml --print-config" "inspect data.h5" \
  "compare done/result.emd done/result.emd" "compare done/result.emd done/result.emd --json"; do
  ended=0
  read -ra words <<<"$command"
  "$program" "${words[@]}" >/dev/full 2>stderr || ended=$?
  ((ended == 74)) || fail "'$command' into a full disk ends with $ended"
  [[ $(grep -c '^ERROR: standard output cannot be written' stderr) == 1 ]] || fail "'$command' says $(<stderr)"
done

# A reader that leaves early, or that nobody is: the run goes on to its result.
"$program" reconstruct run.yaml --set output.directory=head | head -n 1 >first
expect head/status.json 'm["state"] == "finished" and m["complete"] is True'
"$program" reconstruct run.yaml --set output.directory=none >&- 2>&-
expect none/status.json 'm["state"] == "finished" and m["complete"] is True'
python "$source_dir/tests/check_emd.py" none/result.emd

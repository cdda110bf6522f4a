#!/usr/bin/env bash
# The bar that overwrites itself is for terminals alone: a redirected log holds whole lines, also under a launcher, which
# gives each rank a terminal of its own.
source "$2/tests/end_to_end/support.sh"

cat >run.sh <<END
cd $work
exec \$LAUNCHER $program reconstruct $source_dir/drivers/examples/siemens_star.yaml --set "data.subset.n=[0,30]" \
  --set solve.iterations=3 --set output.pictures=false --set output.directory=$work/out --force
END
# Runs the commands of its argument in a terminal; what that shows goes to `shown`.
in_terminal() {
  python - "$1" >shown <<'END'
import pty, sys

sys.exit(pty.spawn(["sh", "-c", sys.argv[1]]) >> 8)
END
}

for LAUNCHER in "" "mpirun --oversubscribe -n 2"; do
  export LAUNCHER
  in_terminal "sh run.sh"
  grep -q '\[###*\.*\] iteration' shown || fail "no bar on a terminal with '$LAUNCHER': $(cat shown)"
  in_terminal "sh run.sh >redirected"
  for log in redirected out/run.log; do
    ! grep -q $'\r' "$log" || fail "carriage returns in $log with '$LAUNCHER': $(cat -v "$log")"
    grep -Eq '^iteration 3 of 3, loss [0-9.e+]+, norm [0-9.e+]+, [0-9]+ gradients, [0-9.]+ s' "$log" ||
      fail "no line of the last iteration in $log: $(cat "$log")"
  done
done

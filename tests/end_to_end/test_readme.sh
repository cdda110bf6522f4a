#!/usr/bin/env bash
# Every command of README.md's hour, in its order and as typed, on a scan like the one that its run file describes. What
# sets up and tests is the build itself; jobscripts have tests of their own.
source "$2/tests/end_to_end/support.sh"
export OMPI_MCA_rmaps_base_oversubscribe=1

mkdir bin
ln -s "$program" bin/tessera
export PATH="$work/bin:$PATH"
python - "$source_dir" <<'END'
import re
import sys

import h5py

with h5py.File(sys.argv[1] + "/tests/data/mos2_bilayer.h5") as bilayer, h5py.File("scan.h5", "w") as scan:
    scan["data"] = bilayer["data"][()].reshape(24, 24, 96, 96)
left_out = []
text = open(sys.argv[1] + "/README.md").read()
for i, (language, body) in enumerate(re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)):
    if language == "yaml" and body.startswith("version: 1"):
        open("run.yaml", "w").write(body)
    elif re.match(r"tessera |mpirun -n \d+ tessera ", body):
        open(f"block{i:02}.sh", "w").write(body)
    elif not language and not body.startswith(" "):
        left_out.append(body.split()[0])
assert left_out == ["./drivers/demo", "nextflow"], left_out
END
blocks=(block*.sh)
((${#blocks[@]} >= 10)) || fail "only ${#blocks[@]} blocks of commands in README.md"
for block in "${blocks[@]}"; do
  printf '== %s\n' "$(<"$block")"
  SECONDS=0
  bash -euo pipefail "$block" >said 2>&1 || fail "$block: $(cat said)"
  ! grep '^ERROR' said || fail "$block ends well and speaks of an error"
  tail -n 2 said
  printf '%s s\n' "$SECONDS"
done
for file in results/{calibrated.yaml,report.html,result.emd,phase.png} longer/result.emd halves/frc.png again/result.emd of_ready/result.emd; do
  [[ -s $file ]] || fail "$file is not there"
done
expect results/calibration.json 'm["orientation"]["sure"] and 80 < m["C10_A"]["value"] < 130'

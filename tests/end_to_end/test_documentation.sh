#!/usr/bin/env bash
# Every command of drivers/README.md, in its order and as typed, in a folder that holds what a fresh clone holds.
source "$2/tests/end_to_end/support.sh"
export OMPI_MCA_rmaps_base_oversubscribe=1

cp -r "$source_dir/drivers" .
mkdir -p build/drivers
ln -s "$program" build/drivers/tessera
# The fenced blocks, one file each: python ones as they are, the others as commands of the shell.
python - <<'END'
import re

text = open("drivers/README.md").read()
for i, (language, body) in enumerate(re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)):
    open(f"block{i:02}.{language or 'sh'}", "w").write(body)
END
blocks=(block*)
((${#blocks[@]} >= 6)) || fail "only ${#blocks[@]} blocks of commands in drivers/README.md"
for block in "${blocks[@]}"; do
  printf '== %s\n' "$(<"$block")"
  if [[ $block == *.python ]]; then
    python "$block" || fail "$block ends with an error"
  else
    bash -euo pipefail "$block" >said 2>&1 || fail "$block: $(cat said)"
    tail -n 3 said
    # 32 channels are fewer numbers than voxels, as the text there says.
    ! grep -E '^(WARNING|ERROR)' said | grep -v 'fitted values over unknowns' || fail "$block warns"
  fi
done
for file in results/mos2.h5 results/mos2/{phase,slices,probe}.png results/siemens_star/unknowns.png; do
  [[ -s $file ]] || fail "$file is not there"
done

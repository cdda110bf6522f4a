#!/usr/bin/env bash
# Numbers of a run file that no instrument, no data and no machine can have: each is refused in one line, before anything
# is allocated, planned or solved.
source "$2/tests/end_to_end/support.sh"

python - <<'PY'
import h5py, numpy as np

rng = np.random.default_rng(1)
with h5py.File("data.h5", "w") as file:
    y, x = np.mgrid[:6, :6]
    counts = rng.poisson(5, (36, 32, 32)).astype("uint16")
    file["data"] = counts
    positions = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)
    file["positions_A"] = positions
    positions[17] = [1e5, 3e5]
    file["one_far_away"] = positions
    broken = counts.astype("float32")
    broken[35, 3, 4] = np.nan  # the last pattern, which a sample holds
    file["with_nan"] = broken
    many = file.create_dataset("many", (20000, 32, 32), "uint16", chunks=(100, 32, 32), compression=1, shuffle=True)
    for first in range(0, 20000, 1000):
        many[first : first + 1000] = rng.poisson(5, (1000, 32, 32))
    y, x = np.mgrid[:100, :200]
    file["many_positions"] = np.stack([0.1 * y.ravel(), 0.1 * x.ravel()], axis=1)
    # Each chunk holds a part of all patterns: 64 MiB must be there at once for a few of them.
    file.create_dataset("coarse", data=np.full((8192, 64, 64), 3, "uint16"), chunks=(8192, 8, 8), compression=1)
    file["coarse_positions"] = np.resize(file["positions_A"][()], (8192, 2))
    file["one_pixel"] = (np.arange(32 * 32).reshape(32, 32) == 528).astype("uint8")
    file["wrong_object"] = np.zeros((3, 40, 40))
PY
{
  noise_run
  echo 'solve: {iterations: 3}'
  echo 'output: {directory: out}'
} >run.yaml
# Aliases, documents, quotes.
python - <<'PY'
text = open("run.yaml").read()
bomb = "petsc:\n  a: &a [" + "x, " * 9 + "x]\n"
for a, b in zip("abcdefgh", "bcdefghi"):
    bomb += f"  {b}: &{b} [" + ", ".join([f"*{a}"] * 10) + "]\n"
open("bomb.yaml", "w").write(text + bomb)
open("itself.yaml", "w").write(text + "regularisers: &x [*x]\n")
open("second.yaml", "w").write(text + "---\nsolve: {iterations: 9}\n")
open("quote.yaml", "w").write(text.replace("file: data.h5", 'file: "data.h5'))
open("dotted.yaml", "w").write(text + "solve.iterations: 7\n")
open("word.yaml", "w").write("hello\n")
open("wide.yaml", "w", encoding="utf16").write(text)
open("twice.yaml", "w").write(text.replace("{iterations: 3}", "{iterations: 3, iterations: 4}"))
open("control.yaml", "w").write(text + 'loss: {kind: "\\e[31mred"}\n')
open("long.yaml", "w").write(text + f"loss: {{kind: {'x' * 900000}}}\n")
PY
printf -- '-tao_blmvm_mat_lmvm_hist_size 1\n-tao_ls_max_funcs 1\n' >rc

check_table <<'TABLE'
# 2, 19, 33: what a run file stands for
78 | or an alias (*name) holds itself | reconstruct run.yaml --set output.directory=$out --set "regularisers=&x [*x]"
78 | or an alias (*name) holds itself | reconstruct itself.yaml --set output.directory=$out
78 | once its aliases (*name) are written out | reconstruct bomb.yaml --set output.directory=$out
78 | a second document begins after a line --- or ... | reconstruct second.yaml --set output.directory=$out
78 | a quote " is opened and not closed on its line (quote.yaml line 2) | reconstruct quote.yaml
78 | the key solve.iterations has a dot (dotted.yaml line 8); write solve.iterations as sections | reconstruct dotted.yaml --set output.directory=$out
78 | word.yaml must be a map of keys and values | reconstruct word.yaml
78 | wide.yaml holds zero bytes, as UTF-16 does; save it as UTF-8 | reconstruct wide.yaml
78 | the key solve.iterations is given twice (twice.yaml line 6) | reconstruct twice.yaml
78 | loss.kind is "\x1b[31mred" | reconstruct control.yaml
78 | xxx...xxxxxxxxxxxxxxxxxxxx; it must be poisson | reconstruct long.yaml
2 | --set .solve=3: a key is names with one dot between two | reconstruct run.yaml --set output.directory=$out --set .solve=3
78 | unknown key simulate.foo (--set); `tessera manual` prints all keys | reconstruct run.yaml --set output.directory=$out --set simulate.foo=3
# 32: what is to come
2 | this version has no option --restart | reconstruct run.yaml --set output.directory=$out --restart
2 | this version has no option --max-time | reconstruct run.yaml --set output.directory=$out --max-time 3h
2 | this version has no command plan | plan run.yaml
2 | x y is not a command of tessera | x y
78 | unknown key run.checkpoint_every (--set); this version has none | reconstruct run.yaml --set output.directory=$out --set run.checkpoint_every=3
# Ranges
78 | it must be from 1 up to 3000 | reconstruct run.yaml --set output.directory=$out --set beam.energy_keV=0.3
78 | it must be from 1 up to 3000 | reconstruct run.yaml --set output.directory=$out --set beam.energy_keV=80000
78 | beam.wavelength_A is 100 A | reconstruct run.yaml --set output.directory=$out --set beam.energy_keV=null --set beam.wavelength_A=100
78 | data.counts_per_electron is 1e30 | reconstruct run.yaml --set output.directory=$out --set data.counts_per_electron=1e30
78 | loss.epsilon is 1e30 | reconstruct run.yaml --set output.directory=$out --set loss.epsilon=1e30
78 | regularisers[0].weight is 1e30 | reconstruct run.yaml --set output.directory=$out --set "regularisers=[{kind: tv, weight: 1e30}]"
78 | propagation.band_limit is 1e-9 | reconstruct run.yaml --set output.directory=$out --set propagation.band_limit=1e-9
78 | propagation.band_limit 0.1 lets waves up to | reconstruct run.yaml --set output.directory=$out --set propagation.band_limit=0.1
78 | object.slice_spacing_A is 1e300 A | reconstruct run.yaml --set output.directory=$out --set object.slices=2 --set object.slice_spacing_A=1e300
78 | scan.rotation_deg is 1e9 | reconstruct run.yaml --set output.directory=$out --set scan.rotation_deg=1e9
78 | beyond a right angle | reconstruct run.yaml --set output.directory=$out --set detector.pixel_invA=2
78 | data.subset.n is [0, 50], but the axis has 36 positions | reconstruct run.yaml --set output.directory=$out --set "data.subset.n=[0, 50]"
78 | beam.aberrations.phi12_deg is given without C12_A | reconstruct run.yaml --set output.directory=$out --set beam.aberrations.phi12_deg=30
78 | object.positive is 3; it must be a list | reconstruct run.yaml --set output.directory=$out --set object.positive=3
# 4: PETSc
78 | petsc.tao_ls_type is bogus; PETSc refuses it: | reconstruct run.yaml --set output.directory=$out --set "petsc={tao_ls_type: bogus}"
78 | petsc.tao_type is nls; tessera sets that itself: use solve.method | reconstruct run.yaml --set output.directory=$out --set "petsc={tao_type: nls}"
78 | petsc.tao_gatol is abc; tessera sets that itself | reconstruct run.yaml --set output.directory=$out --set "petsc={tao_gatol: abc}"
78 | petsc.tao_ls_gtol is abc; PETSc refuses it: Input string abc has no numeric value | reconstruct run.yaml --set output.directory=$out --dry-run --set "petsc={tao_ls_gtol: abc}"
78 | petsc.tao_max_it is 3; tessera sets that itself: use solve.iterations | reconstruct run.yaml --set output.directory=$out --set "petsc={tao_max_it: 3}"
78 | petsc: PETSc cannot solve with the options that are given there: Argument out of range | reconstruct run.yaml --set output.directory=$out --set "petsc={tao_ls_ftol: 5}"
# Something must be fitted, and something held out
1 78 | solve.held_out 0.5 holds out 1 of 1 patterns | reconstruct run.yaml --set output.directory=$out --set "data.subset.n=[0, 1]" --set solve.held_out=0.5 --set solve.held_out_by=pattern
78 | solve.held_out 0.01 holds out 0 of 36 patterns | reconstruct run.yaml --set output.directory=$out --set solve.held_out=0.01 --set solve.held_out_by=pattern
78 | solve.held_out 0.01 holds out 0 of 36 patterns | reconstruct run.yaml --set output.directory=$out --dry-run --set solve.held_out=0.01 --set solve.held_out_by=pattern
78 | solve.held_out 0.01 holds out 0 of 36 pixels | reconstruct run.yaml --set output.directory=$out --set data.mask=/one_pixel --set solve.held_out=0.01
0 | | reconstruct run.yaml --set output.directory=$out --set solve.held_out=0.5 --set solve.held_out_by=pattern
# 7, 25: the probe
78 | beam.modes is 5000; it must be from 1 up to 64 | reconstruct run.yaml --set output.directory=$out --set beam.modes=5000
78 | one mode would | reconstruct run.yaml --set beam.semiangle_mrad=5 --set beam.modes=16 --set output.directory=$out
78 | an aperture of 0.1 mrad alone makes it | reconstruct run.yaml --set beam.semiangle_mrad=0.1 --set output.directory=$out
78 | check beam.aberrations (C10_A 3000) | reconstruct run.yaml --set beam.aberrations.C10_A=3000 --set output.directory=$out
78 | a coherent one would | reconstruct run.yaml --set beam.source_size_A=20 --set beam.modes=8 --set output.directory=$out
# 4, 20, 22: memory
78 | it must be from 1 up to 1000 | reconstruct run.yaml --set output.directory=$out --set solve.history=1000000000
78 | solve.history is 1000 | reconstruct run.yaml --set solve.history=1000 --set object.slices=90 --set object.states=90 --set object.slice_spacing_A=1 --set object.margin_px=100 --set output.directory=$out
78 | object.margin_px is 4096 | reconstruct run.yaml --set object.margin_px=4096 --set object.states=99 --set object.slices=90 --set object.slice_spacing_A=1 --set output.directory=$out
78 | object.slices is 10000 | reconstruct run.yaml --set object.slices=10000 --set object.slice_spacing_A=1 --set object.margin_px=200 --set object.states=50 --set output.directory=$out
65 | position 17 lies at (100000, 300000) A | reconstruct run.yaml --set data.positions=/one_far_away --set output.directory=$out
65 | positions span 1e+11 x 1e+11 A | reconstruct run.yaml --set "scan.affine=[[1e10, 0], [0, 1e10]]" --set output.directory=$out
# 21: a dry run refuses what the run would
65 | pattern 35, pixel (3, 4) is nan | reconstruct run.yaml --set output.directory=$out --dry-run --set data.patterns=/with_nan
65 | position 17 lies at | reconstruct run.yaml --set output.directory=$out --dry-run --set data.positions=/one_far_away
65 | object.initial | reconstruct run.yaml --set output.directory=$out --dry-run --set "object.initial={file: data.h5, dataset: /wrong_object}"
78 | between slices | reconstruct run.yaml --set output.directory=$out --dry-run --set "refine.tilt={from: 3}"
0 | refine.object.from is 30, but solve.iterations is 3: it will not be refined | reconstruct run.yaml --set output.directory=$out --dry-run --set "refine.object={from: 30}"
0 | refine.dose.from is 30, but solve.iterations is 3: it will not be refined | reconstruct run.yaml --set output.directory=$out --dry-run --set "refine.dose={from: 30}"
0 | | reconstruct run.yaml --set output.directory=$out --dry-run
TABLE

# A dry run reads a sample: its memory is that of a few patterns (40 MB of counts are in the file).
many=(--set data.patterns=/many --set data.positions=/many_positions --set output.directory=many)
peak_MiB() {
  python - "$program" "$@" <<'PY'
import resource, subprocess, sys

subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
}
few=$(peak_MiB reconstruct run.yaml --dry-run)
all=$(peak_MiB reconstruct run.yaml --dry-run "${many[@]}")
echo "peak memory of dry runs: $few MiB for 36 patterns, $all MiB for 20000"
((all < few + 25)) || fail "a dry run takes $all MiB for 20000 patterns and $few MiB for 36"
[[ ! -e many ]] || fail "a dry run writes"

# The forecast agrees with what is counted once all is allocated.
for ranks in 1 3; do
  for keys in "object.slices=200 object.slice_spacing_A=1" "object.slices=200 object.slice_spacing_A=1 run.recompute=always run.threads=3" "beam.modes=4 beam.semiangle_mrad=15 detector.simulate=2" \
    "object.states=3 solve.history=100 object.representation=phase_absorption" \
    "data.patterns=/many data.positions=/many_positions refine.dose={from:1} refine.positions={from:3}" \
    "data.patterns=/coarse data.positions=/coarse_positions data.subset.n=[0,36]"; do
    sets=()
    for key in $keys; do sets+=(--set "${key//from:/from: }"); done
    said=$(on_ranks "$ranks" reconstruct run.yaml --dry-run --force "${sets[@]}" | grep -o 'about [0-9.]* MiB for' | grep -o '[0-9.]*')
    on_ranks "$ranks" reconstruct run.yaml --quiet --force "${sets[@]}" --set solve.iterations=0 --set output.pictures=false
    counted=$(json out/metrics.json 'max(m["predicted_memory_bytes"]) / 2**20')
    echo "$ranks ranks, $keys: $said MiB forecast, $counted counted"
    python -c "import sys; a, b = map(float, sys.argv[1:]); sys.exit(not abs(a - b) < 0.15 * b + 1)" "$said" "$counted" ||
      fail "the forecast of $said MiB is not within 15 % of $counted MiB"
  done
done

# 13: PETSc's options come from the run file, not from where the program starts.
on_ranks 1 reconstruct run.yaml --quiet --set output.directory=plain
cp rc .petscrc
HOME=$work on_ranks 1 reconstruct run.yaml --quiet --set output.directory=with_rc
[[ $(json plain/metrics.json 'm["loss"]') == "$(json with_rc/metrics.json 'm["loss"]')" ]] ||
  fail ".petscrc changes the run"
for ranks in 1 3; do
  ended=0
  PETSC_OPTIONS="-tao_type nls" on_ranks "$ranks" reconstruct run.yaml --quiet --set output.directory=env 2>stderr || ended=$?
  ((ended == 2)) || fail "PETSC_OPTIONS with -tao_type ends with $ended: $(<stderr)"
  [[ $(grep -c "^ERROR: PETSC_OPTIONS is -tao_type nls" stderr) == 1 && ! -e env ]] || fail "PETSC_OPTIONS: $(<stderr)"
done
# An environment that one rank alone has ends all of them, too.
ended=0
timeout 30 mpirun --oversubscribe -n 2 "$program" reconstruct run.yaml --quiet --set output.directory=env : \
  -n 1 env PETSC_OPTIONS="-tao_type nls" "$program" reconstruct run.yaml --quiet --set output.directory=env 2>stderr || ended=$?
((ended == 2)) && grep -q '^ERROR: PETSC_OPTIONS is -tao_type nls.*(rank 2)$' stderr || fail "PETSC_OPTIONS of one rank: $ended, $(<stderr)"
PETSC_OPTIONS="-malloc_debug" on_ranks 1 reconstruct run.yaml --quiet --set output.directory=env

# A cache without an absolute path would be left where the run starts.
XDG_CACHE_HOME=cache HOME=home on_ranks 1 reconstruct run.yaml --quiet --set output.directory=relative
[[ ! -e cache && ! -e home ]] || fail "a relative cache is made"

# What checks gradients is a dry run that does make the whole problem.
on_ranks 3 check-gradient run.yaml --set solve.iterations=3 | grep -q '^all ' || fail "check-gradient checks nothing"

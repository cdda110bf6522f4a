#!/usr/bin/env bash
# Files that are something else, or damaged, for `inspect` and `compare`, and atoms for `simulate`: one line that names the
# file and the place, quickly, and nothing that a terminal obeys.
source "$2/tests/end_to_end/support.sh"
export HDF5_PLUGIN_PATH=$work # no filter but those that HDF5 has itself

python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(1)
y, x = np.mgrid[:4, :6]
counts = rng.poisson(5, (24, 32, 24)).astype("uint16")
positions = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)

def truth(name, phase, origin=(0.0, 0.0), pixel=0.5, positions=positions):
    with h5py.File(name, "w") as file:
        file["truth/phase_rad"] = phase
        file["truth"].attrs["pixel_size_A"] = pixel
        if origin is not None:
            file["truth"].attrs["origin_A"] = origin
        if positions is not None:
            file["positions_A"] = positions

phase = rng.random((40, 40))
truth("a.h5", phase)
truth("same.h5", phase)
truth("no_origin.h5", phase, None)
truth("words.h5", phase, "pixel (0, 0) lies at (0, 0)")
truth("apart.h5", phase, (100.0, 0.0))
truth("beside.h5", phase, (0.0, 4.0))
truth("elsewhere.h5", phase, (0.0, 0.0), positions=positions + [0.0, 4.0])
truth("flat.h5", 0 * phase)
truth("remote.h5", phase, positions=positions + 1e40)
truth("minute.h5", phase, pixel=1e-60)
truth("oblong.h5", phase, pixel=[0.5, 1e200])
truth("nan_pixel.h5", phase, pixel=np.nan)
truth("nan_origin.h5", phase, (np.nan, 0.0))
for name, value in (("nan", np.nan), ("infinity", -np.inf)):
    bad = phase.copy()
    bad[20, 21] = value
    truth(name + ".h5", bad)
bad = positions.copy()
bad[3, 0] = np.nan
truth("nan_position.h5", phase, positions=bad)

with h5py.File("hollow.h5", "w") as file:
    file.create_dataset("data", (24, 32, 24), "uint16", chunks=(1, 32, 24))[:19] = counts[:19]
    file["positions_A"] = positions
with h5py.File("lost.h5", "w") as file:
    layout = h5py.VirtualLayout((24, 32, 24), "uint16")
    layout[:] = h5py.VirtualSource("gone.h5", "data", (24, 32, 24))
    file.create_virtual_dataset("data", layout)
full = counts.copy()
full[:, 5, 6] = 65535
with h5py.File("full.h5", "w") as file:
    file["data"] = full
with h5py.File("lzf.h5", "w") as file:
    file.create_dataset("data", data=counts, compression="lzf")
with h5py.File("attributes.h5", "w") as file:
    file["data"] = counts
    file.attrs["pixel_size_A"] = np.nan
    file.attrs["energy_eV"] = h5py.Empty("f8")
    file.attrs["wavelength_A"] = np.zeros(0)
    file.attrs["semiangle_mrad"] = -3.0
    file["nothing"] = h5py.Empty("f4")
    file["esc\x1b[31mred"] = 1.0
    file["long" * 500] = 1.0
for depth in (60, 3000):
    with h5py.File(f"deep{depth}.h5", "w") as file:
        group = file["/"]
        for i in range(depth):
            group = group.create_group("g")
        group["data"] = counts
        file["shallow"] = counts
with h5py.File("itself.h5", "w") as file:  # a map of virtual datasets without an end
    layout = h5py.VirtualLayout(counts.shape, "uint16")
    layout[...] = h5py.VirtualSource(".", "data", counts.shape)
    file.create_virtual_dataset("data", layout)
with h5py.File("unit.h5", "w") as file:  # a unit that is a map of itself
    group = file.create_group("r/a")
    for mark in (file, "file"), (file["r"], "root"), (group, "array"):
        mark[0].attrs["emd_group_type"] = mark[1]
    group["data"] = np.ones((4, 6, 16, 16), "uint16")
    units = "r/metadatabundle/calibration/Q_pixel_units"
    file["r/metadatabundle/calibration/Q_pixel_size"] = 0.1
    layout = h5py.VirtualLayout((1,), "S5")
    layout[...] = h5py.VirtualSource(".", units, (1,), "S5")
    file.create_virtual_dataset(units, layout)
with h5py.File("parts_master.h5", "w") as file:  # the second of two parts is a map of itself
    file["entry/data/data_000001"] = counts
    layout = h5py.VirtualLayout(counts.shape, "uint16")
    layout[...] = h5py.VirtualSource(".", "entry/data/data_000002", counts.shape)
    file.create_virtual_dataset("entry/data/data_000002", layout)
with h5py.File("ring.h5", "w") as file:
    file["a/data"] = counts
    file["a/b"] = file["/"]
    file["a/c"] = file["a"]
result = {"object": ("slice", np.exp(0.1j * rng.random((1, 40, 40)))), "slices": ("slice", np.full((1, 40, 40), np.nan))}
with h5py.File("result.emd", "w") as file:
    for name, (axis, values) in result.items():
        group = file.create_group("reconstruction/" + name)
        group["data"] = values
        group.attrs["pixel_size_A"], group.attrs["origin_A"] = 0.5, [0.0, 0.0]
    file["reconstruction/positions/data"] = positions

lattice = 'Lattice="20 0 0 0 20 0 0 0 10"'
def atoms(name, lines, comment=lattice, n=None):
    open(name, "w").write("\n".join([str(len(lines) if n is None else n), comment, *lines]) + "\n")
atoms("good.xyz", ["Mo 5 6 1", "S 7 8 9"])
atoms("above.xyz", ["Mo 5 6 1", "S 7 8 12"], lattice + ' pbc="T T F"')
atoms("wrapped.xyz", ["Mo 5 6 1", "S 7 8 12"])
atoms("inside.xyz", ["Mo 5 6 1", "S 7 8 2"])
atoms("unknown.xyz", ["Mo 5 6 1", "Xx 7 8 9"])
atoms("colour.xyz", ["Mo 5 6 1", "\x7fX 7 8 9"])
atoms("few.xyz", ["Mo 5 6 1", "S 7 8"])
atoms("tilted.xyz", ["Mo 5 6 1"], 'Lattice="20 0 0 3 20 0 0 0 10"')
atoms("plain.xyz", ["Mo 5 6 1"], "no cell")
atoms("open.xyz", ["Mo 5 6 1"], 'Lattice="20 0 0 0 20 0 0 0 10 pbc="T T T"')
atoms("count.xyz", ["Mo 5 6 1"], n=3)
atoms("away.xyz", ["Mo 500 600 1"], lattice + ' pbc="F F F"')
atoms("none.xyz", [])
atoms("twice.xyz", ["Mo 0 6 1", "Mo 20 6 1"])
atoms("x_is_first.xyz", ["W 4 9 1"], 'Lattice="30 0 0 0 40 0 0 0 10"')
END
mkdir folder
mkfifo pipe
cat >atoms.yaml <<END
version: 1
detector: {pixel_invA: 0.1}
scan: {step_A: 1}
beam: {energy_keV: 80, semiangle_mrad: 20}
simulate:
  atoms: good.xyz
  potential_pixel_A: 0.2
  scan: {shape: [3, 3], start_A: [5, 5]}
  detector: {shape: [24, 24]}
END
simulate="simulate atoms.yaml --quiet --set simulate.output=\$out/made.h5 --set"

check_table <<END
# 14: numbers that are none, fields that are elsewhere
0 | | compare a.h5 same.h5
65 | nan.h5: /truth/phase_rad is NaN or infinite at (20, 21) | compare nan.h5 a.h5
65 | infinity.h5: /truth/phase_rad is NaN or infinite at (20, 21) | compare a.h5 infinity.h5 --json
65 | /positions_A is NaN or infinite at (3, 0) | compare nan_position.h5 a.h5
65 | nan_pixel.h5: /truth/phase_rad has no attribute pixel_size_A above 0 | compare nan_pixel.h5 a.h5
65 | nan_origin.h5: /truth/phase_rad has its origin_A at (nan, 0) A | compare nan_origin.h5 a.h5
65 | the fields do not overlap | compare a.h5 apart.h5
65 | a comparison needs at least 8 x 8 | compare remote.h5 a.h5
65 | a comparison needs at least 8 x 8 | compare minute.h5 a.h5
65 | there is nothing to compare | compare a.h5 oblong.h5
65 | the phase is a plane | compare a.h5 flat.h5
0 | of the result's scanned field are compared | compare a.h5 beside.h5
0 | 65 % of the result's scanned field are compared | compare a.h5 elsewhere.h5
0 | no_origin.h5: /truth/phase_rad has no attribute origin_A | compare a.h5 no_origin.h5 --json
0 | | compare a.h5 words.h5
65 | atoms.yaml: is a text file, not HDF5 | compare a.h5 atoms.yaml
# 8, 33: what a file is
1 66 | folder: there is no file of a pattern | inspect folder
1 65 | pipe: is a pipe, not HDF5 | inspect pipe
1 78 | data.file is missing | inspect atoms.yaml
1 66 | absent.h5: cannot be read | inspect absent.h5
# 16: atoms
0 | | $simulate simulate.atoms=good.xyz
0 | | $simulate simulate.atoms=wrapped.xyz
65 | above.xyz, line 4: z is 12 A, outside the cell, 0 to 10 A | $simulate simulate.atoms=above.xyz
65 | unknown.xyz, line 4: unknown element 'Xx' | $simulate simulate.atoms=unknown.xyz
65 | unknown element '\\x7fX' | $simulate simulate.atoms=colour.xyz
65 | few.xyz, line 4: expected at least 4 columns, got 3 | $simulate simulate.atoms=few.xyz
65 | tilted.xyz, line 2: Lattice must be orthogonal | $simulate simulate.atoms=tilted.xyz
65 | plain.xyz, line 2: Lattice="..." is missing | $simulate simulate.atoms=plain.xyz
65 | open.xyz, line 2: Lattice has more than nine numbers; is its closing quote missing? | $simulate simulate.atoms=open.xyz
65 | count.xyz' announces 3 atoms and holds 1 | $simulate simulate.atoms=count.xyz
65 | a.h5 is an HDF5 file, not extended XYZ | $simulate simulate.atoms=a.h5
65 | folder is a folder, not extended XYZ | $simulate simulate.atoms=folder
65 | pipe is a pipe, not extended XYZ | $simulate simulate.atoms=pipe
65 | no atom lies under the scan | $simulate simulate.atoms=away.xyz
65 | no atom lies under the scan | $simulate simulate.atoms=none.xyz
65 | lie at one point | $simulate simulate.atoms=twice.xyz
END

# says FILE WARNING: inspect ends at once, with this line.
says() {
  timeout 10 "$program" inspect "$1" >said 2>stderr || fail "inspect $1: exit code $?: $(<stderr)"
  grep -qF -- "$2" said || fail "inspect $1 does not say '$2': $(<said)"
  ! grep -qE 'nan x|inf x' said || fail "inspect $1 prints numbers that are none: $(<said)"
  ! grep -q $'\x1b' said || fail "inspect $1 lets control bytes through"
}
says hollow.h5 "warning: hollow.h5: /data holds 19 of 24 chunks (20.8 % is missing)"
says lost.h5 "warning: lost.h5: /data is virtual, and its source gone.h5 cannot be opened"
says full.h5 "warning: 24 values of those read are 65535, the largest uint16"
says lzf.h5 "HDF5 filter 32000 (lzf), which is not installed here"
says attributes.h5 "warning: pixel_size_A is nan, which it cannot be, and is not used"
says attributes.h5 "warning: semiangle_mrad is -3, which it cannot be, and is not used"
says attributes.h5 '/esc\x1b[31mred'
says attributes.h5 '/nothing                         (0)  float32'
(($(wc -L <said) < 300)) || fail "inspect prints lines of $(wc -L <said) letters"
says deep60.h5 "patterns taken from /"
! grep -q "too deep" said || fail "60 groups are not too deep"
says deep3000.h5 "warning: not everything is listed"
says deep3000.h5 "patterns taken from /shallow"
says ring.h5 "patterns taken from /a/data"
says itself.h5 "warning: itself.h5: /data is virtual, of virtual datasets, more than 8 deep"
says parts_master.h5 "/entry/data/data_000002 is virtual, of virtual datasets, more than 8 deep"
says unit.h5 "patterns taken from /r/a/data"
says result.emd "warning: result.emd: /reconstruction/slices/data is NaN or infinite at (0, 0, 0)"

# Column 1 is x: the atom at x = 4, y = 9 scatters where the truth says. And a wrapped atom is the one within the cell.
"$program" simulate atoms.yaml --quiet --set simulate.atoms=x_is_first.xyz --set "simulate.output=$work/first.h5" \
  --set "simulate.scan={shape: [8, 4], start_A: [5, 2]}"
for name in wrapped inside; do
  "$program" simulate atoms.yaml --quiet --set simulate.atoms=$name.xyz --set "simulate.output=$work/$name.h5"
done
python - <<'END'
import h5py, numpy as np

truth = h5py.File("first.h5")["truth/phase_rad"]
at = np.array(np.unravel_index(np.argmax(truth[()]), truth.shape)) * truth.attrs["pixel_size_A"] + truth.attrs["origin_A"]
assert np.allclose(at, [9, 4], atol=0.3), at
wrapped, inside = (h5py.File(name)["data"][()] for name in ("wrapped.h5", "inside.h5"))
assert np.allclose(wrapped, inside, rtol=1e-5, atol=1e-6 * inside.max())
END

#!/usr/bin/env bash
# `export`: every format holds what the result holds, on one rank and on three, opens in the package that it is for, and an object
# that does not fit a slab costs no more memory; what cannot be is one line.
# cores: 1
source "$2/tests/end_to_end/support.sh"

noise_data
noise_run >run.yaml
solve=(--quiet --set solve.iterations=4 --set output.pictures=false --set beam.modes=2)
# Slices that are evenly apart, and such whose distances are found, with a window that is not square.
"$program" reconstruct run.yaml "${solve[@]}" --set object.slices=3 --set object.slice_spacing_A=6.2 --set output.directory=even
python - <<'END'
import h5py, numpy as np

with h5py.File("data.h5", "a") as file:
    file["oblong"] = file["data"][:, :, :27]
END
"$program" reconstruct run.yaml "${solve[@]}" --set data.patterns=/oblong --set object.slices=3 --set "object.slice_spacing_A=[5, 8]" \
  --set "refine={object: {from: 0}, gaps: {from: 1}, thickness: {from: 1}, dose: {from: 1}, positions: {from: 1}}" \
  --set "detector.pixel_invA=[0.05, 0.06]" --set output.directory=uneven
"$program" reconstruct run.yaml "${solve[@]}" --set output.directory=one
python - <<'END'
import h5py, numpy as np

np.save("even/gaps.npy", np.full(2, 6.2))
np.save("one/gaps.npy", np.zeros(0))
with h5py.File("uneven/result.emd") as file:
    root = file["reconstruction"]
    share, change = root["thickness/data"][0], root["gaps/data"][()]
    assert abs(share) > 1e-9 and np.abs(change).max() > 1e-9, "nothing was refined"
    np.save("uneven/gaps.npy", np.array([5.0, 8.0]) * (1 + share) + change)
END

# all FOLDER FORMAT...: each format with its usual contents.
all() {
  local folder=$1 format
  shift
  for format in "$@"; do
    case $format in
      ptyrad) on_ranks 3 export "$folder/result.emd" --to ptyrad --out "$folder/ptyrad.hdf5" --quiet ;;
      phaser) on_ranks 1 export "$folder/result.emd" --to phaser --out "$folder/phaser.h5" --quiet ;;
      cxi) on_ranks 2 export "$folder/result.emd" --to cxi --out "$folder/cxi.cxi" --quiet ;;
      adorym) on_ranks 3 export "$folder/result.emd" --to adorym --out "$folder/adorym.h5" --quiet ;;
      tiff) on_ranks 1 export "$folder/result.emd" --to tiff --out "$folder/slices.tif" --quiet ;;
      png)
        on_ranks 1 export "$folder/result.emd" --to png --out "$folder/phase.png" --quiet
        on_ranks 1 export "$folder/result.emd" --to png --bits 8 --out "$folder/phase8.png" --quiet
        ;;
      npy)
        on_ranks 2 export "$folder/result.emd" --to npy --out "$folder/object.npy" --quiet
        on_ranks 1 export "$folder/result.emd" --to npy --array amplitude --out "$folder/amplitude.npy" --quiet
        ;;
    esac
  done
}
all even ptyrad phaser cxi adorym tiff png npy
all one ptyrad phaser cxi adorym tiff png npy
all uneven phaser cxi tiff png npy 2>said
grep -q "phaser has no place for dose, which the result holds, too" said || fail "nothing is said of the dose: $(<said)"
for folder in even one uneven; do
  python "$source_dir/tests/check_exports.py" "$folder/result.emd" "$folder" || fail "an export of $folder"
done
# The names that are chosen when none is given, and bytes that do not depend on the ranks.
"$program" export even/result.emd --to npy --array probe | grep -qx "wrote even/result_probe.npy" || fail "the name of an array"
"$program" export even/result.emd --to phaser | grep -qx "wrote even/result_phaser.h5" || fail "the name of a state"
"$program" export even/result.emd --to ptyrad --out even/serial.hdf5 --quiet
cmp even/serial.hdf5 even/ptyrad.hdf5 || fail "three ranks write other bytes than one"

if interpreter=$(python_with exports emdfile rosettasciio tifffile pillow phaserEM); then
  for folder in even one uneven; do
    "$interpreter" "$source_dir/tests/check_packages.py" "$folder/result.emd" "$folder" emdfile rosettasciio tifffile pillow phaser ||
      fail "a package does not take what $folder has"
  done
fi
for version in 0.1.0b13 1.0.0; do
  if interpreter=$(python_with "ptyrad-$version" --no-deps "ptyrad==$version" h5py numpy scipy); then
    for folder in even one; do
      "$interpreter" "$source_dir/tests/check_packages.py" "$folder/result.emd" "$folder" ptyrad || fail "PtyRAD $version"
    done
  fi
done
# 660 MB, hence only where it is asked for.
if [[ -n ${TESSERA_TEST_NAPARI:-} ]] && interpreter=$(python_with napari napari tifffile h5py); then
  for folder in even one uneven; do
    "$interpreter" "$source_dir/tests/check_packages.py" "$folder/result.emd" "$folder" napari || fail "napari"
  done
fi

# An object of 96 slices of 512 x 512 against 16, which are a slab: 300 MiB of it do not come into the memory.
python - <<'END'
import h5py, numpy as np

for name, slices in (("few", 16), ("many", 96)):
    with h5py.File(name + ".emd", "w") as file:
        root = file.create_group("reconstruction")
        plane = np.random.default_rng(1).random((1, 512, 512)).astype("float32")
        root["object/data"] = np.repeat(np.exp(1j * plane), slices, axis=0)
        root["slices/data"] = np.repeat(plane, slices, axis=0)
        root["probe/data"] = np.ones((1, 32, 32), "complex64")
        root["positions/data"] = [[10.0, 10.0], [20.0, 20.0]]
        root["loss/data"] = [2.0, 1.0]
        root["metadatabundle/reconstruction/wavelength_A"] = 0.0418
        root["process/config_yaml/data"] = np.bytes_("beam: {energy_keV: 80}\nobject: {slice_spacing_A: 2}\n")
        for group in ("object", "probe"):
            root[group].attrs["pixel_size_A"], root[group].attrs["origin_A"] = [0.2, 0.2], [0.0, 0.0]
END
# peak ARGUMENTS: the program's largest memory [MiB].
peak() {
  python - "$program" "$@" <<'END'
import resource, subprocess, sys

subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
END
}
for format in ptyrad adorym tiff npy; do
  few=$(peak export few.emd --to "$format" --out "few.$format.h5")
  many=$(peak export many.emd --to "$format" --out "many.$format.h5")
  printf '%s: %s MiB of 16 slices, %s MiB of 96\n' "$format" "$few" "$many"
  ((many < few + 24)) || fail "--to $format takes $many MiB for many slices, $few MiB for few"
  rm -f ./*."$format".h5
done

python - <<'END'
import h5py, numpy as np, shutil

def changed(name, change, source="even/result.emd"):
    shutil.copy(source, name)
    with h5py.File(name, "a") as file:
        change(file["reconstruction"])

def replace(group, dataset, values):
    attributes = dict(group[dataset].attrs)
    del group[dataset]
    group[dataset] = values
    group[dataset].attrs.update(attributes)

def bad_value(group, dataset, value):
    group[dataset][(0,) * group[dataset].ndim] = value

text = "process/config_yaml/data"
changed("nan.emd", lambda r: bad_value(r, "object/data", np.nan))
changed("nan_phase.emd", lambda r: bad_value(r, "phase/data", np.inf))
changed("nan_probe.emd", lambda r: bad_value(r, "probe/data", np.nan))
changed("flat_object.emd", lambda r: replace(r, "object/data", np.ones((8, 8), "complex64")))
changed("real_object.emd", lambda r: replace(r, "object/data", r["slices/data"][()]))
changed("other_slices.emd", lambda r: replace(r, "slices/data", np.ones((3, 8, 8), "float32")))
changed("other_pixel.emd", lambda r: r["probe"].attrs.__setitem__("pixel_size_A", [0.1, 0.1]))
changed("wavelength.emd", lambda r: replace(r, "metadatabundle/reconstruction/wavelength_A", -1.0))
changed("no_config.emd", lambda r: r.__delitem__("process/config_yaml"))
changed("bad_config.emd", lambda r: replace(r, text, np.bytes_("object: {slice_spacing_A: [1, 2, 3]}")))
changed("uneven_square.emd", lambda r: replace(r, text, np.bytes_("object: {slice_spacing_A: [5, 8]}")))
changed("broken_config.emd", lambda r: replace(r, text, np.bytes_("object: {")))
changed("number_config.emd", lambda r: replace(r, text, 3.0))
changed("no_loss.emd", lambda r: r.__delitem__("loss"))
END
check_table <<END
66 | absent.emd: cannot be read | export absent.emd --to npy --out \$out.npy
65 | run.yaml: is a text file, not HDF5 | export run.yaml --to cxi --out \$out.cxi
66 | data.h5: is no result of tessera reconstruct | export data.h5 --to cxi --out \$out.cxi
66 | there is no dataset /reconstruction/background/data | export even/result.emd --to tiff --array background --out \$out.tif
2 | --to: matlab not in {ptyrad,phaser,cxi,adorym,tiff,png,npy} | export even/result.emd --to matlab
2 | --bits: | export even/result.emd --to png --bits 12
2 | --array is for tiff, png and npy; cxi holds all | export even/result.emd --to cxi --array phase --out \$out.cxi
73 | even/phaser.h5 exists; --force overwrites it | export even/result.emd --to phaser --out even/phaser.h5
73 | even/phase.json exists; --force overwrites it | export even/result.emd --to png --out even/phase.PNG
0 | nothing | export even/result.emd --to phaser --out even/phaser.h5 --force
78 | is read by this run, as RESULT | export even/result.emd --to npy --out even/result.emd --force
73 | cannot be created | export even/result.emd --to npy --out nowhere/object.npy
73 | cannot be created | export even/result.emd --to cxi --out nowhere/object.cxi
73 | which no run replaces | export even/result.emd --to cxi --out even --force
65 | holds 3 images, and a PNG one | export even/result.emd --to png --array slices --out \$out.png
65 | a TIFF holds images of real numbers | export even/result.emd --to tiff --array object --out \$out.tif
65 | a TIFF holds images of real numbers | export even/result.emd --to tiff --array loss --out \$out.tif
65 | slices are 5 to 8 A apart, and PtyRAD | export uneven_square.emd --to ptyrad --out \$out.hdf5
65 | the window has 32 x 27 pixels, and PtyRAD knows square ones | export uneven/result.emd --to ptyrad --out \$out.hdf5
65 | and ADORYM knows square ones alone | export uneven/result.emd --to adorym --out \$out.h5
65 | /reconstruction/object/data is NaN or infinite at (0, 0, 0) | export nan.emd --to phaser --out \$out.h5
0 | nothing | export nan.emd --to npy --out nan.npy --force
65 | /reconstruction/phase/data is NaN or infinite at (0, 0) | export nan_phase.emd --to png --out \$out.png
65 | /reconstruction/probe/data is NaN or infinite at (0, 0, 0) | export nan_probe.emd --to cxi --out \$out.cxi
65 | /reconstruction/object/data is (8, 8) of complex64; it must be complex numbers of 3 axes | export flat_object.emd --to cxi --out \$out.cxi
65 | it must be complex numbers of 3 axes | export real_object.emd --to cxi --out \$out.cxi
65 | are of different shapes | export other_slices.emd --to cxi --out \$out.cxi
65 | they must be the same | export other_pixel.emd --to cxi --out \$out.cxi
65 | wavelength_A must be one number | export wavelength.emd --to cxi --out \$out.cxi
65 | object.slice_spacing_A is null | export no_config.emd --to phaser --out \$out.h5
65 | it must be 2 numbers, for 3 slices | export bad_config.emd --to phaser --out \$out.h5
65 | broken_config.emd: its configuration | export broken_config.emd --to phaser --out \$out.h5
65 | is not one text | export number_config.emd --to phaser --out \$out.h5
66 | there is no dataset /reconstruction/loss/data | export no_loss.emd --to cxi --out \$out.cxi
END
[[ -z $(find . -name '*.tmp') ]] || fail "a temporary file is left: $(find . -name '*.tmp')"

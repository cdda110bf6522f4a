#!/usr/bin/env bash
# Counts that are none or saturated, starts and specimens that are something else, files of another kind.
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(1)
y, x = np.mgrid[:4, :6]
flat = rng.poisson(5, (24, 32, 24)).astype("uint16")
positions = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)
with h5py.File("data.h5", "w") as file:
    file["positions_A"] = positions
    file["data"] = flat
    # saturated and bad pixels
    for kind in ("uint16", "uint32"):
        bad = flat.astype(kind)
        bad[:, 5, 6] = bad[:, 7, 8] = np.iinfo(kind).max
        file["bad_" + kind] = bad
        once = flat.astype(kind)
        once[13, 5, 6] = np.iinfo(kind).max
        file["saturated_" + kind] = once
    first = flat.copy()
    first[0, 5, 6] = 65535
    file["saturated_first"] = first
    file["mask_of_saturated"] = file["saturated_uint16"][()].max(axis=0) < 65535
    full = flat.astype("uint8")
    full[13, 5, 6] = 255
    file["full_uint8"] = full
    # counts that are none
    file["tiny"] = flat * np.float32(1e-40)
    file["normalised"] = (flat / flat.sum(axis=(1, 2), keepdims=True)).astype("float32")
    file["roots"] = np.sqrt(flat).astype("float32")
    file["logarithms"] = np.log1p(flat).astype("float32")
    file["offset"] = flat + np.uint16(1000)

# starts
with h5py.File("starts.h5", "w") as file:
    file.attrs["pixel_size_A"] = [1 / (32 * 0.05), 1 / (24 * 0.05)]
    file.attrs["origin_A"] = [0.0, 0.0]
    file["phase"] = 0.1 * rng.random((40, 40))
    file["wave"] = np.exp(0.1j * rng.random((40, 40)))
    file["positions"] = positions
    r = np.hypot(*(np.mgrid[:40, :40] - 20))
    file["probe"] = (40 * np.exp(-((r / 8) ** 2))).astype("complex64")
    file["faint_probe"] = (0.01 * np.exp(-((r / 8) ** 2))).astype("complex64")
    file["counts"] = rng.poisson(5, (40, 40)).astype("uint16")
    file["degrees"] = 1e4 * rng.random((40, 40))
    file["with_units"] = 0.1 * rng.random((40, 40))
    file["with_units"].attrs["units"] = "sqrt(electron)"
    file["hole"] = file["phase"][()]
    file["hole"][3, 4] = np.nan
with h5py.File("nowhere.h5", "w") as file:
    file["nowhere"] = 0.1 * rng.random((40, 40))
    file.attrs["pixel_size_A"] = [1 / (32 * 0.05), 1 / (24 * 0.05)]
END
{
  noise_run
  echo 'solve: {iterations: 1}'
  echo 'output: {pictures: false}'
} >run.yaml
cat >simulate.yaml <<END
version: 1
detector: {pixel_invA: 0.05}
scan: {step_A: 2}
beam: {energy_keV: 80, semiangle_mrad: 10}
simulate:
  object: {file: starts.h5, dataset: /phase}
  scan: {shape: [3, 3]}
  detector: {shape: [32, 24]}
END
printf 'version: 1\ndata:\n  file: "data.h5\n  patterns: /data\n' >open_quote.yaml
mkdir folder
mkfifo pipe
run="reconstruct run.yaml --quiet --set output.directory=\$out"
start="$run --set beam.rescale=true --set object.initial.file=starts.h5 --set"
simulate="simulate simulate.yaml --quiet --set simulate.output=\$out/made.h5 --set"

check_table <<END
# 17: saturated and bad pixels
0 | 2 pixels hold 65535, the largest uint16, in every pattern | $run --set data.patterns=/bad_uint16
0 | 2 pixels hold 4294967295, the largest uint32, in every pattern | $run --set data.patterns=/bad_uint32
0 | 2 pixels hold 4294967295, the largest uint32, in every pattern | $run --set data.patterns=/bad_uint32 --dry-run
65 | /saturated_uint16 pattern 13, pixel (5, 6) is 65535, the largest uint16 | $run --set data.patterns=/saturated_uint16
65 | /saturated_uint32 pattern 13, pixel (5, 6) is 4294967295, the largest uint32 | $run --set data.patterns=/saturated_uint32
65 | pixel (5, 6) is 65535, the largest uint16 | $run --set data.patterns=/saturated_first
0 | | $run --set data.patterns=/saturated_uint16 --set data.mask=/mask_of_saturated
0 | | $run --set data.patterns=/full_uint8
# absurd counts
65 | less than one electron | $run --set data.patterns=/tiny
0 | no pixel counts a whole electron | $run --set data.patterns=/normalised
0 | square roots of whole numbers | $run --set data.patterns=/roots
0 | logarithms of whole numbers | $run --set data.patterns=/logarithms
0 | an offset | $run --set data.patterns=/offset
# 15: wrong dataset as object
0 | | $start object.initial.dataset=/phase
0 | | $start object.initial.dataset=/wave
65 | no object | $start object.initial.dataset=/probe
65 | no object | $start object.initial.dataset=/faint_probe
65 | no object | $start object.initial.dataset=/counts
65 | no object | $start object.initial.dataset=/degrees
65 | no object | $start object.initial.dataset=/positions
65 | sqrt(electron) | $start object.initial.dataset=/with_units
0 | | $simulate simulate.object.dataset=/phase
65 | no object | $simulate simulate.object.dataset=/probe
65 | no object | $simulate simulate.object.dataset=/faint_probe
65 | no object | $simulate simulate.object.dataset=/counts
65 | no object | $simulate simulate.object.dataset=/positions
65 | no object | $simulate simulate.object.dataset=/degrees
65 | sqrt(electron) | $simulate simulate.object.dataset=/with_units
65 | is NaN or infinite | $simulate simulate.object.dataset=/hole
0 | /nowhere has no attribute origin_A | $simulate "simulate.object={file: nowhere.h5, dataset: /nowhere}"
0 | /nowhere has no attribute origin_A | $start "object.initial={file: nowhere.h5, dataset: /nowhere}"
# 26, 27, 8: what a file is
78 | data.h5 is an HDF5 file; a run file is YAML | reconstruct data.h5
78 | data.h5 is an HDF5 file; a run file is YAML | reconstruct data.h5 --print-config
78 | a quote " is opened and not closed on its line (open_quote.yaml line 3) | reconstruct open_quote.yaml
65 | run.yaml: is a text file, not HDF5 | $run --set data.file=run.yaml
66 | folder: there is no file of a pattern | $run --set data.file=folder
65 | pipe: is a pipe, not HDF5 | $run --set data.file=pipe
END

# 23: the folder of the output is made.
on_ranks 3 simulate simulate.yaml --quiet --set "simulate.output=$work/new/folder/made.h5"
[[ -s new/folder/made.h5 ]] || fail "simulate makes no folder"

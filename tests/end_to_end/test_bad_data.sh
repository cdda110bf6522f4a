#!/usr/bin/env bash
# Nothing read from a file is believed: shapes, masks, positions, counts that were never written.
source "$2/tests/end_to_end/support.sh"
export HDF5_PLUGIN_PATH=$work # no filter but those that HDF5 has itself

python - <<'END'
import os, h5py, numpy as np

rng = np.random.default_rng(1)
y, x = np.mgrid[:4, :6]
counts = rng.poisson(5, (4, 6, 32, 24)).astype("uint16")
flat = counts.reshape(24, 32, 24)
positions = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)
with h5py.File("data.h5", "w") as file:
    file["raster"] = counts
    file["data"] = flat
    file["positions_A"] = positions
    file["raster_positions"] = positions.reshape(4, 6, 2)
    file["positions_of_more_axes"] = positions.reshape(2, 2, 6, 2)
    file["positions_turned"] = positions.reshape(6, 4, 2)
    file["positions_by_column"] = positions.reshape(2, 24).T.reshape(24, 2, 1)
    file["positions_of_text"] = np.array([b"1 2"] * 24)
    file["empty_axis"] = np.zeros((24, 0, 24), "uint16")
    file["no_pattern"] = np.zeros((0, 32, 24), "uint16")
    file["nothing"] = h5py.Empty("f4")
    file["volume"] = np.zeros((3, 2, 6, 32, 24), "uint16")
    # masks
    file["mask"] = np.ones((32, 24), "uint8")
    file["mask_bool"] = np.ones((32, 24), bool)
    file["mask_turned"] = np.ones((24, 32), "uint8")
    file["mask_flat"] = np.ones(32 * 24, "uint8")
    file["mask_deep"] = np.ones((1, 32, 24), "uint8")
    nan = np.ones((32, 24))
    nan[3, 4] = np.nan
    file["mask_nan"] = nan
    file["mask_half"] = np.full((32, 24), 0.5)
    file["mask_inverted"] = (np.arange(32 * 24).reshape(32, 24) % 100 == 0).astype("uint32")
    file["mask_none"] = np.zeros((32, 24), bool)
    # positions
    file["same"] = np.tile([3.0, 4.0], (24, 1))
    file["metres"] = positions * 1e-10
    for unit in ("nm", "m", "angstrom", "\u00c5", "Angstroms"):
        file["in_" + unit] = positions
        file["in_" + unit].attrs["units"] = unit
    file["far"] = positions + 1e15
    for name, value in (("beyond", 1e19), ("outlier", 1e5), ("nan", np.nan)):
        moved = positions.copy()
        moved[7, 1] = value
        file["positions_" + name] = moved
    # sets of virtual detectors
    file["set_turned"] = np.zeros((6, 4), "uint8")
    file.create_dataset("no_detector", (0, 2**62, 6), "f4")
    # never written
    for name, written in (("none", 0), ("some", 19)):
        hollow = file.create_dataset("hollow_" + name, (24, 32, 24), "uint16", chunks=(1, 32, 24), compression="gzip")
        hollow[:written] = flat[:written]
    file.create_dataset("hollow_plain", (24, 32, 24), "uint16")
    file.create_dataset("hollow_positions", (24, 2), "f8")
    file.create_dataset("mask_hollow", (32, 24), "uint8", chunks=(8, 24))[:8] = 1

for i in range(3):
    with h5py.File(f"part{i}.h5", "w") as file:
        file["data"] = flat[8 * i : 8 * i + 8]
        file.create_dataset("hollow", (8, 32, 24), "uint16", chunks=(1, 32, 24))[: 4 * i] = flat[8 * i : 12 * i]
def virtual(file, name, dataset, part="part", rows=8):
    layout = h5py.VirtualLayout((24, 32, 24), "uint16")
    for i in range(3):
        layout[8 * i : 8 * i + rows] = h5py.VirtualSource(f"{part}{i}.h5", dataset, (8, 32, 24))[:rows]
    file.create_virtual_dataset(name, layout, fillvalue=0)
with h5py.File("virtual.h5", "w") as file:
    file["positions_A"] = positions
    virtual(file, "data", "data")
    virtual(file, "hollow", "hollow")
    virtual(file, "no_dataset", "absent")
    virtual(file, "unmapped", "data", rows=7)
    file["linked"] = h5py.ExternalLink("part1.h5", "/data")
    virtual(file, "lost", "data", part="gone")
with h5py.File("outside.h5", "w") as file:
    file["positions_A"] = positions
    flat.tofile("raw.bin")
    flat[:20].tofile("short.bin")
    for name, where in (("whole", "raw.bin"), ("short", "short.bin"), ("absent", "absent.bin")):
        file.create_dataset(name, flat.shape, "uint16", external=[(os.path.abspath(where), 0, flat.nbytes)])
    file.create_dataset("lzf", data=flat, compression="lzf")
    file.create_dataset("positions_lzf", data=positions, compression="lzf", chunks=(24, 2))

END
{
  noise_run
  echo 'solve: {iterations: 1}'
  echo 'output: {pictures: false}'
} >run.yaml
run="reconstruct run.yaml --quiet --set output.directory=\$out"
raster="$run --set data.patterns=/raster --set"
virtual="$run --set data.file=virtual.h5 --set"
outside="$run --set data.file=outside.h5 --set"

check_table <<END
# 10, 11, 1: shapes are compared as shapes
0 | | $run
0 | | $raster data.positions=/raster_positions
0 | | $raster data.positions=/positions_A
65 | has shape (2, 2, 6, 2), but data.patterns /raster has shape (4, 6, 32, 24): it must be (4, 6, 2) or (24, 2) | $raster data.positions=/positions_of_more_axes
65 | has shape (6, 4, 2) | $raster data.positions=/positions_turned
65 | it must be (24, 2) | $run --set data.positions=/positions_by_column
65 | it must be (24, 2) | $run --set data.positions=/raster_positions
65 | it must be (24, 2) | $run --set data.positions=/nothing
65 | it must be (24, 2) | $run --set data.positions=/positions_of_text
65 | data.patterns /empty_axis has shape (24, 0, 24); no axis may be empty | $run --set data.patterns=/empty_axis
65 | data.patterns /no_pattern has shape (0, 32, 24); no axis may be empty | $run --set data.patterns=/no_pattern
65 | data.patterns /empty_axis has shape (24, 0, 24); no axis may be empty | $run --set data.patterns=/empty_axis --dry-run
65 | data.patterns /nothing has shape (0) | $run --set data.patterns=/nothing
65 | detector.virtual /no_detector has shape (0, 4611686018427387904, 6); no axis may be empty | $run --set "detector.virtual={file: data.h5, dataset: /no_detector}"
65 | data.patterns /volume has shape (3, 2, 6, 32, 24); it must be (N, Ky, Kx) or (Ry, Rx, Ky, Kx) | $run --set data.patterns=/volume
65 | detector.virtual_set /set_turned has shape (6, 4), but data.patterns /raster has shape (4, 6, 32, 24): it must be (4, 6) or (24) | $raster detector.virtual_set=/set_turned --set "detector.virtual={file: data.h5, dataset: /mask}" --set data.positions=/positions_A
0 | | $run --set data.mask=/mask
0 | | $run --set data.mask=/mask_bool
65 | data.mask /mask_turned has shape (24, 32), but data.patterns /data has shape (24, 32, 24): it must be (32, 24) | $run --set data.mask=/mask_turned
65 | it must be (32, 24) | $run --set data.mask=/mask_flat
65 | it must be (32, 24) | $run --set data.mask=/mask_deep
65 | data.mask /mask_nan is nan at (3, 4) | $run --set data.mask=/mask_nan
65 | data.mask /mask_half is 0.5 at (0, 0) | $run --set data.mask=/mask_half
65 | data.mask /mask_none excludes every pixel | $run --set data.mask=/mask_none
0 | data.mask /mask_inverted excludes 99 % of the detector | $run --set data.mask=/mask_inverted
78 | detector.centre_px is [100, 100], but a pattern has 32 x 24 pixels | $run --set "detector.centre_px=[100, 100]"
78 | data.subset.n is [0, 25], but the axis has 24 positions | $run --set "data.subset.n=[0, 25]"
# 4, 22 and absurd positions
65 | all 24 positions are the same, (3, 4) A | $run --set data.positions=/same
65 | less than one pixel of the object | $run --set data.positions=/metres
65 | has the units 'nm' | $run --set data.positions=/in_nm
65 | has the units 'm' | $run --set data.positions=/in_m
0 | | $run --set data.positions=/in_angstrom
0 | | $run --set data.positions=/in_Å
0 | | $run --set data.positions=/in_Angstroms
65 | too far from 0 | $run --set data.positions=/far
65 | position 7 lies at (2, 1e+19) A | $run --set data.positions=/positions_beyond
65 | position 7 lies at (2, 100000) A | $run --set data.positions=/positions_outlier
65 | of 50 x 120032 pixels needs 0.0447 GiB | $run --set data.positions=/positions_outlier
65 | /positions_nan[7] is not a finite number | $run --set data.positions=/positions_nan
# 12: counts that were never written are no counts
65 | /hollow_none was never written | $run --set data.patterns=/hollow_none
65 | /hollow_some holds 19 of 24 chunks | $run --set data.patterns=/hollow_some
65 | /hollow_some holds 19 of 24 chunks | $run --set data.patterns=/hollow_some --dry-run
0 | | $run --set data.patterns=/hollow_some --set "data.subset.n=[0, 19]"
65 | /hollow_plain was never written | $run --set data.patterns=/hollow_plain
65 | /hollow_positions was never written | $run --set data.positions=/hollow_positions
65 | /mask_hollow holds 1 of 4 chunks | $run --set data.mask=/mask_hollow
0 | | $virtual data.patterns=/data
65 | part0.h5: /hollow was never written | $virtual data.patterns=/hollow
0 | | $virtual data.patterns=/hollow --set "data.subset.n=[16, 24]"
66 | part0.h5: there is no dataset /absent | $virtual data.patterns=/no_dataset
65 | /unmapped | $virtual data.patterns=/unmapped
66 | its source gone0.h5 cannot be opened | $virtual data.patterns=/lost
66 | its source gone1.h5 cannot be opened | $virtual data.patterns=/lost --set "data.subset.n=[8, 24, 5]" --dry-run
0 | | $outside data.patterns=/whole
66 | absent.bin | $outside data.patterns=/absent
65 | short.bin has 30720 bytes | $outside data.patterns=/short
# 27: filters
65 | HDF5 filter 32000 (lzf), which is not installed here | $outside data.patterns=/lzf
65 | HDF5 filter 32000 (lzf), which is not installed here | $outside data.patterns=/whole --set data.positions=/positions_lzf
END

#!/usr/bin/env python3
"""Opens a result, and what was exported from it, with the packages that they are for.

usage: check_packages.py result.emd FOLDER PACKAGE...
PACKAGE is emdfile, rosettasciio, tifffile, pillow, phaser, ptyrad or napari; FOLDER as for check_exports.py.
"""
import os
import sys

import h5py
import numpy as np


def truth(path, array):
    with h5py.File(path) as file:
        return file[f"reconstruction/{array}/data"][()]


def same(name, found, expected, tolerance=1e-6):
    found = np.asarray(found)
    assert found.shape == expected.shape, f"{name}: {found.shape}, not {expected.shape}"
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max(), f"{name}: other values"


def check_emdfile(result, _):
    import emdfile

    root = emdfile.read(result)
    for name in ("object", "phase", "probe", "positions", "loss"):
        array = root.tree(name)
        same(name, array.data, truth(result, name))
    assert [str(unit) for unit in root.tree("phase").dim_units] == ["angstrom", "angstrom"]


def check_rosettasciio(result, _):
    from rsciio import emd, nexus

    arrays = {item["metadata"]["General"]["title"]: item for item in emd.file_reader(result)}
    phase = next(item for title, item in arrays.items() if title.split("/")[-1] == "phase")
    same("phase", phase["data"], truth(result, "phase"))
    with h5py.File(result) as file:
        pixel = file["reconstruction/phase"].attrs["pixel_size_A"]
    for axis, expected in zip(phase["axes"], pixel):
        assert abs(axis["scale"] - expected) < 1e-6 * expected and axis["units"] in ("angstrom", "Å"), axis
    found = nexus.file_reader(result, dataset_key="phase")
    same("phase by NeXus", found[0]["data"], truth(result, "phase"))


def check_tifffile(result, folder):
    import tifffile

    with tifffile.TiffFile(os.path.join(folder, "slices.tif")) as tiff:
        slices = truth(result, "slices")
        same("slices.tif", tiff.asarray().reshape(slices.shape), slices, 0)
        same("pages", np.array([page.asarray() for page in tiff.pages]), slices, 0)
        # ImageJ looks at the first directory alone: the images must lie behind each other.
        offsets = [page.dataoffsets[0] for page in tiff.pages]
        assert set(np.diff(offsets)) <= {slices[0].nbytes}, offsets
        assert tiff.is_imagej and len(tiff.pages) == len(truth(result, "slices"))
        assert tiff.imagej_metadata.get("unit", "Angstrom") == "Angstrom"
        gaps = np.load(os.path.join(folder, "gaps.npy"))
        if len(gaps) and np.ptp(gaps) == 0:
            assert abs(tiff.imagej_metadata["spacing"] - gaps[0]) < 1e-6, tiff.imagej_metadata
        numerator, denominator = tiff.pages[0].tags["XResolution"].value
        with h5py.File(result) as file:
            pixel = file["reconstruction/object"].attrs["pixel_size_A"]
        assert abs(denominator / numerator - pixel[1]) < 1e-5 * pixel[1]


def check_pillow(result, folder):
    import json

    from PIL import Image

    phase = truth(result, "phase").astype(float)
    for name in ("phase", "phase8"):
        levels = np.asarray(Image.open(os.path.join(folder, name + ".png"))).astype(float)
        with open(os.path.join(folder, name + ".json")) as file:
            sidecar = json.load(file)
        step = (sidecar["maximum"] - sidecar["minimum"]) / (2 ** sidecar["bits"] - 1)
        assert np.abs(sidecar["minimum"] + levels * step - phase).max() <= 0.51 * step, name


def check_phaser(result, folder):
    from phaser.utils.io import hdf5_read_state

    state = hdf5_read_state(os.path.join(folder, "phaser.h5"))
    same("object", state.object.data, truth(result, "object"))
    same("probe", state.probe.data, truth(result, "probe"))
    positions = truth(result, "positions")
    with h5py.File(result) as file:
        attributes = file["reconstruction/object"].attrs
        c = (positions - attributes["origin_A"]) / attributes["pixel_size_A"]
    window = state.probe.data.shape[-2:]
    same("window", state.object.sampling._pos_to_object_idx(state.scan.data, window), c - np.array(window) // 2, 1e-9)
    gaps = np.load(os.path.join(folder, "gaps.npy"))
    same("depths", state.object.zs(), np.concatenate([[0], np.cumsum(gaps)]), 1e-6)


def check_ptyrad(result, folder):
    import ptyrad
    from ptyrad.io.hierarchy import load_hdf5

    # What load_ptyrad reads, and the initialiser makes of it with obj_source, probe_source, pos_source: PtyRAD.
    model = load_hdf5(os.path.join(folder, "ptyrad.hdf5"))
    tensors = model["optimizable_tensors"]
    same("object", tensors["obja"] * np.exp(1j * tensors["objp"]), truth(result, "object")[None], 1e-5)
    same("probe", tensors["probe"], truth(result, "probe"))
    positions = model["model_attributes"]["crop_pos"] + tensors["probe_pos_shifts"]
    assert positions.shape == truth(result, "positions").shape
    print(f"PtyRAD {ptyrad.__version__}")


def check_napari(result, folder):
    from napari_builtins.io import napari_get_reader

    for name, array in (("slices.tif", "slices"), ("amplitude.npy", "amplitude")):
        path = os.path.join(folder, name)
        layer = napari_get_reader(path)(path)[0]
        same(name, np.asarray(layer[0]).reshape(truth(result, array).shape), truth(result, array))


def main():
    if len(sys.argv) < 4:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    for package in sys.argv[3:]:
        globals()["check_" + package](sys.argv[1], sys.argv[2])
        print(f"{package}: opens")
    return 0


if __name__ == "__main__":
    sys.exit(main())

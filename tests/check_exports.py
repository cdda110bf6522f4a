#!/usr/bin/env python3
"""Checks the files that `tessera export` made from a result against that result, with h5py and numpy alone.

usage: check_exports.py result.emd FOLDER
FOLDER holds ptyrad.hdf5, phaser.h5, cxi.cxi, adorym.h5, slices.tif, phase.png with phase.json, object.npy and gaps.npy: the
distances between the slices. What is not there is not checked. Ends with 1 and the reason at the first that is wrong.
"""
import json
import os
import struct
import sys

import h5py
import numpy as np


def near(name, found, expected, tolerance=1e-6):
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{name}: shape {found.shape}, not {expected.shape}"
    error = np.abs(found - expected).max(initial=0) / max(1e-30, np.abs(expected).max(initial=0))
    assert error <= tolerance, f"{name}: differs by {error} of its largest value"


class Result:
    """What other programs are told, from the result's own conventions (io/README.md)."""

    def __init__(self, path, gaps_A):
        with h5py.File(path) as file:
            root = file["reconstruction"]
            self.object = root["object/data"][()]
            self.slices = root["slices/data"][()]
            self.phase = root["phase/data"][()]
            self.probe = root["probe/data"][()]
            self.positions = root["positions/data"][()]
            self.loss = root["loss/data"][()]
            self.origin = root["object"].attrs["origin_A"]
            self.pixel = root["object"].attrs["pixel_size_A"]
            self.wavelength = root["metadatabundle/reconstruction/wavelength_A"][()]
        self.gaps = gaps_A
        self.window = np.array(self.probe.shape[1:])
        # The position is where the window's pixel N // 2 lies.
        self.corners = (self.positions - self.origin) / self.pixel - self.window // 2


def check_ptyrad(path, result):
    with h5py.File(path) as file:
        tensors, model = file["optimizable_tensors"], file["model_attributes"]
        obj = tensors["obja"][()] * np.exp(1j * tensors["objp"][()])
        near("ptyrad object", obj, result.object[None], 1e-5)
        near("ptyrad phase", tensors["objp"], result.slices[None])
        near("ptyrad probe", tensors["probe"], result.probe)
        crop = model["crop_pos"][()].astype(float)
        near("ptyrad positions", crop + tensors["probe_pos_shifts"][()], result.corners, 1e-5)
        assert np.abs(tensors["probe_pos_shifts"][()]).max() <= 0.5 + 1e-6
        ends = crop + result.window
        assert (crop >= 0).all() and (ends <= result.object.shape[1:]).all(), "a window leaves the object"
        near("dx", model["dx"], result.pixel[0])
        near("dk", model["dk"], 1 / (result.pixel[0] * result.window[0]))
        near("lambd", model["lambd"], result.wavelength)
        near("slice_thickness", model["slice_thickness"], result.gaps.mean() if len(result.gaps) else 0, 1e-2)
        near("loss", file["loss_iters"][:, 1], result.loss)


def check_phaser(path, result):
    with h5py.File(path) as file:
        assert file["type"][()] == b"phaser_state" and file["version"][()] == b"0.1"
        near("phaser object", file["object/data"], result.object)
        near("phaser probe", file["probe/data"], result.probe)
        near("phaser corner", file["object/corner"], result.origin)
        near("phaser extent", file["probe/extent"], result.pixel * result.window)
        # Its window is centred between pixels where ours is centred on one.
        corners = (file["scan"][()] - file["object/corner"][()]) / file["object/sampling"][()] - (result.window - 1) / 2
        near("phaser positions", corners, result.corners, 1e-9)
        thicknesses = file["object/thicknesses"][()]
        assert len(thicknesses) == (len(result.object) if len(result.object) > 1 else 0)
        near("phaser thicknesses", thicknesses[: len(result.gaps)], result.gaps, 1e-9)
        near("phaser errors", file["progress/detector_errors"], result.loss)


def check_cxi(path, result):
    with h5py.File(path) as file:
        assert file["cxi_version"][()] == 160
        entry = file["entry_1"]
        near("cxi image", entry["image_1/data"], result.object)
        near("cxi probe", entry["instrument_1/source_1/probe"], result.probe)
        near("cxi wavelength", entry["instrument_1/source_1/wavelength"], result.wavelength * 1e-10)
        energy_eV = entry["instrument_1/source_1/energy"][()] / 1.602176634e-19
        wavelength_A = 12.2642596 / np.sqrt(energy_eV + 0.978476e-6 * energy_eV**2)  # of electrons
        near("cxi energy", wavelength_A, result.wavelength, 1e-5)
        translation = entry["sample_1/geometry_1/translation"][()]
        near("cxi translation", -translation[:, [1, 0]] * 1e10, result.positions, 1e-9)


def check_adorym(path, result):
    with h5py.File(path) as file:
        guess, metadata = file["initial_guess"], file["metadata"]
        obj = guess["obj_mag"][()] * np.exp(1j * guess["obj_phase"][()])
        near("adorym object", obj, np.moveaxis(result.object, 0, -1), 1e-5)
        near("adorym probe", guess["probe_mag"][()] * np.exp(1j * guess["probe_phase"][()]), result.probe, 1e-5)
        near("adorym positions", metadata["probe_pos_px"], result.corners, 1e-9)
        near("adorym pixel", metadata["psize_cm"][()] * 1e8, result.pixel[0])
        near("adorym wavelength", 1240.0 / metadata["energy_ev"][()] * 10, result.wavelength)
        near("adorym depths", metadata["slice_pos_cm"][()] * 1e8, np.concatenate([[0], np.cumsum(result.gaps)]), 1e-9)


def check_png(path, result):
    with open(path, "rb") as file:
        head = file.read(33)
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, bits, kind = struct.unpack(">IIBB", head[16:26])
    assert (height, width) == result.phase.shape and kind == 0, f"{height} x {width}, colour type {kind}"
    with open(path.replace(".png", ".json")) as file:
        sidecar = json.load(file)
    assert sidecar["bits"] == bits and sidecar["units"] == "rad" and sidecar["array"] == "phase"
    near("png limits", [sidecar["minimum"], sidecar["maximum"]], [result.phase.min(), result.phase.max()])
    near("png pixel", sidecar["pixel_size_A"], result.pixel)


def check_npy(path, result):
    array = np.load(path)
    assert array.dtype == result.object.dtype and np.array_equal(array, result.object), "object.npy"


CHECKS = {"ptyrad.hdf5": check_ptyrad, "phaser.h5": check_phaser, "cxi.cxi": check_cxi, "adorym.h5": check_adorym,
          "phase.png": check_png, "object.npy": check_npy}


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    folder = sys.argv[2]
    result = Result(sys.argv[1], np.load(os.path.join(folder, "gaps.npy")))
    checked = [name for name in CHECKS if os.path.exists(os.path.join(folder, name))]
    for name in checked:
        CHECKS[name](os.path.join(folder, name), result)
    print(f"{sys.argv[1]}: as in the result: {', '.join(checked)}")
    return 0 if checked else 1


if __name__ == "__main__":
    sys.exit(main())

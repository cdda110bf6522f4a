"""The HDF5 files of format_vectors.py."""

import json

import h5py
import numpy as np

from format_vectors import case, counts, folder, package, random


def emd_files():
    a = counts((5, 6, 16, 20))
    emdfile = package("emdfile")
    if emdfile:
        array = emdfile.Array(a, name="datacube", units="pixel intensity", dims=[[0, 0.4], [0, 0.5], [0, 0.02], [0, 0.03]],
                              dim_names=["Rx", "Ry", "Qx", "Qy"], dim_units=["A", "A", "A^-1", "A^-1"])
        emdfile.save(folder("emd") + "a.emd", array)
        case("emd", a, {"file": "a.emd"}, {"data.format": "emd", "scan.step_A": "[0.4, 0.5]",
                                           "detector.pixel_invA": "[0.02, 0.03]"})
    with h5py.File(folder("emd_py4dstem") + "a.h5", "w") as file:
        file.attrs.update({"emd_group_type": "file", "version_major": 1, "version_minor": 0})
        cube = file.create_group("experiment/datacube")
        cube.attrs.update({"emd_group_type": "array", "python_class": "DataCube"})
        cube["data"] = a
        calibration = file.create_group("experiment/metadatabundle/calibration")
        for key, value in {"Q_pixel_size": 1.5, "Q_pixel_units": "mrad", "R_pixel_size": 0.2, "R_pixel_units": "nm",
                           "convergence_semiangle_mrad": 21.4}.items():
            calibration[key] = value
    case("emd_py4dstem", a, {"file": "a.h5"}, {"scan.step_A": 2, "detector.pixel_mrad": 1.5, "beam.semiangle_mrad": 21.4,
                                               "data.patterns": "/experiment/datacube/data"})
    with h5py.File(folder("emd_old") + "a.emd", "w") as file:
        file.attrs.update({"version_major": 0, "version_minor": 2})
        group = file.create_group("data/scan")
        group.attrs["emd_group_type"] = 1
        group["data"] = a
        for i, (scale, unit) in enumerate(((0.04, "[n_m]"), (0.04, "[n_m]"), (0.5, "[mrad]"), (0.5, "[mrad]"))):
            group[f"dim{i + 1}"] = scale * np.arange(a.shape[i])
            group[f"dim{i + 1}"].attrs["units"] = unit
    case("emd_old", a, {"file": "a.emd"}, {"scan.step_A": 0.4, "detector.pixel_mrad": 0.5})
    rsciio = package("rsciio.hspy")
    if rsciio:
        axes = [{"name": n, "size": s, "scale": c, "offset": 0, "units": u, "navigate": v, "index_in_array": i}
                for i, (n, s, c, u, v) in enumerate((("y", 5, 0.5, "A", True), ("x", 6, 0.5, "A", True),
                                                     ("ky", 16, 0.2, "1/nm", False), ("kx", 20, 0.2, "1/nm", False)))]
        metadata = {"General": {"title": "a"}, "Signal": {"signal_type": ""},
                    "Acquisition_instrument": {"TEM": {"beam_energy": 200.0, "convergence_angle": 25.0}}}
        signal = {"data": a, "axes": axes, "metadata": metadata, "original_metadata": {}, "package_info": {},
                  "learning_results": {}, "attributes": {"_lazy": False}, "tmp_parameters": {}, "models": {}}
        rsciio.file_writer(folder("hspy") + "a.hspy", signal)
        case("hspy", a, {"file": "a.hspy"}, {"beam.energy_keV": 200, "beam.semiangle_mrad": 25, "scan.step_A": 0.5,
                                             "detector.pixel_invA": 0.02})
    with h5py.File(folder("nion_h5") + "a.h5", "w") as file:
        file["data"] = a
        file["data"].attrs["properties"] = json.dumps(
            {"dimensional_calibrations": [{"scale": 0.2, "units": "nm"}] * 2 + [{"scale": 1, "units": "mrad"}] * 2,
             "metadata": {"hardware_source": {"autostem": {"high_tension": 100000}}}})
    case("nion_h5", a, {"file": "a.h5"}, {"beam.energy_keV": 100, "scan.step_A": 2, "detector.pixel_mrad": 1})


def dectris_files():
    hdf5plugin = package("hdf5plugin")
    a = counts((36, 24, 24), "uint32", 1000)
    a[:, 3, 4] = 2**32 - 1
    for name, options in (("dectris", {}), ("dectris_bitshuffle", hdf5plugin.Bitshuffle(cname="lz4") if hdf5plugin else None)):
        if options is None:
            continue
        with h5py.File(folder(name) + "s_master.h5", "w") as master:
            for i, first in enumerate(range(0, 50, 10)):
                if first < 36:
                    with h5py.File(f"{name}/s_data_{i + 1:06d}.h5", "w") as file:
                        file.create_dataset("entry/data/data", data=a[first:first + 10], chunks=(1, 24, 24), **options)
                # The last was never written.
                master[f"entry/data/data_{i + 1:06d}"] = h5py.ExternalLink(f"s_data_{i + 1:06d}.h5", "/entry/data/data")
            detector = master.create_group("entry/instrument/detector")
            detector.update({"x_pixel_size": 1e-4, "y_pixel_size": 1e-4, "detector_distance": 0.1, "beam_center_x": 12.0,
                             "beam_center_y": 11.0})
            mask = np.zeros((24, 24), "uint32")
            mask[3, 4] = 1
            detector["detectorSpecific/pixel_mask"] = mask
        case(name, a.reshape(6, 6, 24, 24), {"file": "s_master.h5", "scan_shape": "[6, 6]"},
             {"data.format": "dectris", "detector.pixel_mrad": 1,
              "data.mask": "/entry/instrument/detector/detectorSpecific/pixel_mask"})
    rsciio = package("rsciio.arina")
    if rsciio:
        with h5py.File(folder("arina") + "s_master.h5", "w") as master, h5py.File("arina/s_data_000001.h5", "w") as file:
            file["entry/data/data"] = (a % 1000).astype("uint16")
            master["entry/data/data_000001"] = h5py.ExternalLink("s_data_000001.h5", "/entry/data/data")
            master["entry/instrument/detector/x_pixel_size"] = 1e-4
        with h5py.File("arina/s.h5", "w") as file:
            file.create_group("STEM Metadata").attrs["Pixel Size"] = [0.05, 0.05]
        check = rsciio.file_reader("arina/s_master.h5", navigation_shape=(6, 6))[0]["data"]
        case("arina", (a % 1000).astype("uint16").reshape(6, 6, 24, 24), {"file": "s_master.h5", "scan_shape": "[6, 6]"},
             {"scan.step_A": 0.5}, check)
    with h5py.File(folder("virtual") + "s_master.h5", "w") as master:
        layout = h5py.VirtualLayout((36, 24, 24), "uint16")
        for i in range(4):
            with h5py.File(f"virtual/part{i}.h5", "w") as file:
                file["data"] = (a[9 * i:9 * i + 9] % 1000).astype("uint16")
            layout[9 * i:9 * i + 9] = h5py.VirtualSource(f"part{i}.h5", "data", (9, 24, 24))
        master.create_virtual_dataset("entry/data/data", layout)
        master["entry/instrument/detector/x_pixel_size"] = 1e-4
    case("virtual", (a % 1000).astype("uint16"), {"file": "s_master.h5"}, {"data.format": "dectris"})


def xray_files():
    a = counts((30, 16, 20))
    y, x = random.random((2, 30)) * 1e-9
    with h5py.File(folder("cxi") + "a.cxi", "w") as file:
        file["cxi_version"] = 160
        file["entry_1/data_1/data"] = a
        file["entry_1/data_1/translation"] = np.stack([x, y, 0 * y], axis=1)
        file["entry_1/instrument_1/source_1/energy"] = 200e3 * 1.602176634e-19
        file["entry_1/instrument_1/detector_1/distance"] = 0.5
        file["entry_1/instrument_1/detector_1/x_pixel_size"] = 1e-4
        file["entry_1/instrument_1/detector_1/y_pixel_size"] = 1e-4
    case("cxi", a, {"file": "a.cxi"}, {"beam.energy_keV": 200, "detector.pixel_mrad": 0.2,
                                       "data.positions": "/entry_1/data_1/translation"})
    with h5py.File(folder("ptypy") + "a.ptyd", "w") as file, h5py.File("ptypy/a.ptyd.part001", "w") as part:
        file["meta/energy"], file["meta/psize"], file["meta/distance"] = 7.2, 1e-4, 2.0
        for group, sl in ((file.create_group("chunks/0"), slice(0, 10)), (part.create_group("chunks/1"), slice(10, 30))):
            group["data"] = a[sl]
            group["positions"] = np.stack([y, x], axis=1)[sl]
        file["chunks/1"] = h5py.ExternalLink("a.ptyd.part001", "/chunks/1")
    case("ptypy", a, {"file": "a.ptyd"}, {"detector.pixel_mrad": 0.05, "beam.wavelength_A": 1.722})
    with h5py.File(folder("ptychoshelves") + "data_roi0_dp.hdf5", "w") as file:
        file.create_dataset("dp", data=a.astype("float32").swapaxes(1, 2), chunks=(1, 20, 16), compression="gzip")
    with h5py.File("ptychoshelves/data_roi0_para.hdf5", "w") as file:
        file["ppX"], file["ppY"] = (x * 1e10)[None], (y * 1e10)[None]
    case("ptychoshelves", a.astype("float32"), {"file": "data_roi0_dp.hdf5"}, {"data.format": "ptychoshelves"})
    with h5py.File(folder("matlab") + "a.mat", "w", userblock_size=512) as file:
        # MATLAB's size is (ky, kx, Ry, Rx).
        file["cbed"] = a.reshape(5, 6, 16, 20).transpose(1, 0, 3, 2).astype("f8")
        file["cbed"].attrs["MATLAB_class"] = np.bytes_("double")
    case("matlab", a.reshape(5, 6, 16, 20).astype("float32"), {"file": "a.mat"}, {"data.patterns": "/cbed"})
    for name, stored in (("adorym", a[None].astype("float32")), ("adorym_waves", np.sqrt(a[None]).astype("complex64"))):
        with h5py.File(folder(name) + "a.h5", "w") as file:
            file["exchange/data"] = stored
            file["metadata/energy_ev"], file["metadata/psize_cm"] = 60e3, 1e-9
            file["metadata/probe_pos_px"] = np.stack([y, x], axis=1) * 1e11
        np.save(f"{name}/a_beamstop.npy", random.random((16, 20)) > 0.2)
        expected = a.astype("float32") if name == "adorym" else np.abs(stored[0].real) ** 2
        case(name, expected.astype("float32"), {"file": "a.h5"},
             {"beam.energy_keV": 60, "data.positions": "/metadata/probe_pos_px", "detector.pixel_invA": "[0.625, 0.5]"})


def event_files():
    dense = random.poisson(0.05, (4, 5, 16, 20)).astype("uint8")
    lists = [np.repeat(np.arange(320, dtype="uint32"), frame.ravel()) for frame in dense.reshape(-1, 16, 20)]

    def write(name, rows, positions, version):
        with h5py.File(folder(name) + "a.h5", "w") as file:
            if version > 1:
                file.attrs["version"] = version
            frames = file.create_dataset("electron_events/frames", (len(rows),), dtype=h5py.special_dtype(vlen=np.uint32))
            for i, row in enumerate(rows):
                frames[i] = row
            frames.attrs["Nx"], frames.attrs["Ny"] = 16, 20
            file["electron_events/scan_positions"] = np.array(positions, "uint32")
            file["electron_events/scan_positions"].attrs["Nx"] = 5
            file["electron_events/scan_positions"].attrs["Ny"] = 4

    write("stempy_1", lists, range(20), 1)
    case("stempy_1", dense, {"file": "a.h5"}, {"data.format": "stempy"})
    once, again, of = [], [], []
    for i, row in enumerate(lists):
        values, n = np.unique(row, return_counts=True)
        once.append(values)
        while np.any(n > 1):
            values, n = values[n > 1], n[n > 1] - 1
            again.append(values)
            of.append(i)
    write("stempy_2", once + again, list(range(20)) + of, 2)
    case("stempy_2", dense, {"file": "a.h5"})
    with h5py.File(folder("events") + "a.h5", "w") as file:
        file["events/pixel"] = np.concatenate(lists).astype("uint16")
        file["events/pixel"].attrs["ky"], file["events/pixel"].attrs["kx"] = 16, 20
        file["events/count"] = dense.sum(axis=(2, 3), dtype="uint32")
        file["positions_A"] = random.random((20, 2))
        file["mask"] = np.ones((16, 20), "uint8")
    case("events", dense, {"file": "a.h5"}, {"data.format": "events", "data.positions": "/positions_A", "data.mask": "/mask"})
    crowd = np.zeros((2, 8, 8), "uint16")
    crowd[0, 3, 4], crowd[1, 7, 7] = 300, 2
    with h5py.File(folder("events_many") + "a.h5", "w") as file:
        file["events/pixel"] = np.repeat([28, 63], [300, 2]).astype("uint32")
        file["events/pixel"].attrs["ky"] = file["events/pixel"].attrs["kx"] = 8
        file["events/count"] = np.array([300, 2], "uint32")
        file["events/largest"] = np.array([300], "uint32")
    case("events_many", crowd, {"file": "a.h5"})
    stempy = package("stempy.io.sparse_array")
    if stempy:
        data = np.empty((20, 2), dtype=object)
        for i, row in enumerate(lists):
            data[i, 0], data[i, 1] = row[::2].astype("uint32"), row[1::2].astype("uint32")
        array = stempy.SparseArray(data=data, scan_shape=(4, 5), frame_shape=(16, 20))
        array.write_to_hdf5(folder("stempy_3") + "a.h5")
        case("stempy_3", dense.astype("uint16"), {"file": "a.h5", "raw": "{type: uint16}"})


def plain_files():
    a = counts((5, 6, 16, 20))
    with h5py.File(folder("plain") + "a.h5", "w") as file:
        file["some/where"] = a
        file["some/where"].attrs["energy_keV"] = 80.0
        file.attrs["semiangle_mrad"] = 21.4
        file["scan/positions"] = random.random((30, 2))
    case("plain", a, {"file": "a.h5"}, {"beam.energy_keV": 80, "beam.semiangle_mrad": 21.4, "data.patterns": "/some/where",
                                        "data.positions": "/scan/positions"})


makers = (emd_files, dectris_files, xray_files, event_files, plain_files)

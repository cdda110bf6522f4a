"""Files of every format that is read, each in a folder of its own under the working directory:

    NAME/run.yaml      data alone; what is read from it must be
    NAME/expected.npy  this, element by element
    NAME/facts.txt     keys and values that its metadata must fill, as --print-config writes them

Packages of others write what they can: emdfile, RosettaSciIO, hdf5plugin, tifffile, stempy; where one reads a format that
it does not write (EMPAD, MIB, ARINA), it must read the same array. Those that are missing are said on a line "skipped".
"""

import json
import os
import sys

import h5py
import numpy as np

random = np.random.default_rng(1)


def counts(shape, dtype="uint16", most=200):
    return random.integers(0, most, shape).astype(dtype)


def case(name, expected, data, facts=None, check=None):
    os.makedirs(name, exist_ok=True)
    text = "version: 1\ndata: {" + ", ".join(f"{k}: {v}" for k, v in data.items()) + "}\noutput: {directory: out}\n"
    # What no format tells is given, so that --print-config has a whole run file.
    with open(f"{name}/run.yaml", "w") as file:
        file.write(text)
    np.save(f"{name}/expected.npy", expected)
    with open(f"{name}/facts.txt", "w") as file:
        for key, value in (facts or {}).items():
            file.write(f"{key}: {value}\n")
    if check is not None and not np.array_equal(np.squeeze(check), np.squeeze(expected)):
        sys.exit(f"{name}: another package reads another array")


def package(name):
    try:
        return __import__(name, fromlist=["_"])
    except ImportError as error:
        print(f"skipped: what needs {name}: {error}")
        return None


def folder(name):
    os.makedirs(name, exist_ok=True)
    return name + "/"


def raw_files():
    a = counts((5, 6, 32, 24))
    with open(folder("raw_gap") + "a.bin", "wb") as file:
        file.write(b"x" * 100)
        for frame in a.reshape(-1, 32, 24):
            file.write(frame.astype(">u2").tobytes() + b"y" * 32)
    case("raw_gap", a, {"file": "a.bin", "format": "raw", "scan_shape": "[5, 6]",
                        "raw": "{shape: [32, 24], type: uint16, offset_bytes: 100, gap_bytes: 32, byte_order: big}"})
    signed = counts((7, 16, 16), "int16", 500) - 100
    signed.tofile(folder("raw_signed") + "a.dat")
    case("raw_signed", signed.astype("float32"), {"file": "a.dat", "raw": "{shape: [7, 16, 16], type: int16}"})
    # Two frames come first, and of each line one is the flyback's; lines go to and fro.
    stored = counts((2 + 4 * 6, 16, 16), "uint32", 10**6)
    stored.tofile(folder("raw_flyback") + "a.dat")
    rows = stored[2:].reshape(4, 6, 16, 16)[:, :5].copy()
    rows[1::2] = rows[1::2, ::-1]
    case("raw_flyback", rows, {"file": "a.dat", "raw": "{shape: [16, 16], type: uint32}", "scan_shape": "[4, 5]",
                               "first_frame": 2, "line_frames": 6, "scan_order": "snake"})


def numpy_files():
    a = counts((5, 6, 32, 24))
    np.save(folder("npy") + "a.npy", a)
    case("npy", a, {"file": "a.npy"})
    np.save(folder("npy_double") + "a.npy", a.astype("f8"))
    case("npy_double", a.astype("float32"), {"file": "a.npy"})
    np.save(folder("npy_big") + "a.npy", a.reshape(30, 32, 24).astype(">u4"))
    case("npy_big", a.reshape(6, 5, 32, 24).swapaxes(0, 1).astype("uint32"),
         {"file": "a.npy", "scan_shape": "[5, 6]", "scan_order": "columns"})
    np.save(folder("npy_roots") + "a.npy", np.arange(3 * 64, dtype="float32").reshape(3, 8, 8))
    case("npy_roots", np.arange(3 * 64, dtype="float32").reshape(3, 8, 8) ** 2, {"file": "a.npy", "values": "amplitudes"})
    np.save(folder("nion") + "scan.npy", a.astype("float32"))
    with open("nion/scan.json", "w") as file:
        json.dump({"data_shape": a.shape, "data_dtype": "float32", "collection_dimension_count": 2, "datum_dimension_count": 2,
                   "dimensional_calibrations": [{"offset": 0, "scale": 0.05, "units": "nm"},
                                                {"offset": 0, "scale": 0.05, "units": "nm"},
                                                {"offset": -0.016, "scale": 0.001, "units": "rad"},
                                                {"offset": -0.012, "scale": 0.001, "units": "rad"}],
                   "metadata": {"instrument": {"high_tension": 60000, "defocus": 1e-9}}}, file)
    case("nion", a.astype("float32"), {"file": "scan.npy"},
         {"beam.energy_keV": 60, "scan.step_A": 0.5, "detector.pixel_mrad": 1})


EMPAD_G1 = """<root><raw_file filename="scan_x5_y4.raw" />{scan}<iom_measurements><high_voltage>300000.0</high_voltage>
<nominal_camera_length>0.3</nominal_camera_length>{more}</iom_measurements></root>"""


def empad_files():
    image = random.random((4, 5, 128, 128)).astype("float32")
    stream = np.concatenate([image, np.full((4, 5, 2, 128), 7, "float32")], axis=2)
    rsciio = package("rsciio.empad")

    def one(name, xml, facts, data):
        data.tofile(folder(name) + "scan_x5_y4.raw")
        with open(f"{name}/scan.xml", "w") as file:
            file.write(xml)
        facts = {"beam.energy_keV": 300, "detector.flip_y": "true", "data.border_px": 2, **facts}
        # RosettaSciIO knows the first generation.
        check = rsciio.file_reader(f"{name}/scan.xml")[0]["data"] if rsciio and "raw_file" in xml else None
        case(name, image, {"file": "scan.xml" if "new" in name else "scan_x5_y4.raw"}, facts, check)

    one("empad_old", EMPAD_G1.format(
        scan="<pix_x>5</pix_x><pix_y>4</pix_y>",
        more="<optics.get_full_scan_field_of_view>[2e-9, 5e-9]</optics.get_full_scan_field_of_view>"
        "<calibrated_pixelsize>2.5e-10</calibrated_pixelsize>"),
        {"scan.step_A": "[5, 10]", "detector.pixel_invA": 0.025}, stream)
    one("empad_new", EMPAD_G1.format(
        scan='<scan_parameters mode="search"><scan_resolution_x>99</scan_resolution_x><scan_resolution_y>99'
        '</scan_resolution_y></scan_parameters><scan_parameters mode="acquire"><scan_resolution_x>5</scan_resolution_x>'
        "<scan_resolution_y>4</scan_resolution_y></scan_parameters>",
        more="<full_scan_field_of_view><x>3.6e-9</x><y>3.6e-9</y><scale_factor>0.72</scale_factor>"
        "</full_scan_field_of_view>"), {"scan.step_A": 10}, stream)
    one("empad_second_new", "<root><rawfile><filename>scan_x5_y4.raw</filename></rawfile><iom_measurements>"
        "<ColumnSourceHighVoltage>300000</ColumnSourceHighVoltage>"
        "<ColumnOpticsGetFullScanFieldOfViewx>5e-9</ColumnOpticsGetFullScanFieldOfViewx>"
        "<calibrated_diffraction_angle>0.0005</calibrated_diffraction_angle></iom_measurements></root>",
        {"scan.step_A": 10, "detector.pixel_mrad": 0.5}, image)


def mib_files():
    rsciio = package("rsciio.quantumdetector")
    for name, code, dtype, header_bytes, side in (("mib_u08", "U08", ">u1", 384, 64), ("mib_u16", "U16", ">u2", 384, 64),
                                                  ("mib_u32", "U32", ">u4", 768, 96)):
        a = counts((4, 5, side, side), dtype)
        with open(folder(name) + "a.mib", "wb") as file:
            for i, frame in enumerate(a.reshape(-1, side, side)):
                chips = "1,00,0001" if header_bytes == 384 else "4,2x2,01"
                head = (f"MQ1,{i + 1:06d},{header_bytes:05d},{chips.split(',')[0]:>02},{side:04d},{side:04d},{code},   1x1,01,"
                        "2026-01-01 00:00:00.000000,0.001000,0,0,0,1.200000E+2,0,0,2026-01-01T00:00:00.000Z,1000000ns,12,")
                file.write(head.encode().ljust(header_bytes, b"\0") + frame.tobytes())
        with open(f"{name}/a.hdr", "w") as file:
            file.write("HDR,\t\nFrames in Acquisition (Number):\t20\nScanX:\t5\nScanY:\t4\nEnd\t\n")
        check = None
        if rsciio:
            check = rsciio.file_reader(f"{name}/a.mib", navigation_shape=(5, 4))[0]["data"]
            check = check[..., ::-1, :] if not np.array_equal(np.squeeze(check), a) else check  # its display's y points up
        case(name, a.astype(dtype[1:]), {"file": "a.mib"}, {"data.format": "mib"}, check)


def folders():
    a = counts((3, 12, 16, 20))
    tifffile = package("tifffile")
    if tifffile:
        for name, options in (("folder_tiff", {}), ("folder_tiff_deflate", {"compression": "zlib"})):
            for y in range(3):
                for x in range(12):
                    tifffile.imwrite(folder(name) + f"scan_{y}_{x}.tif", a[y, x], **options)
            case(name, a, {"file": '"scan_{y}_{x}.tif"'}, {"data.format": "folder"})
        tifffile.imwrite(folder("tiff_stack") + "a.tif", a.reshape(-1, 16, 20).astype(">u2"), byteorder=">")
        case("tiff_stack", a, {"file": "a.tif", "scan_shape": "[3, 12]"})
    for i, frame in enumerate(a.reshape(-1, 16, 20)):
        np.save(folder("folder_npy/frames") + f"f{i}.npy", frame)
        with h5py.File(folder("folder_h5/frames") + f"f{i}.h5", "w") as file:
            file["image"] = frame.astype("int32")
        frame.tofile(folder("folder_raw/frames") + f"f{i:03d}.bin")
    case("folder_npy", a.reshape(-1, 16, 20), {"file": "frames"})
    case("folder_h5", a.astype("float32"), {"file": "frames/*.h5", "scan_shape": "[3, 12]"})
    case("folder_raw", a, {"file": '"frames/f{n}.bin"', "scan_shape": "[3, 12]", "raw": "{shape: [16, 20], type: uint16}"})


if __name__ == "__main__":
    import format_vectors_h5

    for make in (raw_files, numpy_files, empad_files, mib_files, folders, *format_vectors_h5.makers):
        make()

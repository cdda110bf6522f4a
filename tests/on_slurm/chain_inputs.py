"""What two microscopes leave, in the working directory: a raw EMPAD file with its XML, of the data that `tessera simulate` wrote
(argument 1), and an array of Nion Swift with its JSON, of a camera that distorts, of the bilayer (argument 2). With the truth of
both, in the coordinates of their scans, which begin at 0."""

import json
import sys

import h5py
import numpy as np
from distorting_camera import pictures_of_discs, stretched


def write_truth(name, phase, pixel_size_A, origin_A, positions):
    with h5py.File(name, "w") as file:
        file["truth/phase_rad"] = phase
        file["truth/phase_rad"].attrs.update({"pixel_size_A": pixel_size_A, "origin_A": origin_A - positions[0]})
        file["positions_A"] = positions - positions[0]


def empad(simulated):
    """130 rows a frame, of which two are no image, upside down; the beam is off the centre."""
    with h5py.File(simulated) as file:
        counts = np.roll(file["data"][()].astype("float32"), (3, -5), axis=(2, 3))
        truth = file["truth/phase_rad"]
        write_truth("empad_truth.h5", truth[()], truth.attrs["pixel_size_A"], truth.attrs["origin_A"], file["positions_A"][()])
    rows, columns = counts.shape[:2]
    frames = np.full((rows, columns, 130, 128), 7, "float32")
    frames[:, :, :128] = counts[:, :, ::-1]
    frames.tofile(f"scan_x{columns}_y{rows}.raw")
    side_m = max(rows, columns) * 0.8e-10 * 0.72  # of the longer side, times a factor
    with open("scan.xml", "w") as file:
        file.write(f"""<root><raw_file filename="scan_x{columns}_y{rows}.raw"/><scan_parameters mode="acquire">
<scan_resolution_x>{columns}</scan_resolution_x><scan_resolution_y>{rows}</scan_resolution_y></scan_parameters>
<iom_measurements><high_voltage>80000.0</high_voltage><calibrated_diffraction_angle>0.0021749</calibrated_diffraction_angle>
<full_scan_field_of_view><x>{side_m}</x><y>{side_m}</y><scale_factor>0.72</scale_factor></full_scan_field_of_view></iom_measurements></root>
""")


def nion(bilayer):
    """By a camera that stretches, with pictures of discs that tell how."""
    with h5py.File(bilayer) as file:
        counts = file["data"][()].astype("float64").reshape(24, 24, 96, 96)
        write_truth("nion_truth.h5", file["truth/phase_rad"][()], 0.2, np.zeros(2), file["positions_A"][()])
    np.save("swift.npy", stretched(counts).astype("float32"))
    axes = [(0.08, "nm"), (0.08, "nm"), (0.0021749, "rad"), (0.0021749, "rad")]
    with open("swift.json", "w") as file:
        json.dump({"data_shape": counts.shape, "dimensional_calibrations": [{"offset": 0, "scale": s, "units": u} for s, u in axes],
                   "metadata": {"instrument": {"high_tension": 80000}}}, file)
    with h5py.File("discs.h5", "w") as file:
        file["belong"], file["seen"] = pictures_of_discs()


empad(sys.argv[1])
nion(sys.argv[2])

#!/usr/bin/env bash
# A newcomer's hour: a file as HyperSpy writes it, of a bilayer that another program simulated, whose detector lies turned and
# which nobody knows the defocus of, goes through README.md's commands to a reconstruction and its report. All that is typed in
# is the file's name.
# cores: 1
source "$2/tests/end_to_end/support.sh"

# By RosettaSciIO, HyperSpy's own writer; where it cannot be had, by h5py in the same layout.
writer=$(formats_python) || writer=/usr/bin/python3
"$writer" - "$source_dir/tests/data/mos2_bilayer.h5" <<'END_OF_DATA'
import sys
import h5py
import numpy as np

with h5py.File(sys.argv[1]) as file:
    counts = file["data"][()].reshape(24, 24, 96, 96)
counts = np.roll(np.flip(counts.swapaxes(2, 3), 2), 1, 2)  # transposed and mirrored, about pixel N/2
axes = [{"name": name, "size": size, "scale": scale, "offset": 0.0, "units": units, "navigate": i < 2,
         "index_in_array": i}
        for i, (name, size, scale, units) in enumerate((("y", 24, 0.08, "nm"), ("x", 24, 0.08, "nm"), ("ky", 96, 2.1749, "mrad"),
                                                        ("kx", 96, 2.1749, "mrad")))]
microscope = {"beam_energy": 80.0, "convergence_angle": 21.4}
try:
    from rsciio.hspy import file_writer

    file_writer("scan.hspy", {
        "data": counts, "axes": axes, "original_metadata": {}, "learning_results": {}, "attributes": {"_lazy": False}, "models": {},
        "tmp_parameters": {}, "package_info": {},
        "metadata": {"General": {"title": "scan"}, "Signal": {"signal_type": ""}, "Acquisition_instrument": {"TEM": microscope}}})
    print("scan.hspy is written by RosettaSciIO")
except ImportError:
    with h5py.File("scan.hspy", "w") as file:
        file.attrs["file_format"] = "HyperSpy"
        group = file.create_group("Experiments/scan")
        group["data"] = counts
        for i, axis in enumerate(axes):
            group.create_group(f"axis-{i}").attrs.update({"scale": axis["scale"], "units": axis["units"]})
        group.create_group("metadata/Acquisition_instrument/TEM").attrs.update(microscope)
END_OF_DATA
cat >run.yaml <<END
data: {file: scan.hspy}
output: {directory: results}
END

"$program" inspect scan.hspy >inspected.txt
grep -q "beam.energy_keV: 80" inspected.txt || fail "inspect does not tell the energy"
on_ranks 2 calibrate run.yaml >calibrated.txt
expect results/calibration.json 'm["orientation"]["sure"] and m["orientation"]["sign_sure"]'
# The first slice of the bilayer lies 80 to 120 A from focus, as its own run file says.
expect results/calibration.json '80 < m["C10_A"]["value"] < 130'
on_ranks 2 reconstruct results/calibrated.yaml --quiet
"$program" report results >/dev/null
"$program" history results/result.emd >history.txt
grep -q "scan.hspy" history.txt || fail "the history does not name the data"
grep -q "run.calibrated: .*tessera .* from run.yaml, 20" history.txt || fail "the history does not tell of the calibration"
for words in 'id="calibration"' 'candidates of the orientation' 'misfit of each position'; do
  grep -q "$words" results/report.html || fail "the report has no $words"
done
for file in report.html result.emd phase.png candidates.png calibrated.yaml; do
  [[ -s results/$file ]] || fail "$file is missing"
done

# The scan of the file begins at (0, 0), that of the truth at (10, 10) A.
python - "$source_dir/tests/data/mos2_bilayer.h5" <<'END_OF_DATA'
import sys
import h5py

with h5py.File(sys.argv[1]) as whole, h5py.File("truth.h5", "w") as truth:
    truth["truth/phase_rad"] = whole["truth/phase_rad"][()]
    truth["truth/phase_rad"].attrs.update({"pixel_size_A": 0.2, "origin_A": -whole["positions_A"][0]})
    truth["positions_A"] = whole["positions_A"][()] - whole["positions_A"][0]
END_OF_DATA
"$program" compare results/result.emd truth.h5 --json >compare.json
expect compare.json 'm["correlation"]["sum"] > 0.9'

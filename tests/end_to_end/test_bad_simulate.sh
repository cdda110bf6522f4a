#!/usr/bin/env bash
# What cannot be simulated: sizes that no machine has, doses that no detector counts, specimens that are not there.
source "$2/tests/end_to_end/support.sh"

python - <<'PY'
import h5py, numpy as np

def xyz(name, lines, cell=20.0, pbc="F F F", depth=4):
    with open(name, "w") as file:
        file.write(f'{len(lines)}\nLattice="{cell} 0 0 0 {cell} 0 0 0 {depth}" Properties=species:S:1:pos:R:3 pbc="{pbc}"\n')
        file.writelines(f"{line}\n" for line in lines)

xyz("good.xyz", ["Mo 10 10 2", "S 12 10 1"])
xyz("deep.xyz", ["Mo 10 10 2", "S 12 10 100"], depth=100)
xyz("one_point.xyz", ["Mo 10 10 2", "S 12 10 1", "S 12.0001 10 1", "S 12 10 1"])
xyz("image.xyz", ["Mo 0 10 2", "Mo 20 10 2"], pbc="T T T")  # the same atom at both edges of the cell
with h5py.File("object.h5", "w") as file:
    file["phase"] = np.zeros((1, 64, 64))
    file["phase"].attrs["pixel_size_A"] = [0.15, 0.15]
    file["phase"].attrs["origin_A"] = [500.0, 0.0]
PY
cat >run.yaml <<END_OF_FILE
version: 1
detector: {pixel_invA: 0.10416666667}
scan: {step_A: 0.8}
beam: {energy_keV: 80, semiangle_mrad: 21.4}
simulate:
  atoms: good.xyz
  potential_pixel_A: 0.15
  slice_thickness_A: 2
  scan: {shape: [3, 2], start_A: [10, 10]}
  detector: {shape: [32, 32]}
  dose_e_per_A2: 1.0e4
END_OF_FILE

check_table <<'TABLE'
0 | | simulate run.yaml --set simulate.output=$out/none.h5
# 3: windows
78 | a window of 9600 A in pixels of 0.08 A has | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.window_A=9600 --set simulate.potential_pixel_A=0.08
78 | one wave of | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.window_A=9.6e6
78 | it must be from 0.001 up to 10 | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.potential_pixel_A=1e-9
78 | a window of 32768 x 32768 pixels takes | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.window_A=4800 --set simulate.potential_pixel_A=0.1465 --set beam.modes=64
# 4, 6: doses
78 | simulate.dose_e_per_A2 is 1000000000000: patterns of 6.4e+11 electrons | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.dose_e_per_A2=1e12
78 | simulate.dose_e_per_A2 is 1e22 electrons/A^2; it must be from | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.dose_e_per_A2=1e22
78 | simulate.dose_e_per_A2 is 1e-30 | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.dose_e_per_A2=1e-30
78 | all patterns together would count | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.dose_e_per_A2=0.01
# 4: sizes
78 | simulate.scan.shape[0] is 3000000000; it must be from 1 up to 100000 | simulate run.yaml --set simulate.output=$out/none.h5 --set "simulate.scan.shape=[3000000000, 3000000000]"
78 | change simulate.scan.shape | simulate run.yaml --set simulate.output=$out/none.h5 --set "simulate.scan.shape=[100000, 100000]"
78 | which makes 10000 slices; a file holds at most 8000 | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.slice_thickness_A=0.01 --set simulate.atoms=deep.xyz
78 | it must be from 0.01 up to 10000 | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.slice_thickness_A=0.0001
78 | scan.step_A is 1e9 A | simulate run.yaml --set simulate.output=$out/none.h5 --set scan.step_A=1e9
78 | the scan is far larger than what its windows cover | simulate run.yaml --set simulate.output=$out/none.h5 --set scan.step_A=1e6 --set simulate.dose_e_per_A2=null
78 | beyond a right angle | simulate run.yaml --set simulate.output=$out/none.h5 --set detector.pixel_invA=2 --set simulate.potential_pixel_A=0.01
74 | its disk has | simulate run.yaml --set simulate.output=$out/none.h5 --set "simulate.detector.shape=[2048, 2048]" --set "simulate.scan.shape=[1000, 1000]" --set scan.step_A=0.01 --set detector.pixel_invA=0.01 --set simulate.potential_pixel_A=0.048
# What is not there
65 | no atom lies under the scan | simulate run.yaml --set simulate.output=$out/none.h5 --set "simulate.scan.start_A=[1000, 1000]"
65 | atoms of Z = 16 and 16 lie at one point | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.atoms=one_point.xyz
65 | atoms of Z = 42 and 42 lie at one point | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.atoms=image.xyz
65 | simulate.object lies beside the scan: it begins at (500, 0) A | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.atoms=null --set "simulate.object={file: object.h5, dataset: phase}"
# What is moved
78 | simulate.scan.jitter_A is 100 A; it must be at most 5 steps of the scan, 4 A | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.scan.jitter_A=100
78 | simulate.position_error_A is 9 A; it must be at most 5 steps | simulate run.yaml --set simulate.output=$out/none.h5 --set simulate.position_error_A=9
78 | beam.modes is 5000 | simulate run.yaml --set simulate.output=$out/none.h5 --set beam.modes=5000
TABLE

#!/usr/bin/env bash
# `tessera inspect` lists every dataset of files that it has never seen, and finds patterns, positions and calibrations in
# them.
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np

with h5py.File("foreign.h5", "w") as file:
    patterns = np.random.default_rng(1).poisson(3, (12, 10, 24, 32)).astype("int16")
    file.create_dataset("scan/detector/frames", data=patterns, chunks=(1, 5, 24, 32), compression="gzip")
    file["scan/detector/frames"].attrs["semiangle_mrad"] = 20.0
    file["scan"].attrs["C10_A"] = 99.0  # of another group: not the patterns'
    file["scan/energy_keV"] = 300.0
    y, x = np.mgrid[:12, :10]
    file["scan/stage_positions"] = np.stack([0.4 * y, 0.8 * x], axis=-1)
    file["scan/detector/thumbnail"] = np.ones((64, 64), ">i8")
    file["scan/operator"] = "somebody"
    file["scan/linked"] = h5py.SoftLink("/scan/detector/thumbnail")
    file["scan/broken"] = h5py.SoftLink("/nowhere")
    file["record"] = np.zeros(3, dtype=[("a", "f4"), ("b", "i4")])
    for i in range(50):
        file[f"many/deep/list_{i:02}"] = np.float32(i)
with h5py.File("without.h5", "w") as file:
    file["only"] = np.ones((3, 3))
h5py.File("empty.h5", "w").close()
END
has() {
  grep -Eq -- "$2" "$1.txt" || fail "inspect of $1.h5 does not say '$2': $(cat "$1.txt")"
}

for file in foreign without empty; do "$program" inspect "$file.h5" >"$file.txt"; done
has foreign '^/scan/detector/frames +\(12, 10, 24, 32\) +int16, chunks of \(1, 5, 24, 32\)$'
has foreign '^/scan/detector/thumbnail +\(64, 64\) +int64$'
has foreign '^/scan/linked +\(64, 64\) +int64$'
has foreign '^/scan/operator +\(\) +text$'
has foreign '^/record +\(3\) +compound$'
[[ $(grep -c '^/many/deep/list_' foreign.txt) == 50 ]] || fail "not all of the datasets are listed"
has foreign '^semiangle_mrad +20 +\(of /scan/detector/frames\)$'
has foreign '^energy_keV +300 +\(of /scan/energy_keV\)$'
! grep -q '^C10_A' foreign.txt || fail "a calibration of another group was taken"
has foreign '^patterns taken from /scan/detector/frames'
has foreign '^120 patterns of 24 x 32 pixels'
has foreign '^positions taken from /scan/stage_positions'
has foreign 'scan step +0.8 A'
has foreign '^! overlap of neighbouring probes +33.* %' # 0.8 A of 2 x 0.61 x 0.0197 A / 20 mrad
has foreign '^warning: no detector pixel found: give detector.pixel_mrad'
has without '^/only +\(3, 3\) +float64$'
has without 'data.patterns'
has empty '^no datasets$'

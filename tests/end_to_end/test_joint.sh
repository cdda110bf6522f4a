#!/usr/bin/env bash
# One run refines object, four probe modes, positions, dose, background, descan, tilt, gaps and point spread together, from
# wrong starts, on a crystal simulated on a finer grid in thinner slices: each ends nearer to its truth than it began.
source "$2/tests/end_to_end/support.sh"

# Magnesium oxide with calcium, aluminium and vacancies in some columns, 42 angstrom thick.
python - >mgo.xyz <<'END'
import numpy as np
a, n, layers = 4.212, 8, 10
sites = [("Mg", 0, 0, 0), ("Mg", .5, .5, 0), ("Mg", .5, 0, .5), ("Mg", 0, .5, .5),
         ("O", .5, 0, 0), ("O", 0, .5, 0), ("O", 0, 0, .5), ("O", .5, .5, .5)]
draw = np.random.default_rng(3).random((n, n))
lines = []
for i in range(n):
    for j in range(n):
        for k in range(layers):
            for element, y, x, z in sites:
                if element == "Mg" and x == y == 0 and draw[i, j] < 0.2: element = "Ca"
                if element == "Mg" and x == y == 0.5 and 0.2 < draw[i, j] < 0.3: element = "Al"
                if element == "O" and x == 0 and y == 0.5 and draw[i, j] > 0.85: continue
                lines.append(f"{element} {(j + x) * a:.4f} {(i + y) * a:.4f} {(k + z) * a + 0.001:.4f}")
print(len(lines))
print(f'Lattice="{n * a} 0 0 0 {n * a} 0 0 0 {layers * a}" Properties=species:S:1:pos:R:3 pbc="T T F"')
print("\n".join(lines))
END
cat >simulate.yaml <<END
version: 1
detector: {pixel_invA: 0.078, psf_px: 0.6}
scan: {step_A: 0.7}
beam: {energy_keV: 300, semiangle_mrad: 25, aberrations: {C10_A: 100}, source_size_A: 0.1, focal_spread_A: 30, modes: 4}
simulate:
  atoms: mgo.xyz
  potential_pixel_A: 0.1
  slice_thickness_A: 2.106
  scan: {shape: [18, 18], start_A: [8, 8], jitter_A: 0.1}
  detector: {shape: [64, 64]}
  dose_e_per_A2: 2.0e+5
  position_error_A: 0.08
  dose_spread: 0.1
  descan_px: 0.3
  tilt_mrad: [1, -0.7]
  background_e: 1
  seed: 1
  output: joint.h5
END
cat >run.yaml <<END
version: 1
data: {file: joint.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.078, psf_px: 0.4}
beam: {energy_keV: 300, semiangle_mrad: 25, aberrations: {C10_A: 120}, source_size_A: 0.08, focal_spread_A: 20, modes: 4}
object: {representation: phase, slices: 4, slice_spacing_A: 9.5}
refine:
  object: {from: 0}
  aberrations: {from: 3, until: 20, names: [C10]}
  probe: {from: 20, aperture: 1.08}
  dose: {from: 3, prior: 0.2}
  psf: {from: 3}
  tilt: {from: 2}
  positions: {from: 6, prior_A: 0.1}
  descan: {from: 6}
  background: {from: 10}
  gaps: {from: 10, prior_A: 2}
regularisers:
  - {kind: tv, of: phase, weight: 0.001, z_weight: 1}
  - {kind: z_smoothness, of: phase, weight: 0.3}
solve: {iterations: 150, refresh: 25}
output: {directory: joint, joint_errors: [positions]}
END
on_ranks 2 simulate simulate.yaml --quiet
on_ranks 2 reconstruct run.yaml --quiet
"$program" compare joint/result.emd joint.h5 --json >compare.json
python - <<'END'
import h5py, json, numpy as np

def rms(values):
    return np.sqrt(((values - values.mean(0)) ** 2).mean())

with h5py.File("joint/result.emd") as result, h5py.File("joint.h5") as data:
    found, truth = result["reconstruction"], data["truth"]
    get = lambda name: found[name + "/data"][()]
    stored = data["positions_A"][()]
    affine = np.column_stack([stored, np.ones(len(stored))])
    rest = lambda moved: rms(moved - affine @ np.linalg.lstsq(affine, moved, rcond=None)[0])
    true_gap = 4.212 * 10 / 4
    rows = [  # name, unit, before, after, the most it may be
        ("positions, affine map apart", "px", rest(stored - truth["positions"][()]) / 0.2,
         rest(get("positions") - truth["positions"][()]) / 0.2, 0.05),
        ("dose", "", rms(truth["dose"][()]), rms(get("dose") - truth["dose"][()]), 0.006),
        ("descan", "px", rms(truth["descan"][()]), rms(get("descan") - truth["descan"][()]), 0.03),
        ("background", "electron", 1.0, np.sqrt(((get("background") - 1) ** 2).mean()), 0.8),
        ("tilt", "mrad", np.hypot(1, 0.7), np.hypot(*(get("specimen_tilt") - [1, -0.7])), 0.1),
        ("thickness", "", 0.1, abs((28.5 + get("gaps").sum()) / (3 * true_gap) - 1), 0.02),
        ("each gap", "A", true_gap - 9.5, np.abs(9.5 + get("gaps") - true_gap).max(), 0.6),
        ("point spread", "px", 0.2, abs(0.4 + get("psf")[0] - 0.6), 0.1),
        ("defocus", "A", 20, abs(20 + get("aberrations")[0]), 10),
    ]
for name, unit, before, after, most in rows:
    print(f"{name:30} {before:8.4f} {after:8.4f} {unit:9} {before / after:6.1f} times nearer")
quality = json.load(open("compare.json"))
unknowns = {row["name"]: row for row in json.load(open("joint/metrics.json"))["unknowns"]}
bounds = {name: row.get("standard_error") for name, row in unknowns.items()}
joint_bound = unknowns["positions"]["standard_error_joint"]
print("positions over the Cramer-Rao bound with everything else known:", rows[0][3] * 0.2 / bounds["positions"])
print("positions over the Cramer-Rao bound with everything else refined:", rows[0][3] * 0.2 / joint_bound)
assert 0.9 < rows[0][3] * 0.2 / joint_bound < 1.5 and 1.2 * bounds["positions"] < joint_bound
assert 0.8 < rows[1][3] / bounds["dose"] < 1.3, bounds
print(quality["correlation"])
assert all(after < most and after < before for _, _, before, after, most in rows)
assert quality["correlation"]["sum"] > 0.998
END

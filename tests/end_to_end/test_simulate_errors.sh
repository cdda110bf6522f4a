#!/usr/bin/env bash
# What `tessera simulate` can get wrong on purpose, seen in the patterns of an empty specimen: their totals, centres and
# second moments are known.
source "$2/tests/end_to_end/support.sh"

vacuum_object
cat >run.yaml <<END
version: 1
detector: {pixel_invA: 0.078125}
scan: {step_A: 0.5}
beam: {energy_keV: 200, semiangle_mrad: 20}
simulate:
  object: {file: empty.h5, dataset: phase}
  scan: {shape: [6, 5]}
  detector: {shape: [64, 64]}
  seed: 4
  output: plain.h5
END
"$program" simulate run.yaml --quiet
on_ranks 2 simulate run.yaml --quiet --set simulate.output=wrong.h5 --set simulate.position_error_A=0.2 \
  --set simulate.dose_spread=0.1 --set simulate.descan_px=0.4 --set simulate.background_e=1e-6
"$program" simulate run.yaml --quiet --set simulate.output=spread.h5 --set detector.psf_px=0.8
"$program" simulate run.yaml --quiet --set simulate.output=modes.h5 --set beam.modes=12 --set beam.source_size_A=0.2
python - <<'END'
import h5py, numpy as np

def moments(name, background=0):
    with h5py.File(name) as file:
        patterns = file["data"][()].reshape(30, 64, 64).astype(float) - background
        k = np.arange(64) - 32.0
        total = patterns.sum((1, 2))
        y, x = (patterns * k[:, None]).sum((1, 2)) / total, (patterns * k).sum((1, 2)) / total
        yy, xx = (patterns * k[:, None] ** 2).sum((1, 2)) / total - y**2, (patterns * k**2).sum((1, 2)) / total - x**2
        truth = {key: file["truth"][key][()] for key in ("positions", "dose", "descan", "probe")}
        return total, np.stack([y, x], 1), np.stack([yy, xx], 1), truth, file["positions_A"][()]

plain_total, plain_centre, plain_second, plain, positions = moments("plain.h5")
total, centre, second, truth, stored = moments("wrong.h5", 1e-6)
assert np.allclose(stored, positions) and np.allclose(plain["positions"], positions)
moved = truth["positions"] - stored
print("standard deviations", moved.std(), truth["dose"].std(), truth["descan"].std())
for values, deviation in ((moved, 0.2), (truth["dose"], 0.1), (truth["descan"], 0.4)):
    assert abs(values.std() - deviation) < 4 * deviation / np.sqrt(2 * values.size), values.std()
assert np.allclose(total / plain_total, np.exp(truth["dose"][:, 0]), rtol=1e-4)
assert np.allclose(centre - plain_centre, truth["descan"], atol=2e-3), np.abs(centre - plain_centre - truth["descan"]).max()
spread_total, spread_centre, spread_second, _, _ = moments("spread.h5")
print("spread", np.abs(spread_total / plain_total - 1).max(), np.abs(spread_centre - plain_centre).max(), np.abs(spread_second - plain_second - 0.64).max())
assert np.allclose(spread_total, plain_total, rtol=1e-5) and np.allclose(spread_centre, plain_centre, atol=1e-5)
assert np.allclose(spread_second - plain_second, 0.8**2, rtol=1e-3), spread_second - plain_second
# A source blurs the probe; an empty specimen's pattern does not know, but for the modes left out.
modes_total, _, modes_second, modes, _ = moments("modes.h5")
print("modes", np.abs(modes_second / plain_second - 1).max())
assert np.allclose(modes_second, plain_second, rtol=5e-3) and modes["probe"].shape == (12, 64, 64)
powers = (np.abs(modes["probe"]) ** 2).sum((1, 2))
assert np.all(np.diff(powers) < 1e-6) and 0.3 < powers[0] / powers.sum() < 0.95, powers
END
"$program" inspect wrong.h5

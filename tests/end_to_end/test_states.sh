#!/usr/bin/env bash
# An atom that sits in one place for 65 % of the exposure and 1.2 A away for the rest: two states of the object find both
# places and their weights.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np
y, x = np.mgrid[:160, :160] * 0.2
for state, moved in enumerate((0.6, -0.6)):
    phase = 0.8 * np.exp(-((y - 16 - moved) ** 2 + (x - 16) ** 2) / (2 * 0.35**2))
    for cy, cx in np.random.default_rng(2).uniform(10, 22, (14, 2)):
        phase += 0.4 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * 0.35**2))
    with h5py.File(f"state{state}.h5", "w") as file:
        data = file.create_dataset("phase", data=phase[None])
        data.attrs["origin_A"], data.attrs["pixel_size_A"] = [0, 0], [0.2, 0.2]
END
for state in 0 1; do
  cat >simulate.yaml <<END
version: 1
detector: {pixel_invA: 0.078125}
scan: {step_A: 0.6}
beam: {energy_keV: 200, semiangle_mrad: 20, aberrations: {C10_A: 80}}
simulate:
  object: {file: state$state.h5, dataset: phase}
  scan: {shape: [16, 16], start_A: [11.2, 11.2], jitter_A: 0.1}
  detector: {shape: [64, 64]}
  output: patterns$state.h5
END
  "$program" simulate simulate.yaml --quiet
done
python - <<'END'
import h5py, numpy as np
with h5py.File("patterns0.h5") as a, h5py.File("patterns1.h5") as b, h5py.File("mixed.h5", "w") as mixed:
    counts = 1e5 * (0.65 * a["data"][()] + 0.35 * b["data"][()])
    mixed["data"] = np.random.default_rng(1).poisson(counts).astype("uint16")
    mixed["positions_A"] = a["positions_A"][()]
END
cat >run.yaml <<END
version: 1
data: {file: mixed.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.078125}
beam: {energy_keV: 200, semiangle_mrad: 20, aberrations: {C10_A: 80}}
object: {representation: phase, states: 2}
refine: {object: {from: 0}, probe: {from: 5}, states: {from: 10}}
regularisers: [{kind: tv, weight: 0.001}, {kind: state_variance, weight: 0.01}]
solve: {iterations: 80, refresh: 20}
output: {directory: two, pictures: false}
END
on_ranks 2 reconstruct run.yaml --quiet
"$program" reconstruct run.yaml --quiet --set object.states=1 --set refine.states=null --set "regularisers=[{kind: tv, weight: 0.001}]" \
  --set output.directory=one
python - <<'END'
import h5py, json, numpy as np
with h5py.File("two/result.emd") as file:
    found = file["reconstruction"]
    states, logs = found["state_transmission/data"][()], found["states/data"][()]
    origin, pixel = found["object"].attrs["origin_A"], found["object"].attrs["pixel_size_A"]
    mean = found["slices/data"][()]
weights = np.exp(logs) / np.exp(logs).sum()
order = np.argsort(weights)[::-1]
seen = np.zeros((2, 2))
for row, state in enumerate(order):
    for column, moved in enumerate((0.6, -0.6)):
        y, x = (round(value) for value in (np.array([16 + moved, 16]) - origin) / pixel)
        seen[row, column] = np.angle(states[state, 0, y - 1:y + 2, x - 1:x + 2]).mean()
print("weights", weights[order], "phase at the two places, each state\n", seen)
assert states.shape[:2] == (2, 1)
assert abs(weights[order][0] - 0.65) < 0.03
assert seen[0, 0] > 0.5 and seen[1, 1] > 0.5 and abs(seen[0, 1]) < 0.1 and abs(seen[1, 0]) < 0.1
# What is shown as the object is the weighted mean of the states' phases.
assert np.allclose(mean[0], np.tensordot(weights, np.angle(states[:, 0]), 1), atol=2e-3)
loss = [json.load(open(name + "/metrics.json"))["loss"][-1] for name in ("one", "two")]
assert loss[1] < 0.98 * loss[0], loss
END

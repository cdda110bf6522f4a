#!/usr/bin/env bash
# What a run says of its misfit: about 1 everywhere on data that the model explains; a pattern that does not belong, and a
# pixel that counts too much, stand out in figures, arrays, pictures and report; the same on 1 and 3 ranks, of a raster and of
# a list.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - "$source_dir/tests/data/mos2_bilayer.h5" <<'END'
import h5py, sys

with h5py.File(sys.argv[1]) as file, h5py.File("data.h5", "w") as spoilt:
    counts = file["data"][()].reshape(24, 24, 96, 96)[:10, :10]
    counts[4, 7] = counts[0, 1][::-1]  # another place's, upside down
    counts[:, :, 60, 40] += 3
    spoilt["data"] = counts
    spoilt["positions_A"] = file["positions_A"][()].reshape(24, 24, 2)[:10, :10].reshape(-1, 2)
    spoilt["list"] = counts.reshape(-1, 96, 96)
END
bilayer_run data.h5 >run.yaml
cat >>run.yaml <<END
solve: {iterations: 15}
refine: {object: {from: 2}, probe: {from: 0, aperture: 1.1}}  # a free probe would take the pixel up
END

looks() { # looks FOLDER: the figures that are asked for
  python - "$1" <<'END'
import h5py, json, numpy as np, sys

folder = sys.argv[1]
figures = json.load(open(f"{folder}/metrics.json"))["misfit"]
with h5py.File(f"{folder}/result.emd") as file:
    misfit = file["reconstruction/misfit/data"][()]
    residual = file["reconstruction/residual/data"][()]
assert misfit.shape == (100,) and residual.shape == (96, 96)
assert figures["largest_of_pattern"] == 47 == misfit.argmax() and figures["largest"] > 5, figures
assert abs(figures["median"] - 1) < 0.1, figures
assert np.unravel_index(residual.argmax(), residual.shape) == (60, 40), np.unravel_index(residual.argmax(), residual.shape)
assert residual[60, 40] > 20 and np.median(abs(residual)) < 1.2, (residual[60, 40], np.median(abs(residual)))
print(figures["median"], figures["largest"], float(np.median(abs(residual))))
END
}
for ranks in 1 3; do
  on_ranks "$ranks" reconstruct run.yaml --quiet --set output.directory=out$ranks
  looks out$ranks
  [[ -s out$ranks/misfit.png && -s out$ranks/residual.png ]] || fail "no pictures"
done
python - <<'END'
import h5py, numpy as np

one, three = (h5py.File(f"out{n}/result.emd")["reconstruction"] for n in (1, 3))
for name, near in (("misfit", 1e-3), ("residual", 0.05)):
    assert np.allclose(one[name]["data"], three[name]["data"], atol=near), name
END
grep -q "of pattern 47 of the file" out1/report.html || fail "the report does not name the pattern"
"$program" reconstruct run.yaml --quiet --set output.directory=list --set data.patterns=/list
looks list

# Of sums of pixels, frequencies are those of their middles.
for bin in 2 3; do
  "$program" reconstruct run.yaml --quiet --set solve.iterations=1 --set output.directory=bin$bin --set detector.bin=$bin 2>said
  python - $bin <<'END'
import h5py, numpy as np, sys

bin = int(sys.argv[1])
with h5py.File(f"bin{bin}/result.emd") as file:
    k = file["reconstruction/residual/dim0"][()]
pixels = (np.arange(96) - 48) * 0.052083333
assert np.allclose(k, pixels.reshape(-1, bin).mean(axis=1)), k
END
done

# A line of more positions than a picture has pixels.
python - <<'END'
import h5py, numpy as np

with h5py.File("line.h5", "w") as file:
    file["data"] = np.random.default_rng(1).poisson(3, (40000, 8, 8)).astype("uint8")
    file["positions_A"] = np.stack([np.zeros(40000), np.linspace(0, 100, 40000)], axis=1)
END
cat >line.yaml <<END
data: {file: line.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.1}
beam: {energy_keV: 80, semiangle_mrad: 12}
object: {representation: phase}
solve: {iterations: 1}
output: {directory: line}
END
"$program" reconstruct line.yaml --quiet 2>said
[[ -s line/misfit.png ]] || fail "no picture of a long line"

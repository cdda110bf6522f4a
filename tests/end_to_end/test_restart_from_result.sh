#!/usr/bin/env bash
# A run that starts from another run's result goes on where that one ended, on another number of ranks; also when the
# phase goes beyond pi, which the transmission alone does not tell.
source "$2/tests/end_to_end/support.sh"

common=(reconstruct "$source_dir/drivers/examples/siemens_star.yaml" --quiet --set "data.subset.n=[0,120]"
  --set output.pictures=false --set run.precision=double)
# start_from FILE DATASET: the options of a run that starts there.
start_from() {
  start=(--set beam.rescale=false --set "object.initial={file: $work/$1, dataset: $2}"
    --set "beam.initial={file: $work/$1, dataset: /reconstruction/probe/data}")
}

on_ranks 2 "${common[@]}" --set solve.iterations=12 --set "output.directory=$work/first"
start_from first/result.emd /reconstruction/object/data
on_ranks 1 "${common[@]}" "${start[@]}" --set solve.iterations=3 --set "output.directory=$work/second"
python - <<'END'
import json

first, second = (json.load(open(f"{run}/metrics.json"))["loss"] for run in ("first", "second"))
print("ended at", first[-1], "went on at", second[0], "and came to", second[-1])
assert abs(second[0] / first[-1] - 1) < 1e-3
assert second[-1] < first[-1]
END

# The same result with a ramp of up to 12 rad on its phase, and with values that cannot be.
python - <<'END'
import shutil
import h5py, numpy as np

shutil.copy("first/result.emd", "ramp.emd")
with h5py.File("ramp.emd", "r+") as file:
    group = file["reconstruction"]
    ramp = np.linspace(-6, 12, group["slices/data"].shape[2])
    group["slices/data"][()] += ramp
    group["object/data"][()] *= np.exp(1j * ramp)
for name, path in (("nan_object", "object"), ("nan_slices", "slices"), ("infinite_probe", "probe")):
    shutil.copy("first/result.emd", name + ".emd")
    with h5py.File(name + ".emd", "r+") as file:
        file[f"reconstruction/{path}/data"][0, 51, 12] = np.inf if path == "probe" else np.nan
END
for representation in phase phase_absorption complex; do
  for dataset in object slices; do
    start_from ramp.emd /reconstruction/$dataset/data
    on_ranks 2 "${common[@]}" "${start[@]}" --set object.representation=$representation --set solve.iterations=0 \
      --set "output.directory=$work/${representation}_$dataset"
  done
done
python - <<'END'
import h5py, numpy as np

ramp = h5py.File("ramp.emd")["reconstruction"]
for representation in ("phase", "phase_absorption", "complex"):
    for dataset in ("object", "slices"):
        run = h5py.File(f"{representation}_{dataset}/result.emd")["reconstruction"]
        case = f"{representation} from {dataset}"
        t = ramp["object/data"][()]
        if dataset == "slices" or representation == "phase":
            t = np.exp(1j * ramp["slices/data"][()])
        if representation == "phase_absorption":
            t /= np.maximum(1, np.abs(t))  # an absorption is not negative
        assert np.allclose(run["object/data"][()], t, atol=1e-9), case
        if representation != "complex":
            assert ramp["slices/data"][()].max() > 11
            assert np.allclose(run["slices/data"][()], ramp["slices/data"][()], atol=1e-9), case
END

# refused NAME OBJECT: the run on two ranks ends with 65 and names the dataset and the place.
refused() {
  local code=0
  start_from "$1.emd" "$2"
  on_ranks 2 "${common[@]}" "${start[@]}" --set object.representation=phase \
    --set "output.directory=$work/refused" --force 2>stderr || code=$?
  ((code == 65)) || fail "$1: exit code $code, not 65"
  grep -q "^ERROR: .*$1.emd: $3 is NaN or infinite at (0, 51, 12)" stderr || fail "$1: $(cat stderr)"
}
refused nan_object /reconstruction/object/data /reconstruction/object/data
refused nan_slices /reconstruction/object/data /reconstruction/slices/data
refused nan_slices /reconstruction/slices/data /reconstruction/slices/data
refused infinite_probe /reconstruction/object/data /reconstruction/probe/data

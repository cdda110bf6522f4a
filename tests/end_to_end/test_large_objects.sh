#!/usr/bin/env bash
# `compare` and `inspect` take an object of many slices plane by plane: their memory does not grow with the slices.
source "$2/tests/end_to_end/support.sh"

python - <<'END'
import h5py, numpy as np

slices, group, n = 192, 48, 256
rng = np.random.default_rng(1)


def write(name, data):
    with h5py.File(name, "w") as file:
        file["reconstruction/slices/data"] = data
        file["reconstruction/slices/data"].attrs["pixel_size_A"] = 0.5
        file["reconstruction/positions/data"] = [[8.0, 8.0], [120.0, 120.0]]


planes = rng.normal(size=(slices, n, n))
for name, noise in (("a", 0.0), ("b", 0.3)):
    noisy = (planes + noise * rng.normal(size=planes.shape)).astype("float32")
    write(f"{name}_many.emd", noisy)
    write(f"{name}_few.emd", noisy.astype("float64").reshape(slices // group, group, n, n).sum(axis=1))
END
# peak ARGUMENTS: the program's largest memory [MiB]; its output goes to `out`.
peak() {
  python - "$program" "$@" <<'END'
import resource, subprocess, sys

subprocess.run(sys.argv[1:], stdout=open("out", "w"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
END
}

# 4 slices against 192, which are summed in groups, and against 4: one plane is 1/2 MiB, all of them 96 MiB a file.
few=$(peak compare a_few.emd b_few.emd --json)
mv out few.json
many=$(peak compare a_few.emd b_many.emd --json)
mv out many.json
inspected=$(peak inspect b_many.emd)
echo "peak memory: $few MiB for 4 slices, $many MiB for 192, $inspected MiB to inspect 192"
((many < few + 30)) || fail "compare takes $many MiB for 192 slices and $few MiB for 4"
((inspected < 80)) || fail "inspect takes $inspected MiB"
grep -q 'over 192 slices' out || fail "inspect does not tell the slices"
expect many.json 'len(m["correlation"]["slices"]) == 4'
python - <<'END'
import json

few, many = (json.load(open(f"{name}.json")) for name in ("few", "many"))
for key in ("correlation", "normalised_error", "frc_half_bit_A"):
    for a, b in zip([few[key]["sum"], *few[key]["slices"]], [many[key]["sum"], *many[key]["slices"]]):
        assert abs(a - b) < 1e-5 * abs(a), (key, a, b)
assert 0.9 < few["correlation"]["sum"] < 0.99
END

#!/usr/bin/env bash
# A file whose metadata say all needs no key but its own: the run is, to the bit, that of a run file which says everything.
# Frames that lie as (kx, ky), a scan in columns and to and fro, a flyback and raw numbers give the same run, too.
source "$2/tests/end_to_end/support.sh"
python - "$source_dir/tests/data/mos2_bilayer.h5" <<'END_OF_DATA'
import sys
import h5py, numpy as np

with h5py.File(sys.argv[1]) as file:
    counts = file["data"][()].reshape(24, 24, 96, 96)[:12, :10, :90]  # neither the scan nor a pattern is square
mask = np.ones((90, 96), "uint8")
mask[3:7, 10:30] = 0
with h5py.File("plain.h5", "w") as file:
    file["data"], file["mask"] = counts, mask
with h5py.File("all.hspy", "w") as file:
    file.attrs["file_format"] = "HyperSpy"
    group = file.create_group("Experiments/scan")
    group["data"] = counts
    for i, (scale, units) in enumerate(((0.08, "nm"), (0.08, "nm"), (2.175, "mrad"), (2.175, "mrad"))):
        group.create_group(f"axis-{i}").attrs.update({"scale": scale, "units": units})
    group.create_group("metadata/Acquisition_instrument/TEM").attrs.update({"beam_energy": 80.0, "convergence_angle": 21.4})
with h5py.File("turned.mat", "w") as file:
    # MATLAB's (ky, kx, Ry, Rx), and its mask (ky, kx)
    file["data"], file["mask"] = counts.transpose(1, 0, 3, 2), mask.T
    file["data"].attrs["MATLAB_class"] = np.bytes_("uint16")
to_and_fro = counts.copy()
to_and_fro[1::2] = counts[1::2, ::-1]
with open("raw.dat", "wb") as file:
    file.write(b"head" + counts[:1, :3].astype(">u2").tobytes())
    for row in to_and_fro:
        file.write(row.astype(">u2").tobytes() + np.zeros((2, 90, 96), ">u2").tobytes())
END_OF_DATA
cat >all.yaml <<END
data: {file: all.hspy}
solve: {iterations: 2}
output: {directory: told, pictures: false}
END
rest='scan: {step_A: 0.8}
detector: {pixel_mrad: 2.175}
beam: {energy_keV: 80, semiangle_mrad: 21.4}
solve: {iterations: 2}'
printf '%s\n' "data: {file: plain.h5}" "$rest" "output: {directory: given, pictures: false}" >given.yaml
printf '%s\n' "data: {file: turned.mat, mask: /mask}" "$rest" "output: {directory: turned, pictures: false}" >turned.yaml
printf '%s\n' "data:" "  file: raw.dat" "  raw: {shape: [90, 96], type: uint16, offset_bytes: 4, byte_order: big}" \
  "  scan_shape: [12, 10]" "  first_frame: 3" "  line_frames: 12" "  scan_order: snake" "$rest" \
  "output: {directory: raw, pictures: false}" >raw.yaml

on_ranks 1 reconstruct given.yaml --quiet
on_ranks 2 reconstruct all.yaml --quiet
on_ranks 1 reconstruct all.yaml --quiet --set output.directory=told_one
on_ranks 1 reconstruct raw.yaml --quiet
on_ranks 1 reconstruct given.yaml --quiet --set output.directory=masked --set data.mask=/mask
on_ranks 1 reconstruct turned.yaml --quiet
loss() { json "$1/metrics.json" 'm["loss"]'; }
[[ $(loss told_one) == "$(loss given)" ]] || fail "metadata: $(loss told_one), not $(loss given)"
[[ $(loss raw) == "$(loss given)" ]] || fail "raw numbers: $(loss raw), not $(loss given)"
[[ $(loss turned) == "$(loss masked)" ]] || fail "frames as (kx, ky): $(loss turned), not $(loss masked)"
[[ $(loss masked) != "$(loss given)" ]] || fail "the mask does nothing"

# where each value came from, in the log, in resolved.yaml, with --print-config, and from resolved.yaml alone
grep -q 'beam.energy_keV: 80 (.*all.hspy: .*beam_energy)' told/run.log || fail "run.log does not tell: $(cat told/run.log)"
grep -q '  energy_keV: 80 .*# file: .*all.hspy: .*beam_energy' told/resolved.yaml || fail "resolved.yaml does not tell"
"$program" reconstruct all.yaml --print-config >printed
grep -q '  semiangle_mrad: 21.4 .*# file: .*convergence_angle' printed || fail "--print-config does not tell: $(cat printed)"
cp told/resolved.yaml again.yaml
on_ranks 1 reconstruct again.yaml --quiet --set output.directory=again
[[ $(loss again) == "$(loss given)" ]] || fail "resolved.yaml: $(loss again), not $(loss given)"
# The run file counts, and inspect shows both.
"$program" reconstruct all.yaml --print-config --set beam.energy_keV=300 >printed
grep -q '  energy_keV: 300 .*# --set' printed || fail "the run file does not count: $(cat printed)"
"$program" inspect all.yaml --set beam.energy_keV=300 >inspected
grep -q 'beam.energy_keV: 80 .*the run file says 300, which counts' inspected || fail "inspect: $(cat inspected)"
# A file that is not there is not asked.
rm all.hspy
"$program" reconstruct all.yaml --print-config 2>error && fail "a run file without an energy is whole"
grep -q '^ERROR: .*all.hspy: cannot be read' error || fail "the error is another: $(cat error)"
"$program" reconstruct given.yaml --print-config --set data.file=gone.h5 >printed
grep -q '# data.file was not looked at: .*gone.h5: cannot be read' printed || fail "--print-config says nothing: $(cat printed)"

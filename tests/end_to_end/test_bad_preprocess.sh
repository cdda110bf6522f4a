#!/usr/bin/env bash
# What can be wrong with preprocessing, on one rank and on three: one line, its exit code, nothing left behind.
source "$2/tests/end_to_end/support.sh"

noise_data
noise_run >run.yaml
cat >>run.yaml <<END
output: {directory: result}
END
python - <<'END'
import h5py, numpy as np

rng = np.random.default_rng(1)
y, x = np.mgrid[:32, :32]
disc = (np.hypot(y - 15, x - 17) < 7) * 20.0
with h5py.File("data.h5", "a") as file:
    file["disc"] = rng.poisson(disc + 0.1, (36, 32, 32)).astype("uint16")
    full = rng.poisson(disc + 0.1, (36, 32, 32)).astype("uint16")
    full[20, 3, 4] = 65535
    file["full"] = full
    broken = rng.poisson(disc + 0.1, (36, 32, 32)).astype("float32")
    broken[20, 3, 4] = np.nan
    file["broken"] = broken
    raster = file.create_dataset("hollow", (6, 6, 32, 32), "uint16", chunks=(1, 6, 32, 32))
    raster[:4] = rng.poisson(disc + 0.1, (4, 6, 32, 32))  # two rows are never written
    file["small"] = np.zeros((16, 16))
    file["negative"] = np.full((32, 32), 30.0)
    file["nan"] = np.full((32, 32), np.nan)
    file["zero"] = np.zeros((32, 32))
    file["fold"] = np.stack([-1.5 * (y - 16), 0 * x])
    file["far"] = np.full((2, 32, 32), 1e6)
    file["none"] = np.zeros((32, 32), "uint8")
    file["raster"] = rng.poisson(disc + 0.1, (9, 9, 32, 32)).astype("uint16")
    sy, sx = np.mgrid[:9, :9]
    file["curved"] = np.stack([sy.ravel() + 0.06 * sx.ravel() ** 2, 1.0 * sx.ravel()], axis=1)
    file["line"] = np.stack([0.0 * sy.ravel(), 1.0 * sx.ravel()], axis=1)
    file["six"] = np.broadcast_to(np.arange(32) >= 14, (32, 32)).astype("uint8")
    file["right"] = np.broadcast_to(np.arange(32) >= 2, (32, 32)).astype("uint8")
    dots = np.zeros((32, 32))
    for i in (8, 16, 24):
        dots[i - 1 : i + 2, 7:10] = 1
    file["dots"] = dots
with h5py.File("labels.h5", "w") as file:
    file["l"] = np.ones((32, 32), "uint8")
    file["small"] = np.ones((16, 16), "uint8")
    file["sets"] = np.ones((2, 3, 32, 32))
    file["away"] = np.ones((1, 32, 32)) * (np.arange(32) < 2)
    file["nan"] = np.full((1, 32, 32), np.nan)
    file["hollow"] = np.zeros((32, 32), "uint8")
    file["huge"] = np.full((1, 32, 32), 1e39)
    file["many"] = np.random.default_rng(1).normal(size=(70, 8, 8))
    file["most"] = file["many"][:60]
END
touch file
base='preprocess run.yaml --set preprocess.output=$out/ready.h5'
check_table <<END
78 | preprocess.output is missing; \`tessera preprocess\` needs it | preprocess run.yaml
78 | data.file is missing | $base --set data.file=null
66 | nothing.h5 | $base --set data.file=nothing.h5
66 | /nothing | $base --set data.patterns=/nothing
65 | /small has shape (16, 16); it must be (N, Ky, Kx) | $base --set data.patterns=/small
65 | /hollow holds 4 of 6 chunks | $base --set data.patterns=/hollow
78 | data.subset.half is given; \`tessera preprocess\` keeps whole rows | $base --set data.subset.half=even
78 | preprocess.bin is 99 pixels; it must be from 1 up to 16 | $base --set preprocess.bin=99
78 | preprocess.centre_px is 3 pixels; it must be null, fit or [FIRST, SECOND] | $base --set preprocess.centre_px=3
78 | preprocess.centre_px and detector.centre_px are both given | $base --set preprocess.centre_px=fit --set detector.centre_px=[3,4]
78 | preprocess.centre_px is [40, 3], but a pattern has 32 x 32 pixels | $base --set preprocess.centre_px=[40,3]
65 | preprocess.centre_px: no bright-field disc | $base --set preprocess.centre_px=fit
65 | preprocess.ellipse: no bright-field disc | $base --set preprocess.ellipse=fit
65 | preprocess.descan: no bright-field disc | $base --set preprocess.descan=true
78 | preprocess.descan needs to know where patterns lie | $base --set data.patterns=/disc --set data.positions=null --set preprocess.descan=true
78 | detector.virtual is given; \`tessera preprocess\` works on patterns | $base --set "detector.virtual={file: labels.h5, dataset: /l}"
66 | preprocess.dark: $work/nothing.h5: cannot be read | $base --set "preprocess.dark={file: nothing.h5, dataset: /d}"
65 | preprocess.dark: $work/data.h5 /small has shape (16, 16); it must be (32, 32) | $base --set "preprocess.dark={file: data.h5, dataset: /small}"
65 | preprocess.flat: $work/data.h5 /nan is NaN or infinite at element 0 | $base --set "preprocess.flat={file: data.h5, dataset: /nan}"
78 | no valid pixel is left | $base --set "preprocess.flat={file: data.h5, dataset: /zero}"
78 | of preprocess.distortion.reference and preprocess.distortion.distorted one is given | $base --set "preprocess.distortion.reference={file: data.h5, dataset: /dots}"
65 | folds or tears the detector | $base --set "preprocess.distortion.map={file: data.h5, dataset: /fold}"
65 | more than the detector is wide | $base --set "preprocess.distortion.map={file: data.h5, dataset: /far}"
65 | 3 discs are seen in both pictures, but 3 numbers are to be found | $base --set "preprocess.distortion={reference: {file: data.h5, dataset: /dots}, distorted: {file: data.h5, dataset: /dots}}"
65 | no disc stands out | $base --set "preprocess.distortion={reference: {file: data.h5, dataset: /zero}, distorted: {file: data.h5, dataset: /dots}}"
78 | preprocess.crop_px is 40 along y, but a pattern has 32 pixels | $base --set preprocess.crop_px=[40,8]
78 | preprocess.pad_px is 8 along y, fewer than the 32 pixels there are | $base --set preprocess.pad_px=8
78 | preprocess.bin is 4, more than the 2 pixels along y | $base --set preprocess.bin=4 --set preprocess.crop_px=2
78 | need square pixels | $base --set preprocess.rotation_deg=3 --set detector.pixel_invA=[0.05,0.06]
78 | of preprocess.lattice.measured_A and preprocess.lattice.reference_A one is given | $base --set "preprocess.lattice.measured_A=[[1, 0], [0, 1]]"
78 | which do not lie on a line | $base --set "preprocess.lattice.measured_A=[[1, 2], [2, 4]]"
78 | of preprocess.lattice.measured_A and preprocess.lattice.reference_A one is given | $base --set preprocess.lattice.measured_A=fit
78 | preprocess.lattice.reference_A is fit A; it must be null or [[y, x], [y, x]] | $base --set preprocess.lattice.reference_A=fit
78 | fit needs a raster: patterns (Ry, Rx, Ky, Kx), and scan.step_A or data.positions; give two vectors in its place | $base --set "preprocess.lattice={measured_A: fit, reference_A: [[4, 0], [0, 4]]}"
78 | fit needs a scan of 4 cells of reference_A or more along each side, but this has 2.2 | $base --dry-run --set data.patterns=/raster --set data.positions=null --set scan.step_A=1 --set "preprocess.lattice={measured_A: fit, reference_A: [[4, 0], [0, 4]]}"
78 | fit needs two positions or more in a cell of reference_A, but its rows are 4 A apart and the step is 2.5 A | $base --set data.patterns=/raster --set data.positions=null --set scan.step_A=2.5 --set "preprocess.lattice={measured_A: fit, reference_A: [[4, 0], [0, 4]]}"
78 | fit needs positions on a raster, but its steps are (0, 0) and (0, 1) A | $base --set data.patterns=/raster --set data.positions=/line --set "preprocess.lattice={measured_A: fit, reference_A: [[4, 0], [0, 4]]}"
65 | no lattice within a quarter of reference_A stands out | $base --set data.patterns=/raster --set data.positions=null --set scan.step_A=1.9 --set "preprocess.lattice={measured_A: fit, reference_A: [[4, 0], [0, 4]]}"
78 | fit needs positions on a raster, but some lie | $base --set data.patterns=/raster --set data.positions=/curved --set "preprocess.lattice={measured_A: fit, reference_A: [[4, 0], [0, 4]]}"
78 | preprocess.compress.detectors, the sums of kind given, is missing | $base --set preprocess.compress.kind=given
78 | only preprocess.compress.kind: given reads it | $base --set preprocess.compress.kind=bin --set "preprocess.compress.detectors={file: labels.h5, dataset: /l}"
66 | nothing.h5 | $base --set "preprocess.compress={kind: given, detectors: {file: nothing.h5, dataset: /l}}"
65 | preprocess.compress.detectors /small lies on 16 x 16 pixels, but patterns that are written have 32 x 32 | $base --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /small}}"
65 | preprocess.compress.detectors /l lies on 32 x 32 pixels, but patterns that are written have 16 x 16 | $base --dry-run --set preprocess.bin=2 --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /l}}"
65 | preprocess.compress.detectors /many has shape (70, 8, 8), more channels than the 64 pixels of a pattern | $base --dry-run --set preprocess.crop_px=8 --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /many}}"
65 | preprocess.compress.detectors /sets has shape (2, 3, 32, 32), several sets | $base --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /sets}}"
65 | preprocess.compress.detectors /away counts no valid pixel in channel 0 | $base --set data.mask=/right --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /away}}"
65 | preprocess.compress.detectors /nan has a weight that is no finite number | $base --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /nan}}"
65 | preprocess.compress.detectors /huge has the weight 1e+39, beyond single precision | $base --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /huge}}"
78 | preprocess.compress.detectors holds 60 channels, more than the 48 valid pixels of a pattern | $base --set data.mask=/six --set preprocess.crop_px=8 --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /most}}"
65 | preprocess.compress.detectors /hollow holds no detector | $base --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /hollow}}"
78 | preprocess.compress.detectors | preprocess run.yaml --force --set preprocess.output=labels.h5 --set "preprocess.compress={kind: given, detectors: {file: labels.h5, dataset: /l}}"
78 | preprocess.compress.rings_px, the outer radii of the segments, is missing | $base --set preprocess.compress.kind=segments
78 | preprocess.compress.rings_px must increase | $base --set preprocess.compress.kind=segments --set preprocess.compress.rings_px=[5,3]
78 | azimuths has 2 numbers for 3 rings | $base --set preprocess.compress.kind=segments --set preprocess.compress.rings_px=[3,5,7] --set preprocess.compress.azimuths=[2,3]
78 | preprocess.compress.kind is events, but what is written are not whole numbers; use preprocess.whole_electrons: true | $base --set data.patterns=/broken --set "data.subset.n=[0, 20]" --set preprocess.compress.kind=events
78 | an electron counts 3 (data.counts_per_electron); use preprocess.whole_electrons: true | $base --set data.patterns=/disc --set preprocess.compress.kind=events --set data.counts_per_electron=3
78 | an electron counts 3 (data.counts_per_electron); use preprocess.whole_electrons: true | $base --set data.patterns=/disc --set preprocess.compress.kind=events --set data.counts_per_electron=3 --dry-run
65 | electrons, more than its 1024 pixels | $base --set data.patterns=/full --set preprocess.compress.kind=events
78 | only preprocess.compress.kind: segments has rings | $base --set preprocess.compress.kind=bin --set preprocess.compress.rings_px=5
78 | detector.bin is 2; it must be 1 | $base --set preprocess.compress.kind=bin --set detector.bin=2
78 | preprocess.compress.channels is 1000, more than the 64 valid pixels | $base --set preprocess.compress.kind=random --set preprocess.compress.channels=1000 --set preprocess.crop_px=8
78 | data.subset.ry is given, but data.patterns /data has shape (36, 32, 32) | $base --set data.subset.ry=[0,3]
78 | data.subset.n is [40, 50], but the axis has 36 positions | $base --set data.subset.n=[40,50]
65 | pattern 20, pixel 100 is 65535: it is saturated | $base --set data.patterns=/full
65 | pattern 20, pixel 100 is nan: counts must be finite | $base --set data.patterns=/broken
65 | has no peak of one electron | $base --set preprocess.fit_counts_per_electron=true
65 | excludes every pixel | $base --set data.mask=/none
73 | exists; --force overwrites it | preprocess run.yaml --set preprocess.output=labels.h5
78 | data.file | preprocess run.yaml --set preprocess.output=data.h5 --force
78 | the run file | preprocess run.yaml --set preprocess.output=run.h5 --force
73 | preprocess.output | preprocess run.yaml --set preprocess.output=file/ready.h5
78 | preprocess.crop_px is 40 along y | $base --set preprocess.crop_px=[40,8] --dry-run
0 | counts below zero became zero | $base --set "preprocess.dark={file: data.h5, dataset: /negative}"
0 | \`tessera reconstruct\` will refuse the run file that is written: beam.semiangle_mrad | $base --set beam.semiangle_mrad=null
0 | no positions are known | $base --set data.positions=null
0 | changes areas by a factor of | $base --set "preprocess.lattice={measured_A: [[1, 0], [0, 1]], reference_A: [[10, 0], [0, 10]]}"
0 | nothing | $base --set data.patterns=/disc --set preprocess.centre_px=fit
END

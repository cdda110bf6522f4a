#!/usr/bin/env bash
# Files of detectors and of other programs that are damaged, lie, or are of a format that is not read: one line and an exit
# code each, on one rank and on three.
source "$2/tests/end_to_end/support.sh"
export HDF5_PLUGIN_PATH=$work # no filter but those that HDF5 has itself

python - <<'END'
import os, zipfile
import h5py, numpy as np

random = np.random.default_rng(1)
counts = random.poisson(5, (36, 32, 32)).astype("uint16")


def write(name, data):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name, "wb").write(data)


def header(code="U16", side=32, size=384):
    return f"MQ1,000001,{size:05d},01,{side:04d},{side:04d},{code},   1x1,01,now,0.001,12,".encode().ljust(384, b"\0")


frames = [frame.astype(">u2").tobytes() for frame in counts]
write("good.mib", b"".join(header() + frame for frame in frames))
write("cut.mib", b"".join(header() + frame for frame in frames)[:5000])
write("one.mib", header()[:200])
write("raw64.mib", header("R64") + frames[0])
write("huge.mib", header(side=9999) + frames[0])
write("changes.mib", b"".join(header() + frame for frame in frames[:-1]) + header("U08") + frames[-1])
write("noise.mib", random.bytes(5000))
write("frames.dat", counts.tobytes())
np.save("good.npy", counts)
np.save("fortran.npy", np.asfortranarray(counts))
np.save("waves.npy", counts.astype("complex64"))
np.save("flat.npy", counts.ravel())
np.save("nothing.npy", counts[:0])
write("cut.npy", open("good.npy", "rb").read()[:5000])
write("head.npy", open("good.npy", "rb").read()[:20])
np.savez("several.npz", counts)
with zipfile.ZipFile("a.ndata", "w") as archive:
    archive.write("good.npy", "data.npy")
write("a.dm4", b"\0\0\0\4" + random.bytes(100))
write("a.blo", b"IMGBLO" + random.bytes(100))
write("text.dat", b"words")
write("short_x64_y64.raw", random.bytes(70000))
write("no_raw/scan.xml", b"<root><raw_file filename='gone.raw'/></root>")
write("bad_xml/scan.xml", b"<root><raw_file ")
write("other_xml/scan.xml", b"<root><nothing/></root>")
for i, shape in enumerate(((32, 32), (32, 32), (32, 31))):
    os.makedirs("uneven", exist_ok=True)
    np.save(f"uneven/f{i}.npy", np.ones(shape, "uint16"))
    os.makedirs("uneven_h5", exist_ok=True)
    h5py.File(f"uneven_h5/f{i}.h5", "w")["a"] = np.ones(shape, "uint16")
os.makedirs("mixed", exist_ok=True)
write("mixed/a.npy", b"x")
write("mixed/b.tif", b"x")
write("tiff/a.tif", b"II*\0" + random.bytes(100))
os.makedirs("empty", exist_ok=True)
with h5py.File("s_master.h5", "w") as master:
    for i in (1, 2, 3):
        master[f"entry/data/data_{i:06d}"] = h5py.ExternalLink(f"s_data_{i:06d}.h5", "/entry/data/data")
with h5py.File("t_master.h5", "w") as master:
    for i in (1, 2, 3):
        if i != 2:
            h5py.File(f"t_data_{i:06d}.h5", "w")["entry/data/data"] = counts
        master[f"entry/data/data_{i:06d}"] = h5py.ExternalLink(f"t_data_{i:06d}.h5", "/entry/data/data")
with h5py.File("u_master.h5", "w") as master:
    for i, side in ((1, 32), (2, 16)):
        h5py.File(f"u_data_{i:06d}.h5", "w")["entry/data/data"] = counts[:, :side, :side]
        master[f"entry/data/data_{i:06d}"] = h5py.ExternalLink(f"u_data_{i:06d}.h5", "/entry/data/data")
with h5py.File("events.h5", "w") as file:
    lists = file.create_dataset("electron_events/frames", (36,), dtype=h5py.special_dtype(vlen=np.uint32))
    for i in range(36):
        lists[i] = np.array([1, 2, 5000 if i == 20 else 3], "uint32")
    lists.attrs["Nx"] = lists.attrs["Ny"] = 32
    file["electron_events/scan_positions"] = np.arange(36)
    file["electron_events/scan_positions"].attrs["Nx"] = file["electron_events/scan_positions"].attrs["Ny"] = 6
for name, counts_there, pixel, side in (("short", 2, 5, 32), ("outside", 3, 5000, 32), ("sides", 3, 5, None),
                                        ("crowd", 9999, 5, 32), ("minus", -3, 5, 32)):
    with h5py.File(f"runs_{name}.h5", "w") as file:
        file["events/pixel"] = np.full(36 * max(3, counts_there) if name == "crowd" else 108, pixel, "uint16")
        if side:
            file["events/pixel"].attrs["ky"] = file["events/pixel"].attrs["kx"] = side
        file["events/count"] = np.full((6, 6), counts_there)
with h5py.File("beyond.h5", "w") as file:
    file.create_dataset("data", (2**52, 32, 32), "u2", chunks=(1, 32, 32), compression="gzip")
with h5py.File("many.h5", "w") as file:
    file.create_dataset("data", (2**40, 8, 8), "u2", chunks=(1, 8, 8))
with h5py.File("v_master.h5", "w") as master:
    for i, count in ((1, 36), (2, 2**62)):
        h5py.File(f"v_data_{i:06d}.h5", "w").create_dataset("entry/data/data", (count, 32, 32), "u2", chunks=(1, 32, 32))
        master[f"entry/data/data_{i:06d}"] = h5py.ExternalLink(f"v_data_{i:06d}.h5", "/entry/data/data")
with h5py.File("no_patterns.h5", "w") as file:
    file["a"] = np.ones(5)
END
cat >run.yaml <<'END'
version: 1
data: {file: good.mib, scan_shape: [6, 6]}
scan: {step_A: 2}
detector: {pixel_invA: 0.05}
beam: {energy_keV: 80, semiangle_mrad: 10}
object: {representation: phase}
solve: {iterations: 1}
END
run='reconstruct run.yaml --quiet --set output.directory=$out --set'

check_table <<END
0 | | $run data.file=good.mib
0 | | $run data.file=good.npy
0 | | $run data.file=frames.dat --set data.raw.shape=[32,32] --set data.raw.type=uint16

# numbers of the run file that do not fit the data
78 | has 36 patterns, but a scan of (7, 6) from frame 0 on needs 42 | $run data.scan_shape=[7,6]
78 | needs 37 | $run data.first_frame=1
78 | needs 41 | $run data.line_frames=7
78 | data.line_frames is 5, but a line of the scan has 6 positions | $run data.line_frames=5
78 | which leaves nothing of a pattern of 32 x 32 pixels | $run data.border_px=16
78 | data.scan_shape is [6, 6, 6] | $run data.scan_shape=[6,6,6]
78 | data.raw.type is uint12 | $run data.raw.type=uint12
78 | data.format is tiffs | $run data.format=tiffs
78 | holds integers, which are counts | $run data.values=amplitudes
65 | has not the layout that data.format cxi says | $run data.format=cxi --set data.file=no_patterns.h5

# Merlin
78 | cut.mib has 2 patterns, but a scan of (6, 6) | $run data.file=cut.mib
65 | one.mib: has 200 bytes, which hold 0 frames | $run data.file=one.mib
65 | raw64.mib: holds raw frames (R64), whose pixels lie shuffled; convert it, with its .hdr | $run data.file=raw64.mib
65 | huge.mib: has | $run data.file=huge.mib
65 | its last frame has another shape, type or header | $run data.file=changes.mib
65 | has no header of a Merlin detector | $run data.file=noise.mib

# NumPy
65 | fortran.npy: lies in Fortran order | $run data.file=fortran.npy
65 | holds elements of the NumPy type <c8 | $run data.file=waves.npy
65 | flat.npy has the shape (36864) | $run data.file=flat.npy
65 | nothing.npy has the shape (0,32,32); no axis may be empty | $run data.file=nothing.npy
65 | cut.npy: has 5000 bytes | $run data.file=cut.npy
65 | head.npy: its NumPy header of | $run data.file=head.npy

# raw numbers and EMPAD
78 | frames.dat: a raw file says nothing of itself: give data.raw.shape | $run data.file=frames.dat --set data.format=raw
65 | frames.dat: is a file of an unknown format, not HDF5, and no format of patterns that is read | $run data.file=frames.dat
65 | text.dat: is a text file, not HDF5 | $run data.file=text.dat
65 | short_x64_y64.raw: has 70000 bytes, which hold 1 frames | $run data.file=short_x64_y64.raw --set data.scan_shape=null
66 | gone.raw: is no file | $run data.file=no_raw/scan.xml
65 | scan.xml: is no XML | $run data.file=bad_xml/scan.xml
65 | scan.xml: names no raw file | $run data.file=other_xml/scan.xml

# folders
65 | f2.npy: has another shape or type than | $run data.file=uneven --set data.scan_shape=null
65 | which does not hold 1 patterns of (32,32) | $run data.file=uneven_h5 --set data.scan_shape=[3,1]
65 | holds files of several kinds (.npy, .tif) | $run data.file=mixed
65 | is no TIFF picture that can be read | $run data.file=tiff
66 | there is no file of a pattern | $run data.file=empty
66 | there is no file of a pattern | $run data.file=nothing*.h5
78 | the numbers in a name are {n}, or {y} and {x} together | $run data.file='uneven/f{y}.npy'

# HDF5 of detectors
66 | none of its 3 data files is there, data_000001 first | $run data.file=s_master.h5
66 | data_000002 leads to a file that is not there, but data_000003 is there | $run data.file=t_master.h5
65 | they must be alike | $run data.file=u_master.h5
65 | the list of position 20 names pixel 5000, but a frame has 1024 | $run data.file=events.h5
65 | holds 108 electrons, but /events/count says that there are 72 | $run data.file=runs_short.h5
65 | the list of position 0 names pixel 5000, but a frame has 1024 | $run data.file=runs_outside.h5
65 | /events/pixel lacks its attributes ky and kx | $run data.file=runs_sides.h5
65 | pixel 5 counts more than 254 electrons; give data.raw.type: uint16 | $run data.file=runs_crowd.h5
65 | /events/count holds -3, which no number of electrons can be | $run data.file=runs_minus.h5
65 | has the shape (4503599627370496,32,32), which no disk holds | $run data.file=beyond.h5
65 | many.h5 says that it has 1.1e+12 patterns, whose positions alone take | $run data.file=many.h5 --set data.scan_shape=null
65 | which no disk holds | $run data.file=v_master.h5 --set data.scan_shape=null
65 | nothing in it looks like patterns | $run data.file=no_patterns.h5

# what is not read says how it becomes what is
65 | rsciio.digitalmicrograph | $run data.file=a.dm4
65 | rsciio.blockfile | $run data.file=a.blo
65 | zipfile.ZipFile | $run data.file=a.ndata
65 | a.files[0] | $run data.file=several.npz
END

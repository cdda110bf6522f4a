#!/usr/bin/env python3
"""Compares what ptxas says of each kernel with a table.

  kernel_table.py LOGS TABLE RELEASE            fails where a kernel takes more than its row says, or has no row
  kernel_table.py LOGS TABLE RELEASE --write    makes the table anew

LOGS is a folder of what `nvcc -Xptxas -v` of that release said. A row of the table is one single-precision kernel: for each
architecture registers / bytes spilled (stored and loaded) / bytes of static shared memory. Another release of nvcc gives
other numbers: then only what the table has without spills is compared. Kernels of double precision have no row; they may
not spill.
"""
import collections
import pathlib
import re
import subprocess
import sys

ARCHITECTURES = [80, 90, 100]
REGISTERS = 65536  # of a multiprocessor, on all of them
SHARED_BYTES = {80: 164 * 1024, 90: 228 * 1024, 100: 228 * 1024}  # of a multiprocessor
THREADS, BLOCKS = 2048, 32  # at most at a time on a multiprocessor
RESERVED_BYTES = 1024  # of shared memory, for each block
GRID_THREADS = 256  # of a block of kernels/launch.hpp

Use = collections.namedtuple("Use", "registers spilled shared")

ENTRY = re.compile(r"Compiling entry function '(\w+)' for 'sm_(\d+)a?'")
SPILLS = re.compile(r"(\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers(?:.*?(\d+) bytes smem)?")


def short_name(text):
    """The name of the body that a kernel was made for, without scopes and blanks."""
    text = re.sub(r"\(anonymous namespace\)::|_GLOBAL__N__\w+::|tessera::|\bconst\b|^void ", "", text)
    text = text[: text.rindex("(")] if text.endswith(")") else text
    if text.startswith("run_on_grid<"):
        text = text[len("run_on_grid<") : -1]
    return re.sub(r"\s*([<>,*])\s*", r"\1", text).strip().replace(" ", "_")


def read_logs(folder):
    """{name: {architecture: Use}} of all logs."""
    found = []
    for log in sorted(pathlib.Path(folder).glob("*.log")):
        entry, spilled = None, 0
        for line in log.read_text().splitlines():
            if match := ENTRY.search(line):
                entry, spilled = match, 0
            elif match := SPILLS.search(line):
                spilled = int(match[1]) + int(match[2])
            elif (match := USED.search(line)) and entry:
                found.append((entry[1], int(entry[2]), Use(int(match[1]), spilled, int(match[2] or 0))))
                entry = None
    names = subprocess.run(["c++filt"], input="\n".join(name for name, _, _ in found), text=True, check=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    kernels = collections.defaultdict(dict)
    for name, (_, architecture, use) in zip(names, found):
        row = kernels[short_name(name)]
        row[architecture] = Use(*map(max, use, row[architecture])) if architecture in row else use
    return kernels


def shape_of(name):
    """Threads of a block and bytes of its dynamic shared memory."""
    block = re.search(r"CudaWaveBlock<(\d+),(\d+),", name)
    if not block:
        return GRID_THREADS, 0
    side, lanes = int(block[1]), int(block[2])
    return side * lanes, (side * side + side) * 8


def occupancy(name, architecture, use):
    """Per cent of the warps that a multiprocessor can hold."""
    threads, dynamic = shape_of(name)
    warps = -(-threads // 32)
    registers = -(-use.registers * 32 // 256) * 256 * warps  # given to warps in pieces of 256
    blocks = min(BLOCKS, THREADS // (warps * 32), REGISTERS // registers)
    blocks = min(blocks, SHARED_BYTES[architecture] // (dynamic + use.shared + RESERVED_BYTES))
    return 100 * blocks * warps * 32 // THREADS


def is_double(name):
    return "double" in name


def write_table(kernels, path, release):
    names = sorted(name for name in kernels if not is_double(name))
    width = max(map(len, names))
    lines = [f"# nvcc {release}: registers/spilled bytes/static shared bytes at most; made by tests/compile_cuda --write"]
    lines.append(f"{'kernel':{width}}" + "".join(f"  {'sm_' + str(a):>10}" for a in ARCHITECTURES))
    for name in names:
        cells = ("/".join(map(str, kernels[name][a])) for a in ARCHITECTURES)
        lines.append(f"{name:{width}}" + "".join(f"  {cell:>10}" for cell in cells))
    path.write_text("\n".join(lines) + "\n")


def read_table(path):
    """The table and the release of nvcc that it is of."""
    title, _, *rows = path.read_text().splitlines()
    table = {}
    for line in rows:
        name, *cells = line.split()
        table[name] = {a: Use(*map(int, cell.split("/"))) for a, cell in zip(ARCHITECTURES, cells)}
    return table, re.match(r"# nvcc ([0-9.]+):", title)[1]


def findings(kernels, table, same_release):
    for name, row in sorted(kernels.items()):
        if set(row) != set(ARCHITECTURES):
            yield f"{name} was compiled for sm_{', sm_'.join(map(str, sorted(row)))} alone"
        if is_double(name):
            yield from (f"{name} spills {use.spilled} bytes on sm_{a}" for a, use in row.items() if use.spilled)
        elif name not in table:
            yield f"{name} is not in the table; look at what it takes, then tests/compile_cuda --write"
        else:
            for a, use in row.items():
                most = table[name][a]
                for what in Use._fields if same_release else ["spilled"] if most.spilled == 0 else []:
                    now, before = getattr(use, what), getattr(most, what)
                    if now > before:
                        yield (f"{name} on sm_{a}: {what} {now}, at most {before}; occupancy "
                               f"{occupancy(name, a, use)} %, before {occupancy(name, a, most)} %")
    yield from (f"{name} is in the table and was not compiled" for name in table if name not in kernels)


def main():
    kernels, path, release = read_logs(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    if sys.argv[4:] == ["--write"]:
        return write_table(kernels, path, release)
    table, made_with = read_table(path)
    if release != made_with:
        print(f"nvcc {release}, and the table is of {made_with}: only spills are compared")
    found = list(findings(kernels, table, release == made_with))
    for name in sorted(table, key=lambda each: min(occupancy(each, a, table[each][a]) for a in ARCHITECTURES))[:12]:
        cells = ", ".join(f"{occupancy(name, a, use)} % on sm_{a}" for a, use in kernels.get(name, {}).items())
        print(f"occupancy of {name}: {cells}")
    print(f"{len(kernels)} kernels, {len(table)} of them in the table, {len(found)} findings")
    for finding in found:
        print("FAILED:", finding)
    return 1 if found or not kernels else 0


sys.exit(main())

#!/usr/bin/env python3
"""Checks a result file against the rules by which emdfile, RosettaSciIO and NeXus readers accept it.

usage: check_emd.py result.emd
Prints one line; ends with 1 on the first file that breaks a rule.
"""
import sys

import h5py
import numpy as np


class Broken(Exception):
    """A rule does not hold."""


def require(condition, message):
    if not condition:
        raise Broken(message)


def text(item, name):
    """A text attribute; it must have variable length, which h5py gives as str."""
    require(name in item.attrs, f"{item.name} has no attribute {name}")
    value = item.attrs[name]
    require(isinstance(value, str), f"{item.name}@{name} is no text of variable length: {value!r}")
    return value


def check_root(file):
    require(text(file, "emd_group_type") == "file", "/@emd_group_type is not 'file'")
    for name, value in (("version_major", 1), ("version_minor", 0)):
        number = file.attrs.get(name)
        require(isinstance(number, np.integer) and number == value, f"/@{name} is not the integer {value}")
    for name in ("UUID", "authoring_program", "authoring_user"):
        text(file, name)
    entry = text(file, "default")
    require(entry in file, f"/@default names {entry}, which is not there")
    root = file[entry]
    require(text(root, "emd_group_type") == "root", f"{root.name} is no EMD root")
    require(text(root, "python_class") == "Root", f"{root.name}@python_class is not Root")
    require(text(root, "NX_class") == "NXentry", f"{root.name}@NX_class is not NXentry")
    require(text(root, "default") in root, f"{root.name}@default is not there")
    for name in ("definition", "title", "start_time", "end_time", "program_name"):
        require(name in root, f"{root.name} has no {name}")
        check_fixed_text(root[name])
    return root


def check_fixed_text(dataset):
    info = h5py.check_string_dtype(dataset.dtype)
    require(info is not None and info.length is not None, f"{dataset.name} is no text of fixed length")


def check_array(group):
    require(text(group, "python_class") == "Array", f"{group.name}@python_class is not Array")
    require(text(group, "NX_class") == "NXdata", f"{group.name}@NX_class is not NXdata")
    require(text(group, "signal") == "data", f"{group.name}@signal is not data")
    require("data" in group, f"{group.name} has no data")
    data = group["data"]
    text(data, "units")
    axes = group.attrs.get("axes")
    names = [f"dim{i}" for i in range(data.ndim)]
    require(axes is not None and list(axes) == names, f"{group.name}@axes is not {names}")
    require(all(isinstance(name, str) for name in axes), f"{group.name}@axes are no texts of variable length")
    for name, length in zip(names, data.shape):
        require(name in group, f"{group.name} has no {name}")
        dim = group[name]
        require(dim.shape == (max(length, 2),), f"{dim.name} has the shape {dim.shape} for an axis of {length}")
        require(np.all(np.isfinite(dim[...])), f"{dim.name} is not finite")
        for attribute in ("name", "units", "long_name"):
            text(dim, attribute)
    if np.issubdtype(data.dtype, np.complexfloating):
        require(data.dtype in (np.complex64, np.complex128), f"{data.name} has the type {data.dtype}")


def check_metadata(root):
    bundle = root["metadatabundle"]
    require(text(bundle, "emd_group_type") == "metadatabundle", f"{bundle.name} is no metadatabundle")
    for group in bundle.values():
        require(text(group, "emd_group_type") == "metadata", f"{group.name} is no metadata")
        require(text(group, "python_class") == "Metadata", f"{group.name}@python_class is not Metadata")
        for item in group.values():
            kind = text(item, "type")
            require(kind in ("number", "string"), f"{item.name}@type is {kind}")
            require(item.shape == (), f"{item.name} is no scalar")


def check_process(root):
    process = root["process"]
    require(text(process, "NX_class") == "NXprocess", f"{process.name}@NX_class is not NXprocess")
    for name, kind in (("config_yaml", b"application/yaml"), ("provenance", b"application/json")):
        require(text(process[name], "NX_class") == "NXnote", f"{process.name}/{name} is no NXnote")
        require(process[name]["type"][()] == kind, f"{process.name}/{name} has another type")
        check_fixed_text(process[name]["data"])


def check_names(root, arrays):
    """RosettaSciIO stacks every group whose path contains an array's path."""
    groups = []
    root.visititems(lambda _, item: groups.append(item.name) if isinstance(item, h5py.Group) else None)
    for array in arrays:
        for group in groups:
            inside = array in group or array.split("/")[-1] in group.split("/")[2]
            require(group == array or not inside, f"the name {array} is contained in {group}")


def check(path):
    with h5py.File(path, "r") as file:
        root = check_root(file)
        arrays = [g for g in root.values() if isinstance(g, h5py.Group) and g.attrs.get("emd_group_type") == "array"]
        require(arrays, f"{root.name} holds no arrays")
        for group in arrays:
            check_array(group)
        check_metadata(root)
        check_process(root)
        check_names(root, [group.name for group in arrays])
        return ", ".join(f"{g.name.split('/')[-1]} {g['data'].shape}" for g in arrays)


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        print(f"{sys.argv[1]}: valid EMD 1.0 and NeXus: {check(sys.argv[1])}")
    except (Broken, KeyError, OSError) as error:
        print(f"{sys.argv[1]}: not valid: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

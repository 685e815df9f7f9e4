"""Writes small HDF5 files that ask for what they must not get: other files of the disk, time, memory.

    pip install h5py numpy
    python make_hostile_files.py     (into files/hostile/)
"""

from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parent / "files" / "hostile"
FOLDER.mkdir(parents=True, exist_ok=True)
ELSEWHERE = "/etc/hostname"


def file(name):
    made = h5py.File(FOLDER / name, "w")
    made.create_dataset("honest/bias", data=np.ones(3, "float32"))
    return made


with file("raw-elsewhere.h5") as made:
    space = h5py.h5s.create_simple((2,))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_external(ELSEWHERE.encode(), 0, 2)
    h5py.h5d.create(made["honest"].id, b"kernel", h5py.h5t.STD_U8LE, space, plist)
with file("link-elsewhere.h5") as made:
    made["honest/kernel"] = h5py.ExternalLink("state_of_others.h5", "/honest/bias")
with file("virtual.h5") as made:
    layout = h5py.VirtualLayout(shape=(3,), dtype="float32")
    layout[:] = h5py.VirtualSource("state_of_others.h5", "honest/bias", shape=(3,))
    made.create_virtual_dataset("honest/kernel", layout)
with file("fan.h5") as made:
    groups = [made.create_group(f"g{i}") for i in range(14)]
    for i, group in enumerate(groups[:-1]):
        for j in range(10):
            group[f"n{j}"] = groups[i + 1]
with file("bomb.h5") as made:
    made.create_dataset("honest/kernel", shape=(6000, 6000), dtype="float32", chunks=(600, 6000), compression=9, fillvalue=0)
    made["honest/kernel"][:600] = 0
with file("chunk.h5") as made:
    made.create_dataset("honest/kernel", data=np.zeros(4, "float32"), maxshape=(None,), chunks=(4_000_000,), compression=9)

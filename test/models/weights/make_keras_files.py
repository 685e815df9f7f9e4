"""Writes small files with Keras, one for each way in which people save weights.

    pip install keras tensorflow-cpu h5py     (Keras 3.15 made these files)
    python make_keras_files.py                (into files/; expected-keras.json holds the numbers)

Two more are written by hand as older versions of Keras wrote them, after files of those versions.
"""

import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import keras
import numpy as np

FOLDER = Path(__file__).parent / "files"
keras.utils.set_random_seed(7)


def body(name):
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, use_bias=False, name="first"),
            keras.layers.BatchNormalization(name="first_bn"),
            keras.layers.DepthwiseConv2D(3, name="second"),
            keras.layers.GlobalAveragePooling2D(name="pool"),
        ],
        name=name,
    )


plain = keras.Sequential([*body("plain").layers, keras.layers.Dense(2, name="top")], name="plain")
plain.build((None, 8, 8, 3))
nested = keras.Sequential([keras.Input((8, 8, 3)), body("inner"), keras.layers.Dense(2, name="top")], name="outer")
plain.compile(optimizer="adam", loss="mse")
plain.fit(np.random.rand(4, 8, 8, 3), np.random.rand(4, 2), verbose=0)

plain.save(FOLDER / "model.h5")
plain.save_weights(FOLDER / "numbered.weights.h5")
plain.save(FOLDER / "model.keras")
nested.save(FOLDER / "nested.h5")
nested.save(FOLDER / "nested.keras")


def listed(arrays):
    return {name: {"shape": list(a.shape), "values": np.asarray(a, "float32").flatten().tolist()} for name, a in arrays.items()}


def by_layer(model):
    found = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found |= by_layer(layer)
        else:
            for weight in layer.weights:
                found[f"{layer.name}/{weight.name}"] = weight.numpy()
    return found


CLASSES = {"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "DepthwiseConv2D": "depthwise_conv2d", "Dense": "dense"}


def by_number(model, prefix="layers/"):
    found = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found |= by_number(layer, f"{prefix}sequential/layers/")
        else:
            for at, weight in enumerate(layer.weights):
                found[f"{prefix}{CLASSES[type(layer).__name__]}/vars/{at}"] = weight.numpy()
    return found


# Keras 2: weights only, in half precision and packed.
old = {"first/kernel": plain.get_layer("first").kernel.numpy(), "first/bias": np.arange(4, dtype="float32")}
with h5py.File(FOLDER / "keras2.h5", "w") as file:
    file.attrs["layer_names"] = [b"first"]
    group = file.create_group("first")
    group.attrs["weight_names"] = [b"first/kernel:0", b"first/bias:0"]
    group.create_dataset("first/kernel:0", data=old["first/kernel"].astype("float16"), chunks=True, compression="gzip")
    group.create_dataset("first/bias:0", data=old["first/bias"].astype("float64"))
    group["elsewhere"] = h5py.ExternalLink("/etc/hostname", "/")
    group["loop"] = h5py.SoftLink("/")
# Keras 1, as the first VGG16 files.
with h5py.File(FOLDER / "keras1.h5", "w") as file:
    group = file.create_group("first")
    group.create_dataset("first_W_1:0", data=old["first/kernel"])
    group.create_dataset("first_b_1:0", data=old["first/bias"])

# As scripts on other machines write them: the highest byte first, behind a block of the user's own.
with h5py.File(FOLDER / "big-endian.h5", "w", userblock_size=1024) as file:
    file["first/kernel"] = old["first/kernel"].astype(">f4")
    file["first/bias"] = old["first/bias"].astype(">f2")
    file["first/wide"] = old["first/bias"].astype(">f8")
    file["first/whole"] = old["first/bias"].astype(">i4")
with h5py.File(FOLDER / "hostile" / "lzf.h5", "w") as file:
    file.create_dataset("first/kernel", data=np.zeros((40, 40), "float32"), compression="lzf")

# A model whose weights are bfloat16.
keras.config.set_dtype_policy("bfloat16")
narrow = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="first"), keras.layers.BatchNormalization(name="first_bn")])
narrow.save(FOLDER / "bfloat16.keras")
narrow.save_weights(FOLDER / "bfloat16.weights.h5")
keras.config.set_dtype_policy("float32")

half = dict(old)
half["first/kernel"] = old["first/kernel"].astype("float16")
expected = {
    "model.h5": listed(by_layer(plain)),
    "numbered.weights.h5": listed(by_number(plain)),
    "model.keras": listed(by_number(plain)),
    "nested.h5": listed(by_layer(nested)),
    "nested.keras": listed(by_number(nested)),
    "keras2.h5": listed(half),
    "keras1.h5": listed(old),
    "big-endian.h5": listed({**old, "first/wide": old["first/bias"], "first/whole": old["first/bias"]}),
    "bfloat16.keras": listed(by_number(narrow)),
    "bfloat16.weights.h5": listed(by_number(narrow)),
}
(FOLDER / "expected-keras.json").write_text(json.dumps(expected) + "\n")

"""Writes small models with the converter of TensorFlow.js, one for each way in which it keeps numbers.

    python make_tfjs_files.py     (into files/tfjs/; expected.json holds the numbers; see tfjs_converter.py for what to install)
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from tfjs_converter import convert_tf_saved_model, read_weights, save_keras_model, tf_keras, write_weights

FOLDER = Path(__file__).parent / "files" / "tfjs"
shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir(parents=True)
tf_keras.utils.set_random_seed(7)
layers = tf_keras.layers

plain = tf_keras.Sequential(
    [
        layers.Conv2D(4, 3, use_bias=False, name="first", input_shape=(8, 8, 3)),
        layers.BatchNormalization(name="first_bn"),
        layers.DepthwiseConv2D(3, name="second"),
        layers.GlobalAveragePooling2D(name="pool"),
        layers.Dense(2, name="top"),
    ],
    name="plain",
)
nested = tf_keras.Sequential([tf_keras.Sequential(plain.layers[:4], name="inner"), layers.Dense(2, name="top")], name="outer")
nested.build((None, 8, 8, 3))

# Shards of a hundred bytes: arrays lie across them.
save_keras_model(plain, str(FOLDER / "layers"), weight_shard_size_bytes=100)
save_keras_model(nested, str(FOLDER / "nested"))
save_keras_model(
    plain,
    str(FOLDER / "quantized"),
    quantization_dtype_map={"uint8": "first*", "uint16": "second*", "float16": "top*"},
)
with tempfile.TemporaryDirectory() as saved:
    plain.save(saved)
    convert_tf_saved_model(saved, str(FOLDER / "graph"))

# What the converter writes for other graphs: texts and complex numbers between weights, whole numbers, truths.
types = FOLDER / "types"
types.mkdir()
arrays = {
    "words": np.array(["one", "", "drei"], dtype=object),
    "whole": np.array([[1, -2], [3, 2**20]], dtype="int32"),
    "waves": np.array([1 + 2j], dtype="complex64"),
    "truths": np.array([True, False, True]),
    "scalar": np.array(2.5, dtype="float32"),
}
manifest = write_weights.write_weights(
    [[{"name": name, "data": data} for name, data in arrays.items()]], str(types), write_manifest=False
)
(types / "model.json").write_text(json.dumps({"format": "graph-model", "modelTopology": {"node": []}, "weightsManifest": manifest}))


def listed(folder):
    """As the converter itself reads them back."""
    model = json.loads((folder / "model.json").read_text())
    (entries,) = read_weights.read_weights(model["weightsManifest"], str(folder))
    return {
        entry["name"]: {"shape": list(entry["data"].shape), "values": np.asarray(entry["data"], "float32").flatten().tolist()}
        for entry in entries
        if entry["data"].dtype.kind in "fiub"
    }


expected = {folder.name: listed(folder) for folder in sorted(FOLDER.iterdir())}
(FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")

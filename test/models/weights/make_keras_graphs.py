"""Writes whole models with Keras 3 whose networks are none of Graft's, and what they compute: files/graphs/.

    pip install keras tensorflow-cpu          (Keras 3.15 made these files)
    python make_keras_graphs.py               (expected-keras.json holds the outputs for the image of ../reference/make_references.py)
"""

import json
import os
import sys
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras_networks import nested, trained, zoo

sys.path.append(str(Path(__file__).parents[1] / "reference"))
from make_references import units

FOLDER = Path(__file__).parent / "files" / "graphs"
FOLDER.mkdir(exist_ok=True)
layers = keras.layers
expected = {}


def keep(model, *endings, scale=1):
    model = trained(model)
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    shape = model.input_shape[1:]
    image = units("image", int(np.prod(shape))).reshape(1, *shape).astype("float32") * scale
    output = np.asarray(model(image, training=False), "float64").flatten().tolist()
    for ending in endings:
        model.save(FOLDER / f"{model.name}{ending}")
        expected[f"{model.name}{ending}"] = {"input": list(shape), "scale": scale, "output": output}


keras.utils.set_random_seed(7)
keep(zoo(keras, True), ".keras", ".h5", scale=255)
keep(nested(keras), ".keras", ".h5")

# A normalisation that was adapted to images keeps what it found as weights; arithmetic with numbers.
image = keras.Input((8, 8, 3))
standard = layers.Normalization(name="standard")
x = standard(image)
standard.adapt(np.random.default_rng(1).uniform(0, 3, (9, 8, 8, 3)).astype("float32"))
x = layers.Conv2D(6, 3, name="conv")(x)
x = x * keras.ops.relu6(x + 3.0) / 6.0
x = layers.GlobalMaxPooling2D(name="pool")(x)
keep(keras.Model(image, layers.Dense(2, name="top")(x), name="adapted"), ".keras")
(FOLDER / "expected-keras.json").write_text(json.dumps(expected) + "\n")


# What is refused, each for one reason.
@keras.saving.register_keras_serializable("mine")
class Doubled(layers.Layer):
    def call(self, x):
        return 2 * x


class Conv2D(layers.Conv2D):
    """Called as Keras's own."""


def around(*inner, name):
    keras.Sequential([keras.Input((8, 8, 3)), *inner, layers.GlobalAveragePooling2D(), layers.Dense(2)], name=name).save(
        FOLDER / f"refused-{name}.keras"
    )


around(layers.Lambda(lambda x: x * 2, name="code"), name="lambda")
around(Doubled(), name="registered")
around(Conv2D(3, 3), name="disguised")
around(layers.Conv2DTranspose(3, 3, name="up"), name="transposed")
around(layers.Conv2D(3, 3, activation=keras.activations.exponential, name="conv"), name="activation")
shared = layers.Conv2D(3, 3, padding="same", name="twice")
first, second = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
keras.Model(first, shared(shared(first))).save(FOLDER / "refused-shared.keras")
keras.Model([first, second], layers.Conv2D(1, 1)(layers.Add()([first, second]))).save(FOLDER / "refused-inputs.keras")
keras.Model(first, [layers.Conv2D(1, 1)(first), layers.Conv2D(2, 1)(first)]).save(FOLDER / "refused-outputs.keras")
vector = keras.Input((8,))
keras.Model(vector, layers.Dense(2)(vector)).save(FOLDER / "refused-vector.keras")

for path in FOLDER.glob("refused-*.keras"):
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)

"""Writes networks that are none of Graft's with the Keras of TensorFlow 2, as layers models and graph models of TensorFlow.js, and what
they compute: files/graphs/.

    python make_tfjs_graphs.py    (expected-tfjs.json holds the outputs; see tfjs_converter.py for what to install)
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from keras_networks import nested, trained, zoo
from tfjs_converter import convert_tf_saved_model, save_keras_model, tensorflow, tf_keras

sys.path.append(str(Path(__file__).parents[1] / "reference"))
from make_references import units

FOLDER = Path(__file__).parent / "files" / "graphs"
FOLDER.mkdir(exist_ok=True)
layers = tf_keras.layers
expected = {}


def keep(model, scale=1):
    trained(model)
    shape = model.input_shape[1:]
    image = units("image", int(np.prod(shape))).reshape(1, *shape).astype("float32") * scale
    output = np.asarray(model(image, training=False), "float64").flatten().tolist()

    def wrote(name):
        expected[name] = {"input": list(shape), "scale": scale, "output": output}
        return str(FOLDER / name)

    model.save(wrote(f"{model.name}-2.h5"))
    for ending in ["layers", "graph"]:
        shutil.rmtree(FOLDER / f"{model.name}-{ending}", ignore_errors=True)
    # Layers of nested models that are called the same are more than this format has names for.
    if model.name != "nested":
        save_keras_model(model, wrote(f"{model.name}-layers"))
    with tempfile.TemporaryDirectory() as saved:
        model.save(saved)
        convert_tf_saved_model(saved, wrote(f"{model.name}-graph"))


tf_keras.utils.set_random_seed(7)
keep(zoo(tf_keras, False), scale=255)
keep(nested(tf_keras))

# Blocks as MobileNetV3 and EfficientNet have them: arithmetic that stands for an activation, squeeze and excitation.
image = tf_keras.Input((16, 16, 3), name="image")
x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem")(image)
x = layers.BatchNormalization(name="stem_bn")(x)
x = x * tensorflow.nn.relu6(x + 3.0) * (1 / 6)
y = layers.ZeroPadding2D(((0, 1), (0, 1)), name="pad")(x)
y = layers.DepthwiseConv2D(3, strides=2, use_bias=False, name="depthwise")(y)
y = layers.BatchNormalization(name="depthwise_bn")(y)
y = layers.ReLU(6.0, name="relu6")(y)
s = layers.GlobalAveragePooling2D(name="squeeze")(y)
s = layers.Reshape((1, 1, 8), name="pixel")(s)
s = layers.Conv2D(4, 1, activation="relu", name="reduce")(s)
s = layers.Conv2D(8, 1, activation="hard_sigmoid", name="expand")(s)
y = layers.Multiply(name="excite")([y, s])
y = layers.Conv2D(8, 1, use_bias=False, name="project")(y)
y = layers.BatchNormalization(name="project_bn")(y)
y = layers.Add(name="add")([y, layers.AveragePooling2D(name="shortcut")(x)])
y = layers.Activation("swish", name="swish")(y)
y = layers.GlobalAveragePooling2D(name="pool")(y)
keep(tf_keras.Model(image, layers.Dense(4, activation="sigmoid", name="top")(y), name="blocks"))

(FOLDER / "expected-tfjs.json").write_text(json.dumps(expected) + "\n")

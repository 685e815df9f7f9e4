"""Keras's ResNet-50 of before 2019, whose layers have other names and whose normalisation has another epsilon, with weights from the
formula of make_references.py, and a sample of what comes out of it.

    pip install tensorflow-cpu tf_keras; pip install --no-deps keras_applications==1.0.7
    python make_resnet50_2018.py              (then prettier --write resnet50_2018.json)
"""

import json
import os
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tf_keras as keras
from keras_applications import resnet50
from make_references import image, sample, values

HEIGHT, WIDTH = 75, 96
OUTPUTS = ["max_pooling2d", "activation_9", "activation_21", "activation_39", "activation_48"]

keras.backend.set_floatx("float64")
model = resnet50.ResNet50(
    weights=None,
    classes=5,
    input_shape=(HEIGHT, WIDTH, 3),
    backend=keras.backend,
    layers=keras.layers,
    models=keras.models,
    utils=keras.utils,
)
weights = {}
for layer in model.layers:
    for variable in layer.weights:
        name = variable.name.removesuffix(":0")
        variable.assign(values(name, variable.shape))
        weights[name] = list(variable.shape)
model.get_layer("fc1000").activation = keras.activations.linear
outputs = [model.get_layer(layer).output for layer in OUTPUTS]
x = keras.applications.resnet50.preprocess_input(255 * image((HEIGHT, WIDTH, 3)))
*stages, top = keras.Model(model.input, [*outputs, model.get_layer("fc1000").output])(x)
reference = {
    "source": "keras_applications 1.0.7",
    "input": [HEIGHT, WIDTH, 3],
    "weights": weights,
    "stages": {f"conv{at + 1}": sample(stage.numpy()) for at, stage in enumerate(stages)},
    "top": sample(top.numpy()),
}
path = Path(__file__).parent / "resnet50_2018.json"
path.write_text(json.dumps(reference, indent=1) + "\n")

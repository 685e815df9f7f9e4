"""Writes down what other frameworks call the weights of the library's networks, with their shapes, into names.json.gz.

    pip install torch torchvision timm     python make_names.py torchvision timm
    pip install keras tensorflow-cpu       python make_names.py keras keras3
    pip install tf_keras                   python make_names.py keras2
"""

import gzip
import json
import sys
from pathlib import Path

FILE = Path(__file__).parent / "files" / "names.json.gz"
NETWORKS = ["resnet18", "resnet34", "resnet50", "densenet121", "mobilenet_v2", "efficientnet_b0", "inception_v3", "vgg16", "vgg19"]
TIMM = {"mobilenet_v2": "mobilenetv2_100", "efficientnet_b0": "efficientnet_b0", "resnet50": "resnet50", "vgg16": "vgg16", "inception_v3": "inception_v3"}
KERAS = {
    "resnet50": "ResNet50",
    "densenet121": "DenseNet121",
    "mobilenet_v2": "MobileNetV2",
    "efficientnet_b0": "EfficientNetB0",
    "inception_v3": "InceptionV3",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
}


def of_torch(network):
    return {name: list(tensor.shape) for name, tensor in network.state_dict().items()}


def torchvision():
    import torchvision as library

    for name in NETWORKS:
        settings = {"init_weights": False} if name == "inception_v3" else {}
        yield name, of_torch(getattr(library.models, name)(weights=None, **settings))


def timm():
    import timm as library

    for name, called in TIMM.items():
        yield name, of_torch(library.create_model(called, pretrained=False))


def keras():
    import keras as library

    # A session in which other networks were made: InceptionV3's numbers do not begin at 0.
    library.layers.Conv2D(1, 1)
    for name, application in KERAS.items():
        network = getattr(library.applications, application)(weights=None)
        yield name, {f"{weight.path}": list(weight.shape) for weight in network.weights}


def keras3():
    """As `.weights.h5` has them: by number."""
    import tempfile

    import h5py
    import keras as library

    for name, application in KERAS.items():
        library.backend.clear_session()
        network = getattr(library.applications, application)(weights=None)
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/network.weights.h5"
            network.save_weights(path)
            found = {}
            with h5py.File(path) as file:
                file.visititems(lambda at, item: found.update({at: list(item.shape)}) if hasattr(item, "shape") else None)
        yield name, found


def keras2():
    """As the `.h5` of the Keras of TensorFlow 2 has them: by their whole paths."""
    import tempfile

    import h5py
    import tf_keras as library

    for name, application in KERAS.items():
        library.backend.clear_session()
        network = getattr(library.applications, application)(weights=None)
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/network.h5"
            network.save_weights(path)
            found = {}
            with h5py.File(path) as file:
                file.visititems(lambda at, item: found.update({at: list(item.shape)}) if hasattr(item, "shape") else None)
        yield name, found


known = json.loads(gzip.decompress(FILE.read_bytes())) if FILE.exists() else {}
for kind in sys.argv[1:]:
    known[kind] = dict(globals()[kind]())
FILE.write_bytes(gzip.compress(json.dumps(known).encode(), mtime=0))

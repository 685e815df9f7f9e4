"""Makes weight files of true size with random weights, and what the network that they belong to computes with them.

    python weight_files.py FOLDER torchvision|timm|keras|keras-own|tfjs|tfjs-own|tfjs-graph|onnx [NETWORK …]

Own ones are networks that Graft does not have, which their files describe; graphs are of both kinds.

For each network: its file(s), and NAME.json with an image (height, width, channels in a row, 0 … 1, not preprocessed)
and the output of the last layer, or of the pooled features where Graft leaves the head out.
"""

import json
import sys
from pathlib import Path

folder, kind = Path(sys.argv[1]), sys.argv[2]
NETWORKS = ["resnet18", "resnet34", "resnet50", "densenet121", "mobilenet_v2", "efficientnet_b0", "inception_v3", "vgg16", "vgg19"]
TIMM = {"mobilenet_v2": "mobilenetv2_100", "densenet121": "densenet121", "resnet50": "resnet50", "efficientnet_b0": "efficientnet_b0"}
KERAS = {
    "resnet50": "ResNet50",
    "densenet121": "DenseNet121",
    "mobilenet_v2": "MobileNetV2",
    "efficientnet_b0": "EfficientNetB0",
    "inception_v3": "InceptionV3",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
}

OWN = {
    "mobilenet": "MobileNet",
    "mobilenet_v3_small": "MobileNetV3Small",
    "xception": "Xception",
    "resnet50_v2": "ResNet50V2",
    "efficientnet_v2_b0": "EfficientNetV2B0",
    "nasnet_mobile": "NASNetMobile",
}
GRAPHS = ["resnet50", "mobilenet_v2", "efficientnet_b0", "mobilenet_v3_small", "xception"]
# They scale 0 … 255 themselves.
OF_BYTES = ("efficientnet", "mobilenet_v3")


def side(name):
    return 299 if name == "inception_v3" else 224


def keep(name, files, image, output, of, scale=1):
    # What the file describes is run as it is; in networks of the library scaling is preprocessing.
    image = image * scale
    reference = {"image": image.reshape(-1).tolist(), "output": output.reshape(-1).tolist(), "of": of, "files": files}
    (folder / f"{kind}-{name}.json").write_text(json.dumps(reference))
    print(f"{kind} {name}", file=sys.stderr, flush=True)


def with_torch():
    import torch

    def build(name):
        if kind == "timm":
            import timm

            return timm.create_model(TIMM[name], pretrained=False)
        import torchvision

        settings = {"init_weights": False} if name == "inception_v3" else {}
        return getattr(torchvision.models, name)(weights=None, **settings)

    for name in TIMM if kind == "timm" else NETWORKS:
        torch.manual_seed(3)
        network = build(name)
        for buffer, values in network.named_buffers():
            if buffer.endswith("running_mean"):
                values.uniform_(-0.1, 0.1)
            if buffer.endswith("running_var"):
                values.uniform_(0.8, 1.2)
        network.eval()
        image = torch.rand(1, 3, side(name), side(name))
        with torch.no_grad():
            pooled = name.startswith("vgg")
            output = network.features(image).mean((2, 3)) if pooled else network(image)
        state = {key: value for key, value in network.state_dict().items() if not (pooled and key.startswith("classifier"))}
        files = [f"{kind}-{name}.pth"]
        torch.save(state, folder / files[0])
        if name == "resnet50":
            files.append(f"{kind}-{name}-legacy.pth")
            torch.save(state, folder / files[-1], _use_new_zipfile_serialization=False)
            files.append(f"{kind}-{name}-module.pt")
            torch.save(network, folder / files[-1])
        keep(name, files, image[0].permute(1, 2, 0).contiguous(), output, "pool" if pooled else "head")


def with_keras(keras, save, networks):
    import numpy as np

    for name, application in networks.items():
        keras.utils.set_random_seed(3)
        keras.backend.clear_session()
        # Graft leaves VGG's head out; NASNet's has a softmax, whatever is asked for.
        pooled = name.startswith(("vgg", "nasnet"))
        settings = {"include_top": False, "pooling": "avg"} if pooled else {"classes": 7, "classifier_activation": None}
        network = getattr(keras.applications, application)(weights=None, input_shape=(side(name), side(name), 3), **settings)
        random = np.random.default_rng(3)
        for weight in network.weights:
            if "moving_mean" in weight.name:
                weight.assign(random.uniform(-0.1, 0.1, weight.shape))
            if "moving_variance" in weight.name:
                weight.assign(random.uniform(0.8, 1.2, weight.shape))
        image = random.uniform(0, 1, (1, side(name), side(name), 3)).astype("float32")
        scale = 255 if name.startswith(OF_BYTES) else 1
        output = np.asarray(network.predict(image * scale, verbose=0))
        own = kind.endswith("own") or kind.endswith("graph")
        keep(name, save(network, name), image[0], output, "pool" if pooled else "head", scale if own else 1)


def save_keras(network, name):
    files = [f"{kind}-{name}.h5", f"{kind}-{name}.weights.h5", f"{kind}-{name}.keras"]
    network.save(folder / files[0])
    network.save_weights(folder / files[1])
    network.save(folder / files[2])
    return files


def save_own(network, name):
    files = [f"{kind}-{name}.h5", f"{kind}-{name}.keras"]
    for file in files:
        network.save(folder / file)
    return files


def save_tfjs(network, name):
    file = f"{kind}-{name}"
    tfjs_converter.save_keras_model(network, str(folder / file))
    return [file]


def save_graph(network, name):
    import tempfile

    file = f"{kind}-{name}"
    with tempfile.TemporaryDirectory() as saved:
        network.save(saved)
        tfjs_converter.convert_tf_saved_model(saved, str(folder / file))
    return [file]


def with_onnx():
    """By the exporter of today and the one before; what ONNX Runtime makes of the file, not PyTorch."""
    import onnxruntime
    import torch
    import torchvision

    usual = ["resnet50", "mobilenet_v3_large", "efficientnet_b0", "densenet121", "regnet_y_400mf", "shufflenet_v2_x1_0", "convnext_tiny", "vit_b_16"]
    for name in sys.argv[3:] or usual:
        torch.manual_seed(3)
        network = getattr(torchvision.models, name)(weights=None)
        for buffer, values in network.named_buffers():
            if buffer.endswith("running_mean"):
                values.uniform_(-0.1, 0.1)
            if buffer.endswith("running_var"):
                values.uniform_(0.8, 1.2)
        if name.startswith("vit"):
            # Zeros in torchvision, whose classifier then says nothing of what lies before it.
            torch.nn.init.normal_(network.heads.head.weight, std=0.05)
        network.eval()
        image = torch.rand(1, 3, 224, 224)
        for exporter in ["classic", "dynamo"]:
            file = f"onnx-{name}-{exporter}.onnx"
            modern = {"dynamo": True, "verbose": False} if exporter == "dynamo" else {"dynamo": False, "opset_version": 17}
            torch.onnx.export(network, (image,), folder / file, **modern)
            session = onnxruntime.InferenceSession(folder / file)
            [output] = session.run(None, {session.get_inputs()[0].name: image.numpy()})
            keep(f"{name}-{exporter}", [file], image[0].permute(1, 2, 0).contiguous(), output, "head")


if kind == "onnx":
    with_onnx()
elif kind.startswith("keras"):
    import keras

    with_keras(keras, *((save_own, OWN) if kind == "keras-own" else (save_keras, KERAS)))
elif kind.startswith("tfjs"):
    sys.path.append(str(Path(__file__).parents[1] / "test" / "models" / "weights"))
    import tfjs_converter

    if kind == "tfjs-graph":
        with_keras(tfjs_converter.tf_keras, save_graph, {name: {**KERAS, **OWN}[name] for name in GRAPHS})
    else:
        with_keras(tfjs_converter.tf_keras, save_tfjs, OWN if kind == "tfjs-own" else KERAS)
else:
    with_torch()

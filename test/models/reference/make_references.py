"""Builds each network of the model library in Keras or torchvision, with weights from a formula that the test repeats,
and keeps a sample of what comes out of each stage.

    pip install tensorflow-cpu keras          (Keras's networks; 3.15 and TensorFlow 2.21 made these files)
    pip install torch torchvision             (ResNet-18 and -34; 2.15 and 0.29)
    python make_references.py [network ...]   (all by default; then prettier --write *.json)

All arithmetic is in float64, on weights and images that float32 holds exactly.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

CLASSES = 5
SAMPLES = 64
IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_DEVIATION = [0.229, 0.224, 0.225]


def units(name, count):
    """Numbers in [0, 1) from a name: FNV-1a of the name, then the finaliser of MurmurHash3 for each index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / 2**24


def values(name, shape):
    """A weight by its name in Graft, `layer/weight`, in Keras's layout."""
    u = units(name, math.prod(shape))
    weight = name.rsplit("/", 1)[1]
    if weight in ("kernel", "depthwise_kernel"):
        fan_in = math.prod(shape[:2] if weight == "depthwise_kernel" else shape[:-1])
        numbers = (2 * u - 1) * math.sqrt(6 / fan_in)
    elif weight == "gamma":
        numbers = 0.6 + 0.4 * u
    elif weight == "moving_variance":
        numbers = 0.5 + u
    else:
        numbers = (2 * u - 1) * 0.1
    return numbers.astype(np.float32).astype(np.float64).reshape(shape)


def image(shape):
    """One image in [0, 1)."""
    return units("image", math.prod(shape)).reshape(1, *shape)


def sample(tensor):
    """`[1, height, width, channels]` or `[1, classes]`, row by row."""
    flat = np.asarray(tensor, dtype=np.float64).ravel()
    at = np.arange(min(SAMPLES, flat.size)) * 7919 % flat.size
    digits = lambda x: float(f"{x:.8g}")
    return {
        "shape": list(tensor.shape[1:]),
        "mean": digits(flat.mean()),
        "deviation": digits(flat.std()),
        "values": [digits(x) for x in flat[at]],
    }


def listed(weights):
    """`kernel 3x3x3x64, bias 64` by layer."""
    layers = {}
    for name, shape in weights:
        layer, weight = name.rsplit("/", 1)
        layers.setdefault(layer, []).append(f"{weight} {'x'.join(map(str, shape))}")
    return {layer: ", ".join(each) for layer, each in layers.items()}


KERAS = {
    "vgg16": ("vgg16", "VGG16", (75, 64), {f"block{i}": f"block{i}_pool" for i in range(1, 6)}),
    "vgg19": ("vgg19", "VGG19", (64, 75), {f"block{i}": f"block{i}_pool" for i in range(1, 6)}),
    "resnet50": (
        "resnet",
        "ResNet50",
        (75, 96),
        {
            "conv1": "pool1_pool",
            "conv2": "conv2_block3_out",
            "conv3": "conv3_block4_out",
            "conv4": "conv4_block6_out",
            "conv5": "conv5_block3_out",
        },
    ),
    "mobilenet_v2": (
        "mobilenet_v2",
        "MobileNetV2",
        (97, 82),
        {
            "stage1": "expanded_conv_project_BN",
            "stage2": "block_2_add",
            "stage3": "block_5_add",
            "stage4": "block_9_add",
            "stage5": "block_12_add",
            "stage6": "block_15_add",
            "stage7": "block_16_project_BN",
            "top": "out_relu",
        },
    ),
    "inception_v3": (
        "inception_v3",
        "InceptionV3",
        (107, 91),
        {"stem": "max_pooling2d_1", "mixed35": "mixed2", "mixed17": "mixed7", "mixed8": "mixed10"},
    ),
    "densenet121": (
        "densenet",
        "DenseNet121",
        (75, 96),
        {
            "conv1": "pool1",
            "conv2": "pool2_pool",
            "conv3": "pool3_pool",
            "conv4": "pool4_pool",
            "conv5": "relu",
        },
    ),
    "efficientnet_b0": (
        "efficientnet",
        "EfficientNetB0",
        (75, 98),
        {
            "stem": "stem_activation",
            "block1": "block1a_project_bn",
            "block2": "block2b_add",
            "block3": "block3b_add",
            "block4": "block4c_add",
            "block5": "block5c_add",
            "block6": "block6d_add",
            "block7": "block7a_project_bn",
            "top": "top_activation",
        },
    ),
}


def keras_reference(name):
    import keras
    import tensorflow

    keras.config.set_floatx("float64")
    keras.utils.clear_session()
    module_name, class_name, (height, width), stages = KERAS[name]
    module = getattr(keras.applications, module_name)
    backbone = getattr(module, class_name)(
        weights=None, include_top=False, input_shape=(height, width, 3)
    )
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    logits = keras.layers.Dense(CLASSES, name="predictions")(pooled)
    weights = []
    parameters = backbone.count_params()
    for layer in [*backbone.layers, keras.Model(backbone.input, logits).get_layer("predictions")]:
        if isinstance(layer, keras.layers.Normalization):
            # ImageNet's statistics; in Graft they are part of the card's preprocessing, and no weights.
            layer.set_weights([np.array(IMAGENET_MEAN), np.array(IMAGENET_DEVIATION) ** 2, np.array(1)])
            layer.finalize_state()
            parameters -= layer.count_params()
            continue
        for variable in layer.weights:
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) and variable.name == "kernel"
            full = f"{layer.name}/{'depthwise_kernel' if depthwise else variable.name}"
            variable.assign(values(full, variable.shape))
            weights.append((full, variable.shape))
    outputs = [backbone.get_layer(layer).output for layer in stages.values()]
    model = keras.Model(backbone.input, [*outputs, logits])
    *boundaries, top = model(module.preprocess_input(255 * image((height, width, 3))))
    return {
        "source": f"keras.applications.{class_name}, Keras {keras.__version__}, "
        f"TensorFlow {tensorflow.__version__}",
        "input": [height, width, 3],
        "parameters": parameters,
        "weights": listed(weights),
        "stages": {stage: sample(tensor.numpy()) for stage, tensor in zip(stages, boundaries)},
        "top": sample(top.numpy()),
    }


TORCHVISION = {"resnet18": (75, 64), "resnet34": (64, 75)}


def graft_layer(name):
    """Graft's name for a layer of torchvision's ResNet-18 and -34."""
    if name in ("conv1", "bn1", "fc"):
        return {"conv1": "conv1_conv", "bn1": "conv1_bn", "fc": "predictions"}[name]
    stage, block, part, *rest = name.split(".")
    if part == "downsample":
        tail = "0_conv" if rest[0] == "0" else "0_bn"
    else:
        tail = f"{part[-1]}_{part[:-1]}"
    return f"conv{int(stage[-1]) + 1}_block{int(block) + 1}_{tail}"


def torchvision_reference(name):
    import torch
    import torchvision

    height, width = TORCHVISION[name]
    model = getattr(torchvision.models, name)(weights=None, num_classes=CLASSES).double().eval()
    kinds = {
        "Conv2d": {"weight": "kernel"},
        "Linear": {"weight": "kernel", "bias": "bias"},
        "BatchNorm2d": {
            "weight": "gamma",
            "bias": "beta",
            "running_mean": "moving_mean",
            "running_var": "moving_variance",
        },
    }
    weights = []
    parameters = 0
    for module_name, module in model.named_modules():
        for attribute, weight in kinds.get(type(module).__name__, {}).items():
            tensor = getattr(module, attribute)
            order = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}[tensor.ndim]
            shape = tuple(tensor.shape[axis] for axis in order)
            back = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}[tensor.ndim]
            numbers = values(f"{graft_layer(module_name)}/{weight}", shape).transpose(back)
            tensor.data.copy_(torch.from_numpy(np.ascontiguousarray(numbers)))
            weights.append((f"{module_name}/{weight}", shape))
            parameters += 0 if module_name == "fc" else math.prod(shape)
    kept = {}
    layers = {"conv1": "maxpool", **{f"conv{i + 1}": f"layer{i}" for i in range(1, 5)}}
    for stage, layer in layers.items():
        getattr(model, layer).register_forward_hook(
            lambda module, inputs, output, stage=stage: kept.update({stage: output})
        )
    x = (image((height, width, 3)) - IMAGENET_MEAN) / IMAGENET_DEVIATION
    with torch.no_grad():
        top = model(torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))))
    return {
        "source": f"torchvision.models.{name}, torchvision {torchvision.__version__.split('+')[0]}, "
        f"torch {torch.__version__.split('+')[0]}",
        "input": [height, width, 3],
        "parameters": parameters,
        "weights": listed(weights),
        "stages": {stage: sample(kept[stage].numpy().transpose(0, 2, 3, 1)) for stage in layers},
        "top": sample(top.numpy()),
    }


if __name__ == "__main__":
    for chosen in sys.argv[1:] or [*KERAS, *TORCHVISION]:
        reference = keras_reference(chosen) if chosen in KERAS else torchvision_reference(chosen)
        path = Path(__file__).parent / f"{chosen}.json"
        path.write_text(json.dumps(reference, indent=1) + "\n")
        deviations = {s: round(v["deviation"], 3) for s, v in reference["stages"].items()}
        print(chosen, reference["parameters"], deviations, "top", reference["top"]["values"])

"""Writes operations.json: what PyTorch makes of single layers, forwards and backwards.

    python make_operations.py

Graft's tensors are [batch, height, width, channels], PyTorch's [batch, channels, height, width].
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
cases = []


def draw(*shape):
    return (torch.rand(shape) * 4 - 2).mul(1000).round().div(1000)


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def numbers(x):
    return {"shape": list(x.shape), "values": [float(f"{value:.6g}") for value in x.flatten().tolist()]}


def case(name, kind, config, inputs, weights, forward):
    inputs = [x.clone().requires_grad_() for x in inputs]
    weights = {key: value.clone().requires_grad_() for key, value in weights.items()}
    y = forward(*inputs, **weights)
    # Any fixed weighting of the outputs: their sum alone has gradients that hide mistakes.
    factors = torch.cos(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    found = torch.autograd.grad((y * factors).sum(), [*inputs, *weights.values()], allow_unused=True)
    gradients = [torch.zeros(1) if one is None else one for one in found]
    cases.append(
        {
            "name": name,
            "kind": kind,
            "config": config,
            "inputs": [numbers(x) for x in inputs],
            "weights": {key: numbers(value) for key, value in weights.items()},
            "output": numbers(y),
            "gradients": [numbers(one)["values"] for one in gradients],
        }
    )


image = draw(2, 4, 5, 4)
small = draw(2, 3, 4, 2)
tokens = draw(2, 5, 6)
positive = draw(2, 3, 4).abs() + 0.3

for name in ["gelu", "geluTanh", "mish", "selu", "softplus", "softsign", "swish"]:
    functions = {
        "gelu": F.gelu,
        "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
        "mish": F.mish,
        "selu": F.selu,
        "softplus": F.softplus,
        "softsign": F.softsign,
        "swish": F.silu,
    }
    case(name, "activation", {"activation": name}, [tokens * 2], {}, functions[name])
case("leaky ReLU", "activation", {"activation": "leakyRelu", "alpha": 0.1}, [tokens], {}, lambda x: F.leaky_relu(x, 0.1))
case("ELU", "activation", {"activation": "elu", "alpha": 1}, [tokens], {}, F.elu)
case("ELU of another alpha", "activation", {"activation": "elu", "alpha": 0.5}, [tokens], {}, lambda x: F.elu(x, 0.5))
sixth = {"alpha": 1 / 6, "beta": 0.5}
case("hard sigmoid", "activation", {"activation": "hardSigmoid", **sixth}, [tokens * 3], {}, F.hardsigmoid)
case("hard swish", "activation", {"activation": "hardSwish", **sixth}, [tokens * 3], {}, F.hardswish)

row = draw(2, 1, 6)
for kind, function in [("subtract", torch.sub), ("divide", torch.div), ("maximum", torch.maximum), ("minimum", torch.minimum)]:
    case(kind, kind, {}, [tokens, row + 5 * (kind == "divide")], {}, function)
case("power", "power", {}, [positive, draw(2, 3, 4)], {}, torch.pow)
for name, function in [
    ("abs", torch.abs),
    ("cos", torch.cos),
    ("erf", torch.erf),
    ("exp", torch.exp),
    ("log", torch.log),
    ("negative", torch.neg),
    ("reciprocal", torch.reciprocal),
    ("sin", torch.sin),
    ("sqrt", torch.sqrt),
    ("square", torch.square),
]:
    case(name, "unary", {"function": name}, [positive], {}, function)
case("sign", "unary", {"function": "sign"}, [tokens], {}, lambda x: torch.sign(x) + 0 * x)
case("clip", "clip", {"minimum": -0.5, "maximum": 1.25}, [tokens], {}, lambda x: x.clamp(-0.5, 1.25))
case("clip below", "clip", {"minimum": -0.5, "maximum": None}, [tokens], {}, lambda x: x.clamp(min=-0.5))
case("clip above", "clip", {"minimum": None, "maximum": 1.25}, [tokens], {}, lambda x: x.clamp(max=1.25))
case(
    "PReLU", "prelu", {"shape": [4]}, [image], {"alpha": draw(4)}, lambda x, alpha: nhwc(F.prelu(nchw(x), alpha))
)
case("an array", "weight", {"shape": [3, 2], "learns": True}, [], {"weight": draw(3, 2)}, lambda weight: weight[None])

case(
    "layer normalisation",
    "layerNormalization",
    {"epsilon": 1e-6},
    [image],
    {"gamma": draw(4), "beta": draw(4)},
    lambda x, gamma, beta: F.layer_norm(x, [4], gamma, beta, 1e-6),
)
case(
    "layer normalisation without its affine part",
    "layerNormalization",
    {"epsilon": 1e-5, "scale": False, "center": False},
    [tokens],
    {},
    lambda x: F.layer_norm(x, [6], None, None, 1e-5),
)
case(
    "group normalisation",
    "groupNormalization",
    {"groups": 2, "epsilon": 1e-5},
    [image],
    {"gamma": draw(4), "beta": draw(4)},
    lambda x, gamma, beta: nhwc(F.group_norm(nchw(x), 2, gamma, beta, 1e-5)),
)
heads = [draw(2, 3, 4, 5), draw(2, 3, 5, 4)]
case("product", "matMul", {}, heads, {}, torch.matmul)
case("product, second transposed", "matMul", {"transposeB": True}, [heads[0], draw(2, 3, 6, 5)], {}, lambda a, b: a @ b.mT)
case("permute", "permute", {"dims": [3, 1, 2]}, [image], {}, nchw)
case(
    "slice",
    "slice",
    {"begin": [1, 0, 1], "end": [None, 4, 3], "strides": [1, 1, 1]},
    [image],
    {},
    lambda x: x[:, 1:, :4, 1:3],
)
case(
    "strided slice",
    "slice",
    {"begin": [1, 0, 0], "end": [None, None, None], "strides": [2, 2, 1]},
    [image],
    {},
    lambda x: x[:, 1::2, ::2],
)
case("gather", "gather", {"axis": 3, "indices": [3, 0, 2, 2]}, [image], {}, lambda x: x[..., [3, 0, 2, 2]])
for reduction, function in [("mean", torch.mean), ("sum", torch.sum), ("max", torch.amax), ("min", torch.amin)]:
    config = {"reduction": reduction, "axes": [1, 2], "keepDimensions": reduction == "mean"}
    case(f"reduce by {reduction}", "reduce", config, [image], {}, lambda x: function(x, (1, 2), keepdim=reduction == "mean"))
case(
    "resize, bilinear",
    "resize2d",
    {"scale": [2, 2], "interpolation": "bilinear", "coordinates": "halfPixel"},
    [small],
    {},
    lambda x: nhwc(F.interpolate(nchw(x), scale_factor=2, mode="bilinear")),
)
case(
    "resize, nearest",
    "resize2d",
    {"scale": [2, 3], "interpolation": "nearest", "coordinates": "asymmetric"},
    [small],
    {},
    lambda x: nhwc(F.interpolate(nchw(x), size=(6, 12), mode="nearest")),
)
case(
    "pad", "pad", {"before": [1, 0, 0], "after": [0, 2, 1], "value": 0}, [image], {}, lambda x: F.pad(x, [0, 1, 0, 2, 1, 0])
)


def convolve(x, kernel, bias=None, **settings):
    return nhwc(F.conv2d(nchw(x), kernel.permute(3, 2, 0, 1), bias, **settings))


plain = {"padding": "valid", "useBias": False}
case(
    "grouped convolution",
    "conv2d",
    {"filters": 6, "kernelSize": 3, "strides": 1, "groups": 2, "padding": "valid", "useBias": True},
    [image],
    {"kernel": draw(3, 3, 2, 6), "bias": draw(6)},
    lambda x, kernel, bias: convolve(x, kernel, bias, groups=2),
)
case(
    "convolution of unlike strides",
    "conv2d",
    {"filters": 3, "kernelSize": [1, 3], "strides": [2, 1], **plain},
    [image],
    {"kernel": draw(1, 3, 4, 3)},
    lambda x, kernel: convolve(x, kernel, stride=(2, 1)),
)
case(
    "dilated convolution",
    "conv2d",
    {"filters": 3, "kernelSize": 3, "strides": 1, "dilation": [1, 2], **plain},
    [image],
    {"kernel": draw(3, 3, 4, 3)},
    lambda x, kernel: convolve(x, kernel, dilation=(1, 2)),
)
case(
    "depthwise convolution with two filters a channel",
    "depthwiseConv2d",
    {"kernelSize": [3, 2], "strides": 1, "depthMultiplier": 2, **plain},
    [image],
    {"depthwise_kernel": draw(3, 2, 4, 2)},
    lambda x, depthwise_kernel: nhwc(
        F.conv2d(nchw(x), depthwise_kernel.permute(2, 3, 0, 1).reshape(8, 1, 3, 2), groups=4)
    ),
)
case(
    "dense layer of tokens",
    "dense",
    {"units": 3, "useBias": True},
    [tokens],
    {"kernel": draw(6, 3), "bias": draw(3)},
    lambda x, kernel, bias: x @ kernel + bias,
)
case(
    "dense layer of pixels",
    "dense",
    {"units": 3, "useBias": False},
    [image],
    {"kernel": draw(4, 3)},
    lambda x, kernel: x @ kernel,
)
pool = {"poolSize": 3, "strides": 2, "padding": [1, 1, 1, 0]}
case(
    "max pool, padding no part of it",
    "maxPooling2d",
    pool,
    [image - 3],
    {},
    lambda x: nhwc(F.max_pool2d(F.pad(nchw(x), [1, 0, 1, 1], value=-math.inf), 3, 2)),
)
case(
    "average pool, padding no part of it",
    "averagePooling2d",
    {"poolSize": [2, 3], "strides": [2, 1], "padding": [1, 1, 1, 1]},
    [image],
    {},
    lambda x: nhwc(F.avg_pool2d(nchw(x), (2, 3), (2, 1), (1, 1), count_include_pad=False)),
)
case(
    "global pool that keeps its axes",
    "globalAveragePooling2d",
    {"keepDimensions": True},
    [image],
    {},
    lambda x: x.mean((1, 2), keepdim=True),
)
case("joining along the first axis", "concatenate", {"axis": 1}, [tokens, row], {}, lambda a, b: torch.cat([a, b], 1))
case("reshape", "reshape", {"shape": [0, 0, 2, -1]}, [image], {}, lambda x: x.reshape(2, 4, 5, 2, 2))

text = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
Path(__file__).with_name("operations.json").write_text(f"[\n{text}\n]\n")
print(len(cases))

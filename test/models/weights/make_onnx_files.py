"""Writes files/onnx/*: small networks by PyTorch's exporters and by onnx's helper, and what ONNX Runtime makes of them.

    python make_onnx_files.py

expected.json: for each file the image (a formula, see `image`), the output, and the outputs of some convolutions by the name of their weights.
"""

import json
import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
HERE = Path(__file__).with_name("files") / "onnx"
HERE.mkdir(parents=True, exist_ok=True)
expected = {}


def image(channels, height, width):
    """Between -1 and 1, the same in every language."""
    at = np.arange(channels * height * width, dtype=np.float64)
    return np.sin(at * 0.7 + 1).astype(np.float32).reshape(1, channels, height, width)


def draw(module):
    """Weights from a formula, so that the files are the same whatever the version of PyTorch."""
    with torch.no_grad():
        for index, (name, tensor) in enumerate(module.state_dict().items()):
            if not tensor.is_floating_point():
                continue
            at = torch.arange(tensor.numel(), dtype=torch.float64)
            wave = torch.sin(at * 1.3 + index * 0.37).reshape(tensor.shape)
            if name.endswith("running_var"):
                tensor.copy_(1 + 0.3 * wave)
            elif tensor.dim() > 1:
                tensor.copy_(wave * (1.6 / (tensor[0].numel() ** 0.5)))
            else:
                tensor.copy_((1 if name.endswith("weight") else 0) + 0.2 * wave)
    return module.eval()


def keep(name, size, nodes=()):
    """Runs a file, with the convolutions of these weights as outputs too."""
    path = HERE / name
    model = onnx.load(path)
    found = {}
    for node in model.graph.node:
        for weight in nodes:
            if node.op_type == "Conv" and node.input[1] == weight:
                found[weight] = node.output[0]
    model.graph.output.extend(helper.make_empty_tensor_value_info(output) for output in found.values())
    session = ort.InferenceSession(model.SerializeToString())
    given = image(*size)
    entry = session.get_inputs()[0]
    values = session.run(None, {entry.name: given if entry.shape[-1] != 3 else given.transpose(0, 2, 3, 1)})
    rounded = lambda array: [float(f"{value:.6g}") for value in array.flatten().tolist()]
    expected[name] = {
        "size": size,
        "output": rounded(values[0]),
        "nodes": {weight: {"shape": list(v.shape), "values": rounded(v)} for weight, v in zip(found, values[1:])},
    }
    print(name, path.stat().st_size, values[0].shape, list(found))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.conv2 = nn.Conv2d(8, 8, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.down = nn.Conv2d(8, 16, 1, 2, bias=False)
        self.conv3 = nn.Conv2d(8, 16, 3, 2, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = self.pool(self.bn1(self.conv1(x)).relu())
        x = (self.bn2(self.conv2(x)) + x).relu()
        x = (self.bn3(self.conv3(x)) + self.down(x)).relu()
        return self.fc(x.mean((2, 3)))


class Mobile(nn.Module):
    """Depthwise convolutions, squeeze and excitation, hard swish, a classifier of two layers."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 5, 2, 2, groups=8)
        self.squeeze = nn.Conv2d(8, 4, 1)
        self.excite = nn.Conv2d(4, 8, 1)
        self.project = nn.Conv2d(8, 12, 1)
        self.fc1 = nn.Linear(12, 10)
        self.fc2 = nn.Linear(10, 4)

    def forward(self, x):
        x = nn.functional.hardswish(self.bn(self.stem(x)))
        x = nn.functional.silu(self.depthwise(x))
        scale = nn.functional.adaptive_avg_pool2d(x, 1)
        x = x * nn.functional.hardsigmoid(self.excite(self.squeeze(scale).relu()))
        x = nn.functional.relu6(self.project(x))
        x = torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1)
        return self.fc2(nn.functional.hardswish(self.fc1(x)))


class Shuffle(nn.Module):
    """Channels shuffled between the two groups of a convolution, and halves that go different ways."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.group = nn.Conv2d(8, 16, 3, 1, 1, groups=2)
        self.side = nn.Conv2d(8, 8, (1, 3), (1, 2), (0, 1))
        self.down = nn.AvgPool2d((1, 3), (1, 2), (0, 1))
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        x = self.group(self.stem(x).relu())
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        a, b = x.chunk(2, dim=1)
        x = torch.cat([self.side(a), self.down(b)], 1).relu()
        return self.fc(x.amax((2, 3)))


class Transformer(nn.Module):
    def __init__(self, size=32, patch=8, width=12):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))
        block = lambda: nn.ModuleDict(
            {
                "norm1": nn.LayerNorm(width, 1e-6),
                "qkv": nn.Linear(width, width * 3),
                "out": nn.Linear(width, width),
                "norm2": nn.LayerNorm(width, 1e-6),
                "up": nn.Linear(width, width * 2),
                "down": nn.Linear(width * 2, width),
            }
        )
        self.blocks = nn.ModuleList([block(), block()])
        self.norm = nn.LayerNorm(width, 1e-6)
        self.fc = nn.Linear(width, 3)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        n, t, c = x.shape
        for block in self.blocks:
            q, k, v = block["qkv"](block["norm1"](x)).reshape(n, t, 3, 2, c // 2).permute(2, 0, 3, 1, 4).unbind(0)
            mixed = ((q @ k.transpose(-2, -1)) * (c // 2) ** -0.5).softmax(-1) @ v
            x = x + block["out"](mixed.transpose(1, 2).reshape(n, t, c))
            x = x + block["down"](nn.functional.gelu(block["up"](block["norm2"](x))))
        return self.fc(self.norm(x)[:, 0])


def classic(name, module, size, **settings):
    given = torch.from_numpy(image(*size))
    settings = {"opset_version": 17, "input_names": ["image"], **settings}
    torch.onnx.export(module, given, HERE / name, dynamo=False, **settings)


def modern(name, module, size, **settings):
    torch.onnx.export(module, (torch.from_numpy(image(*size)),), HERE / name, dynamo=True, verbose=False, **settings)


free = {"image": {0: "batch", 2: "height", 3: "width"}}
residual = draw(Residual())
preserve = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
classic("residual.onnx", residual, (3, 32, 32), dynamic_axes=free, **preserve)
keep("residual.onnx", (3, 32, 32), ["conv1.weight", "conv2.weight"])
mobile = draw(Mobile())
modern("mobile.onnx", mobile, (3, 32, 32))
keep("mobile.onnx", (3, 32, 32), ["stem.weight", "project.weight"])
classic("mobile-classic.onnx", mobile, (3, 32, 32), dynamic_axes=free, opset_version=12)
keep("mobile-classic.onnx", (3, 32, 32), ["project.weight"])
classic("shuffle.onnx", draw(Shuffle()), (3, 32, 32))
keep("shuffle.onnx", (3, 32, 32), ["group.weight", "side.weight"])
transformer = draw(Transformer())
classic("transformer.onnx", transformer, (3, 32, 32), dynamic_axes={"image": {0: "batch"}})
keep("transformer.onnx", (3, 32, 32), ["patches.weight"])
modern("transformer-modern.onnx", transformer, (3, 32, 32), external_data=False)
keep("transformer-modern.onnx", (3, 32, 32), ["patches.weight"])


def wave(name, *shape, scale=0.5, dtype=np.float32):
    at = np.arange(int(np.prod(shape)), dtype=np.float64)
    return numpy_helper.from_array((np.sin(at * 1.1 + len(name)) * scale).astype(dtype).reshape(shape), name)


def by_hand():
    """Operators that exporters seldom write, and every way of writing numbers."""
    node = helper.make_node
    typed = helper.make_tensor("offset", TensorProto.FLOAT, [1, 6, 1, 1], np.linspace(-1, 1, 6).tolist())
    half = helper.make_tensor("half", TensorProto.FLOAT16, [6], np.linspace(0.5, 1.5, 6).astype(np.float16).tolist())
    bfloat = helper.make_tensor(
        "bfloat", TensorProto.BFLOAT16, [6], np.linspace(-0.5, 0.5, 6, dtype=np.float32).tolist()
    )
    double = helper.make_tensor("double", TensorProto.DOUBLE, [6, 1, 1], np.linspace(0.8, 1.2, 6).tolist())
    whole = lambda name, values: numpy_helper.from_array(np.array(values, dtype=np.int64), name)
    nodes = [
        node("Transpose", ["image"], ["first"], "to_nchw", perm=[0, 3, 1, 2]),
        node("Conv", ["first", "a.weight"], ["a"], "a", auto_pad="SAME_UPPER", strides=[2, 2], kernel_shape=[3, 3]),
        node("PRelu", ["a", "slope"], ["b"], "prelu"),
        node("Cast", ["half"], ["half32"], to=TensorProto.FLOAT),
        node("Cast", ["bfloat"], ["bfloat32"], to=TensorProto.FLOAT),
        node("InstanceNormalization", ["b", "half32", "bfloat32"], ["c"], "instance", epsilon=1e-3),
        node("Add", ["c", "offset"], ["d"], "offset_add"),
        node("Cast", ["double"], ["double32"], to=TensorProto.FLOAT),
        node("Mul", ["d", "double32"], ["e"], "scale"),
        node("Conv", ["e", "f.weight", "f.bias"], ["f"], "f", pads=[2, 2, 2, 2], dilations=[2, 2]),
        node("LeakyRelu", ["f"], ["g"], "leaky", alpha=0.2),
        node("Split", ["g", "halves"], ["h", "i"], "split", axis=1),
        node("Elu", ["h"], ["j"], "elu", alpha=0.7),
        node("Sub", ["j", "i"], ["k"], "difference"),
        node("Pow", ["k", "two"], ["l"], "square"),
        node("Sqrt", ["l"], ["m"], "root"),
        node("Clip", ["m", "low", "high"], ["n"], "clip"),
        node("MaxPool", ["n"], ["o"], "pool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        node("Resize", ["o", "", "scales"], ["p"], "up", mode="linear", coordinate_transformation_mode="half_pixel"),
        node("Pad", ["p", "pads"], ["q"], "pad"),
        node("AveragePool", ["q"], ["r"], "mean", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
        node("Concat", ["r", "q"], ["s"], "joined", axis=1),
        node("Conv", ["s", "t.weight"], ["t"], "t", kernel_shape=[1, 1]),
        node("Softplus", ["t"], ["u"], "softplus"),
        node("GlobalAveragePool", ["u"], ["v"], "global"),
        node("Flatten", ["v"], ["w"], "flat"),
        node("MatMul", ["w", "classes.weight"], ["x"], "product"),
        node("Add", ["classes.bias", "x"], ["logits"], "bias"),
        node("Softmax", ["logits"], ["output"], "softmax"),
    ]
    arrays = [
        wave("a.weight", 6, 3, 3, 3),
        wave("slope", 6, 1, 1),
        half,
        bfloat,
        typed,
        double,
        wave("f.weight", 6, 6, 3, 3),
        wave("f.bias", 6),
        whole("halves", [3, 3]),
        numpy_helper.from_array(np.float32(2), "two"),
        numpy_helper.from_array(np.float32(0.05), "low"),
        numpy_helper.from_array(np.float32(1.5), "high"),
        numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"),
        whole("pads", [0, 0, 1, 0, 0, 0, 0, 1]),
        wave("t.weight", 8, 6, 1, 1),
        wave("classes.weight", 8, 4),
        wave("classes.bias", 4),
    ]
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    inputs, outputs = [value("image", ["n", 22, 26, 3])], [value("output", ["n", 4])]
    graph = helper.make_graph(nodes, "by hand", inputs, outputs, arrays)
    opsets = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="by hand")
    onnx.checker.check_model(model)
    return model


onnx.save(by_hand(), HERE / "by-hand.onnx")
keep("by-hand.onnx", (3, 22, 26), ["a.weight", "f.weight"])

text = ",\n".join(f"{json.dumps(name)}:{json.dumps(one, separators=(',', ':'))}" for name, one in expected.items())
(HERE / "expected.json").write_text("{\n" + text + "\n}\n")

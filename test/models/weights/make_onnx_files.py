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

from onnx_networks import Mobile, Residual, Shuffle, Transformer, draw, image

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
HERE = Path(__file__).with_name("files") / "onnx"
HERE.mkdir(parents=True, exist_ok=True)
expected = {}


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

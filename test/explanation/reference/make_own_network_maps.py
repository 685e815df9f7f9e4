"""Writes own-network-maps.json: Grad-CAM and Grad-CAM++ by PyTorch's autograd of networks whose ONNX files lie in test/models/weights/files/onnx.

    python make_own_network_maps.py

Layers are named as in the files. A transformer's patches come after its class token.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent.parent / "models" / "weights"))
from onnx_networks import Mobile, Residual, Shuffle, Transformer, draw, image  # noqa: E402

x = torch.from_numpy(image(3, 32, 32)).double()


def of_image(a):
    return a[0].permute(1, 2, 0)


def of_tokens(a, side=4):
    return a[0, 1:].reshape(side, side, -1)


def gradients(module, layer, run, class_index):
    """What a layer gives for the image, and the gradient of a class's score with respect to it."""
    kept = {}

    def keep(_, __, value):
        value.retain_grad()
        kept["value"] = value

    handle = layer.register_forward_hook(keep)
    run(module, x.clone().requires_grad_())[0, class_index].backward()
    handle.remove()
    return kept["value"].detach(), kept["value"].grad


def maps(file, name, module, layer, places, class_index, run=lambda module, x: module(x)):
    a, g = (places(one) for one in gradients(module, layer, run, class_index))
    cam = F.relu((g.mean((0, 1)) * a).sum(-1))
    alpha = g**2 / (2 * g**2 + a.sum((0, 1)) * g**3 + 1e-7)
    plus = F.relu(((alpha * F.relu(g)).sum((0, 1)) * a).sum(-1))
    numbers = lambda values: [float(f"{value:.6g}") for value in values.flatten().tolist()]
    return {
        "file": file,
        "layer": name,
        "classIndex": class_index,
        "rows": a.shape[0],
        "columns": a.shape[1],
        "gradcam": numbers(cam),
        "gradcam++": numbers(plus),
    }


class Ended(Residual):
    """With the last sum's activation as a module, to be looked at."""

    def __init__(self):
        super().__init__()
        self.last = torch.nn.ReLU()

    def forward(self, x):
        x = self.pool(self.bn1(self.conv1(x)).relu())
        x = (self.bn2(self.conv2(x)) + x).relu()
        return self.fc(self.last(self.bn3(self.conv3(x)) + self.down(x)).mean((2, 3)))


residual, shuffle, mobile, transformer = (draw(one()).double() for one in (Ended, Shuffle, Mobile, Transformer))
content = [
    *(maps("residual.onnx", "Relu_2", residual, residual.last, of_image, c) for c in (0, 3)),
    maps("residual.onnx", "pool", residual, residual.pool, of_image, 1),
    maps("shuffle.onnx", "group", shuffle, shuffle.group, of_image, 2),
    maps("shuffle.onnx", "side", shuffle, shuffle.side, of_image, 0),
    maps("mobile.onnx", "project", mobile, mobile.project, of_image, 3),
    *(maps("transformer.onnx", "blocks.1.norm1", transformer, transformer.blocks[1]["norm1"], of_tokens, c) for c in (0, 2)),
    maps("transformer.onnx", "blocks.0.norm1", transformer, transformer.blocks[0]["norm1"], of_tokens, 1),
    maps("transformer.onnx", "patches", transformer, transformer.patches, of_image, 1),
]
path = HERE / "own-network-maps.json"
path.write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in content) + "\n]\n")
print(f"{path}: {path.stat().st_size} bytes")
for one in content:
    print(one["file"], one["layer"], max(one["gradcam"]), max(one["gradcam++"]))

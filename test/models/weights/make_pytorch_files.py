"""Writes small files with PyTorch, one for each way in which people save weights.

    pip install torch numpy          (2.15 made these files)
    python make_pytorch_files.py     (into files/; expected-pytorch.json holds the numbers)
"""

import json
import warnings
from collections import OrderedDict
from pathlib import Path

import torch

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).parent / "files"
FOLDER.mkdir(exist_ok=True)
torch.manual_seed(7)

network = torch.nn.Sequential(
    OrderedDict(
        conv1=torch.nn.Conv2d(3, 4, 3, bias=False),
        bn1=torch.nn.BatchNorm2d(4),
        body=torch.nn.Sequential(torch.nn.Conv2d(4, 2, 1)),
    )
)
with torch.no_grad():
    network.bn1.running_mean.uniform_(-1, 1)
    network.bn1.running_var.uniform_(0.5, 1.5)
state = network.state_dict()

shared = torch.arange(24, dtype=torch.float32)
types = {
    "float64": torch.tensor([1 / 3, -2.5], dtype=torch.float64),
    "float16": torch.tensor([1.5, -0.25, 6e-5], dtype=torch.float16),
    "bfloat16": torch.tensor([1.5, -3.140625], dtype=torch.bfloat16),
    "int64": torch.tensor([5, -7]),
    "int32": torch.tensor([6, -8], dtype=torch.int32),
    "uint8": torch.tensor([255, 0], dtype=torch.uint8),
    "int8": torch.tensor([-128, 127], dtype=torch.int8),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(4.5),
    "empty": torch.zeros(0, 3),
    "transposed": shared.view(4, 6).t(),
    "permuted": shared.view(2, 3, 4).permute(2, 0, 1),
    "window": shared.view(4, 6)[1:3, 2:5],
    "every_other": shared[1::2],
}

torch.save(state, FOLDER / "state_dict.pth")
torch.save(state, FOLDER / "state_dict_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(types, FOLDER / "types.pt")
torch.save(types, FOLDER / "types_legacy.pt", _use_new_zipfile_serialization=False)
torch.save(network, FOLDER / "module.pt")
optimizer = torch.optim.AdamW(network.parameters())
network(torch.rand(1, 3, 8, 8)).sum().backward()
optimizer.step()
state = network.state_dict()
wrapped = {f"module.{name}": tensor for name, tensor in state.items()}
torch.save({"epoch": 3, "best": 0.91, "optimizer": optimizer.state_dict(), "state_dict": wrapped}, FOLDER / "checkpoint.pth")
torch.jit.script(network.eval()).save(str(FOLDER / "script.pt"))


def listed(tensors):
    return {
        name: {"shape": list(tensor.shape), "values": tensor.detach().to(torch.float32).flatten().tolist()}
        for name, tensor in tensors.items()
    }


first = torch.load(FOLDER / "state_dict.pth")
expected = {
    "state_dict.pth": listed(first),
    "state_dict_legacy.pth": listed(first),
    "types.pt": listed(types),
    "types_legacy.pt": listed(types),
    "module.pt": listed(first),
    "checkpoint.pth": listed(wrapped),
    "script.pt": listed(state),
}
(FOLDER / "expected-pytorch.json").write_text(json.dumps(expected) + "\n")

"""Small networks of PyTorch's, with weights from a formula, as make_onnx_files.py writes them."""

import numpy as np
import torch
from torch import nn


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

"""Writes maps.json: Grad-CAM and Grad-CAM++ of a small network by PyTorch's autograd, Spearman's correlation by SciPy, and structural similarity with the
windows and constants of scikit-image's structural_similarity (7 x 7, uniform, sample covariance, data range 1).

    python make_maps.py

Graft's tensors are [batch, height, width, channels], PyTorch's [batch, channels, height, width].
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import uniform_filter
from scipy.stats import spearmanr

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
SIDE = 12


def draw(*shape):
    return (torch.randn(shape) * 0.5).mul(1000).round().div(1000)


def numbers(x):
    return [float(f"{value:.9g}") for value in np.asarray(x).flatten().tolist()]


# As Graft keeps them: [height, width, in, out] and [in, out].
weights = {
    "one_conv/kernel": draw(3, 3, 1, 4),
    "one_conv/bias": draw(4),
    "two_conv/kernel": draw(3, 3, 4, 6),
    "two_conv/bias": draw(6),
    "predictions/kernel": draw(6, 3),
    "predictions/bias": draw(3),
}
images = torch.rand(2, 1, SIDE, SIDE).mul(1000).round().div(1000)


def conv(x, name, stride):
    kernel = weights[f"{name}/kernel"].permute(3, 2, 0, 1)
    return F.conv2d(F.pad(x, (1, 1, 1, 1)), kernel, weights[f"{name}/bias"], stride=stride)


def forward(x, layers):
    """The logits, with what each named layer gives kept for its gradient."""
    layers["one_swish"] = F.silu(conv(x * 2 - 1, "one_conv", 2))
    layers["two_conv"] = conv(layers["one_swish"], "two_conv", 1)
    layers["two_relu"] = F.relu(layers["two_conv"])
    for value in layers.values():
        value.retain_grad()
    pooled = layers["two_relu"].mean((2, 3))
    return pooled @ weights["predictions/kernel"] + weights["predictions/bias"]


def maps(layer, classIndex):
    layers = {}
    x = images.clone().requires_grad_()
    logits = forward(x, layers)
    logits[:, classIndex].sum().backward()
    a, g = layers[layer].detach(), layers[layer].grad
    cam = F.relu((g.mean((2, 3), keepdim=True) * a).sum(1))
    alpha = g**2 / (2 * g**2 + a.sum((2, 3), keepdim=True) * g**3 + 1e-7)
    plus = F.relu(((alpha * F.relu(g)).sum((2, 3), keepdim=True) * a).sum(1))
    return {
        "layer": layer,
        "classIndex": classIndex,
        "rows": a.shape[2],
        "columns": a.shape[3],
        "gradcam": [numbers(one) for one in cam],
        "gradcam++": [numbers(one) for one in plus],
    }


def ssim(x, y, window=7):
    count = window * window
    mean = lambda z: uniform_filter(z, window)
    mx, my = mean(x), mean(y)
    unbiased = count / (count - 1)
    vx = unbiased * (mean(x * x) - mx * mx)
    vy = unbiased * (mean(y * y) - my * my)
    vxy = unbiased * (mean(x * y) - mx * my)
    c1, c2 = 0.01**2, 0.03**2
    s = ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    pad = window // 2
    return float(s[pad:-pad, pad:-pad].mean())


random = np.random.default_rng(3)
first = random.random((11, 14)).round(3)
second = (0.6 * first + 0.4 * random.random((11, 14))).round(1)
bilinear = F.interpolate(images[:1, :, :3, :4], size=(7, 9), mode="bilinear", align_corners=False)

content = {
    "side": SIDE,
    "weights": {name: {"shape": list(value.shape), "values": numbers(value)} for name, value in weights.items()},
    "images": [numbers(one) for one in images],
    "logits": [numbers(one) for one in forward(images.clone().requires_grad_(), {}).detach()],
    "maps": [maps(layer, c) for layer in ("one_swish", "two_conv", "two_relu") for c in range(3)],
    "likeness": {
        "rows": 11,
        "columns": 14,
        "first": numbers(first),
        "second": numbers(second),
        "spearman": float(spearmanr(first.flatten(), second.flatten()).statistic),
        "ssim": ssim(first, second),
    },
    "bilinear": {"map": numbers(images[0, 0, :3, :4]), "values": numbers(bilinear)},
}
path = Path(__file__).with_name("maps.json")
path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
print(f"{path}: {path.stat().st_size} bytes")

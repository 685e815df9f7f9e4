"""What published code and PyTorch make of the losses of domain adaptation on fixed tensors, and of their gradients, into losses.json.

    pip install torch pytorch-adapt pytorch-metric-learning torchmetrics     (torch 2.15, pytorch-adapt 0.0.83 made this file)
    python make_losses.py

CORAL, MMD, MCC, entropy weights, gradient reversal and the randomised map are pytorch-adapt's own layers. Its MMD takes the mean over kernels
where the sum is wanted, so it is multiplied by their number, and its bandwidth is set to the mean squared distance, as TLlib has it. CDAN and
information maximisation are put together from these after TLlib's cdan.py and SHOT's image_target.py; the image methods are NumPy's.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_adapt.layers import CORALLoss, EntropyWeights, GradientReversal, MCCLoss, MMDLoss
from pytorch_adapt.layers.normalizers import SumNormalizer

SOURCE, TARGET, WIDTH, CLASSES, HIDDEN = 6, 5, 4, 3, 5
DTYPE = torch.float64


def made(rows, columns, phase):
    values = [
        [1.5 * math.sin(1.7 * i + 0.9 * j + phase) + 0.4 * math.cos(0.5 * i * j + 2 * phase) for j in range(columns)]
        for i in range(rows)
    ]
    return torch.tensor(values, dtype=DTYPE, requires_grad=True)


def inputs():
    return {
        "source": made(SOURCE, WIDTH, 0.3),
        "target": made(TARGET, WIDTH, 1.1),
        "sourceLogits": made(SOURCE, CLASSES, 0.7),
        "targetLogits": made(TARGET, CLASSES, 1.9),
        "first": made(WIDTH, HIDDEN, 0.5),
        "second": made(HIDDEN, 1, 0.9),
        "conditionedFirst": made(WIDTH * CLASSES, HIDDEN, 0.2),
    }


def classifier(x, first, second):
    return torch.tanh(x @ first) @ second


def half_each(said, n):
    own, other = said[:n], said[n:]
    return 0.5 * (
        F.binary_cross_entropy_with_logits(own, torch.ones_like(own))
        + F.binary_cross_entropy_with_logits(other, torch.zeros_like(other))
    )


def mmd(t, bandwidths):
    both = torch.cat([t["source"], t["target"]]).detach()
    mean = (torch.cdist(both, both) ** 2).mean().item()
    scales = torch.tensor([1 / (2 * one) for one in bandwidths], dtype=DTYPE)
    # fill_diagonal_ works in place on what autograd needs: the layer is handed copies by its own distance.
    loss = MMDLoss(kernel_scales=scales, mmd_type="quadratic", dist_func=squared, bandwidth=mean)
    return loss(t["source"], t["target"]) * len(bandwidths)


def squared(x, y):
    return ((x[:, None, :] - y[None, :, :]) ** 2).sum(2)


def dann(t, reversal):
    both = GradientReversal(weight=reversal)(torch.cat([t["source"], t["target"]]))
    return half_each(classifier(both, t["first"], t["second"]), SOURCE)


def cdan(t, reversal, entropy):
    f = torch.cat([t["source"], t["target"]])
    g = torch.softmax(torch.cat([t["sourceLogits"], t["targetLogits"]]), 1).detach()
    h = torch.bmm(g.unsqueeze(2), f.unsqueeze(1)).flatten(1)
    said = classifier(GradientReversal(weight=reversal)(h), t["conditionedFirst"], t["second"])[:, 0]
    label = torch.cat([torch.ones(SOURCE), torch.zeros(TARGET)]).to(DTYPE)
    weight = None
    if entropy:
        weight = certainty(g)
    return F.binary_cross_entropy_with_logits(said, label, weight)


def entropy_of(p):
    return -(p * torch.log(p + 1e-5)).sum(1)


def certainty(p):
    weights = 1 + torch.exp(-entropy_of(p))
    return weights / weights.sum() * len(p)


class Certainty(torch.nn.Module):
    """TLlib's weights, which take log(p + 1e-5); pytorch-adapt's own are compared with them below."""

    def forward(self, p):
        return certainty(p)


def information(t):
    p = torch.softmax(t["targetLogits"], 1)
    return entropy_of(p).mean() - entropy_of(p.mean(0, keepdim=True)).sum()


def result(name, loss, **options):
    tensors = inputs()
    value = loss(tensors)
    value.backward()
    gradients = {key: one.grad.flatten().tolist() for key, one in tensors.items() if one.grad is not None}
    return {"name": name, **options, "loss": value.item(), "gradients": gradients}


def images():
    def image(phase, level, height=12, width=10):
        return np.array(
            [[level + 0.25 * math.sin(0.9 * y + phase) + 0.2 * math.cos(0.7 * x * (1 + phase)) for x in range(width)] for y in range(height)]
        ).clip(0, 1)

    own, other = image(0.4, 0.5), image(1.3, 0.47)
    swapped = []
    for share in (0.0, 0.1, 0.25):
        b = int(np.floor(min(own.shape) * share))
        a = np.fft.fftshift(np.fft.fft2(own))
        amplitude, phase = np.abs(a), np.angle(a)
        theirs = np.fft.fftshift(np.abs(np.fft.fft2(other)))
        y, x = own.shape[0] // 2, own.shape[1] // 2
        amplitude[y - b : y + b + 1, x - b : x + b + 1] = theirs[y - b : y + b + 1, x - b : x + b + 1]
        back = np.real(np.fft.ifft2(np.fft.ifftshift(amplitude * np.exp(1j * phase)))).clip(0, 1)
        swapped.append({"share": share, "image": back.flatten().tolist()})
    percentiles = [1, *range(10, 100, 10), 99]
    seen = [np.percentile(one, percentiles) for one in (own, other)]
    scale = np.mean(seen, 0)
    mapped = np.interp(own, [0, *seen[0], 1], [0, *scale, 1])
    return {
        "height": own.shape[0],
        "width": own.shape[1],
        "own": own.flatten().tolist(),
        "other": other.flatten().tolist(),
        "swapped": swapped,
        "landmarks": [one.tolist() for one in seen],
        "scale": scale.tolist(),
        "mapped": mapped.flatten().tolist(),
    }


def shot_labels():
    """obtain_label of SHOT's image_target.py."""
    features, logits = made(9, WIDTH, 0.6).detach().numpy(), made(9, CLASSES, 1.4).detach()
    aff = torch.softmax(logits, 1).numpy()
    probabilities = aff
    predict = aff.argmax(1)
    fea = np.concatenate([features, np.ones((9, 1))], 1)
    fea = (fea.T / np.linalg.norm(fea, axis=1)).T
    count = np.eye(CLASSES)[predict].sum(0)
    labelset = np.where(count > 0)[0]
    for _ in range(2):
        centres = aff.T @ fea / (1e-8 + aff.sum(0)[:, None])
        near = centres[labelset]
        distance = 1 - fea @ near.T / np.linalg.norm(fea, axis=1)[:, None] / np.linalg.norm(near, axis=1)[None]
        labels = labelset[distance.argmin(1)]
        aff = np.eye(CLASSES)[labels]
    return {"features": features.flatten().tolist(), "probabilities": probabilities.flatten().tolist(), "labels": labels.tolist()}


BANDWIDTHS = [0.125, 0.25, 0.5, 1, 2]
cases = [
    result("coral", lambda t: CORALLoss()(t["source"], t["target"])),
    result("dan", lambda t: mmd(t, BANDWIDTHS), bandwidths=BANDWIDTHS),
    result("dan", lambda t: mmd(t, [0.7]), bandwidths=[0.7]),
    *[result("dann", lambda t, by=by: dann(t, by), reversal=by) for by in (1, 0.3)],
    result("cdan", lambda t: cdan(t, 0.6, False), reversal=0.6),
    result("cdan-e", lambda t: cdan(t, 0.6, True), reversal=0.6),
    *[result("mcc", lambda t, by=by: MCCLoss(T=by, entropy_weighter=Certainty())(t["targetLogits"]), temperature=by) for by in (1, 2.5)],
    result("shot", information),
]
weights = EntropyWeights(after_softmax=True, normalizer=SumNormalizer(scale_by_batch_size=True))
own = torch.softmax(made(TARGET, CLASSES, 1.9), 1)
assert (weights(own) - certainty(own)).abs().max() < 1e-4
path = Path(__file__).with_name("losses.json")
sizes = {"source": SOURCE, "target": TARGET, "width": WIDTH, "classes": CLASSES, "hidden": HIDDEN}
content = {"sizes": sizes, "cases": cases, "images": images(), "shot": shot_labels()}
path.write_text(json.dumps(content) + "\n")

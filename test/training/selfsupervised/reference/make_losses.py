"""What PyTorch makes of the losses of self-supervised methods on fixed projections, and of their gradients, into losses.json.

    pip install torch     (torch 2.15 made this file)
    python make_losses.py

NT-Xent as equation 1 of Chen et al. 2020, term by term; BYOL as equation 2 of Grill et al. 2020; VICReg as the published main_vicreg.py.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

BATCH, WIDTH = 5, 4


def made(phase):
    values = [
        [1.5 * math.sin(1.7 * i + 0.9 * j + phase) + 0.4 * math.cos(0.5 * i * j + 2 * phase) for j in range(WIDTH)]
        for i in range(BATCH)
    ]
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def nt_xent(first, second, temperature):
    z = torch.cat([first, second])
    n = len(z)
    total = torch.zeros((), dtype=torch.float64)
    for i in range(n):
        positive = (i + BATCH) % n
        similarity = [F.cosine_similarity(z[i], z[k], dim=0) / temperature for k in range(n)]
        others = torch.stack([similarity[k] for k in range(n) if k != i])
        total = total - (similarity[positive] - torch.logsumexp(others, 0))
    return total / n


def byol(prediction, target):
    return (2 - 2 * F.cosine_similarity(prediction, target.detach(), dim=-1)).mean()


def off_diagonal(x):
    n = len(x)
    return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()


def vicreg(x, y):
    invariance = F.mse_loss(x, y)
    x = x - x.mean(dim=0)
    y = y - y.mean(dim=0)
    std_x = torch.sqrt(x.var(dim=0) + 0.0001)
    std_y = torch.sqrt(y.var(dim=0) + 0.0001)
    variance = torch.mean(F.relu(1 - std_x)) / 2 + torch.mean(F.relu(1 - std_y)) / 2
    cov_x = (x.T @ x) / (len(x) - 1)
    cov_y = (y.T @ y) / (len(y) - 1)
    covariance = off_diagonal(cov_x).pow(2).sum() / WIDTH + off_diagonal(cov_y).pow(2).sum() / WIDTH
    return 25 * invariance + 25 * variance + covariance


def result(name, loss, **options):
    first, second = made(0.3), made(1.1)
    value = loss(first, second)
    value.backward()
    gradients = [None if one.grad is None else one.grad.flatten().tolist() for one in (first, second)]
    return {"name": name, **options, "loss": value.item(), "first": gradients[0], "second": gradients[1]}


cases = [
    *[result("simclr", lambda a, b: nt_xent(a, b, t), temperature=t) for t in (0.1, 0.5)],
    result("byol", byol),
    # Smaller ones, so that the hinge of the variance is at work.
    result("vicreg", vicreg, factor=1),
    result("vicreg", lambda a, b: vicreg(0.5 * a, 0.5 * b), factor=0.5),
]
path = Path(__file__).with_name("losses.json")
path.write_text(json.dumps({"batch": BATCH, "width": WIDTH, "cases": cases}, indent=1) + "\n")

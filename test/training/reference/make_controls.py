"""What PyTorch and scikit-learn make of optimisers, schedules, losses and metrics on fixed inputs, into controls.json.

    pip install torch scikit-learn numpy     (torch 2.15 and scikit-learn 1.9 made this file)
    python make_controls.py
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

STEPS = 12


def gradient(step, size=6):
    return [math.sin(1.3 * step + 0.7 * i) for i in range(size)]


def run(make):
    weights = torch.nn.Parameter(torch.tensor([[0.5, -0.3, 0.8], [1.0, -1.2, 0.1]], dtype=torch.float64))
    optimizer = make([weights])
    for step in range(STEPS):
        weights.grad = torch.tensor(gradient(step), dtype=torch.float64).reshape(2, 3)
        optimizer.step()
    return weights.detach().flatten().tolist()


optimizers = {
    "sgd": run(lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, weight_decay=0.01)),
    "plain": run(lambda p: torch.optim.SGD(p, 0.05, momentum=0.0, weight_decay=0.01)),
    "nesterov": run(lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, weight_decay=0.01, nesterov=True)),
    "adam": run(lambda p: torch.optim.Adam(p, 0.05, weight_decay=0.01)),
    "adamw": run(lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0.01)),
}


def factors(make, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


schedules = {
    "one-cycle": factors(lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=40, cycle_momentum=False), 40),
    "step": factors(lambda o: torch.optim.lr_scheduler.StepLR(o, 3 * 4, 0.1), 40),
    "cosine": factors(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 40), 40),
}

logits = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, -0.3], [-1.5, 2.5, 0.0], [0.0, 0.0, 3.0]], dtype=torch.float64, requires_grad=True)
labels = torch.tensor([0, 2, 1, 0])
target = torch.nn.functional.one_hot(labels, 3).double() * 0.9 + 0.1 / 3
weights = torch.tensor([1.0, 2.0, 0.5, 1.5], dtype=torch.float64)
losses = {}
for gamma in (0.0, 1.0, 2.0):
    log_p = torch.log_softmax(logits, 1)
    per_image = -(target * (1 - log_p.exp()) ** gamma * log_p).sum(1)
    loss = (per_image * weights).sum() / weights.sum()
    (slope,) = torch.autograd.grad(loss, logits)
    losses[str(gamma)] = {"loss": loss.item(), "gradient": slope.flatten().tolist()}

random = np.random.default_rng(5)
scores = random.normal(size=(60, 3)).astype("float32").astype("float64")
# Ties: the same images again, under labels of their own.
scores[30:45] = scores[15:30]
truth = random.integers(0, 3, 60)
probabilities = torch.softmax(torch.tensor(scores), 1).numpy()
metrics = {
    "logits": scores.flatten().tolist(),
    "labels": truth.tolist(),
    "auc": roc_auc_score(truth, probabilities, multi_class="ovr", average="macro"),
    "balancedAccuracy": balanced_accuracy_score(truth, scores.argmax(1)),
    "binaryAuc": roc_auc_score(truth == 1, torch.softmax(torch.tensor(scores[:, :2]), 1).numpy()[:, 1]),
}

reference = {"optimizers": optimizers, "schedules": schedules, "losses": losses, "metrics": metrics}
(Path(__file__).parent / "controls.json").write_text(json.dumps(reference) + "\n")

"""What PyTorch and scikit-learn make of optimisers, schedules, losses and metrics on fixed inputs, into controls.json.

    pip install torch scikit-learn numpy     (torch 2.15 and scikit-learn 1.9 made this file)
    python make_controls.py
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    hamming_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

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

# Sigmoids: targets of several findings, smoothed, some unknown (weight 0), what is there counting more.
sigmoid_logits = torch.tensor([[2.0, -1.0, 0.5], [0.1, -60.0, -0.3], [-1.5, 2.5, 70.0], [0.0, 0.0, 3.0]], dtype=torch.float64, requires_grad=True)
findings = torch.tensor([[1.0, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 1]], dtype=torch.float64) * 0.9 + 0.05
known = torch.tensor([[1.0, 1, 0], [1, 1, 1], [0, 1, 1], [1, 1, 1]], dtype=torch.float64)
pos_weight = torch.tensor([1.5, 0.5, 4.0], dtype=torch.float64)


def with_slope(loss):
    (slope,) = torch.autograd.grad(loss, sigmoid_logits)
    return {"loss": loss.item(), "gradient": slope.flatten().tolist()}


bce = torch.nn.BCEWithLogitsLoss(weight=known, pos_weight=pos_weight, reduction="sum")
sigmoid_losses = {"bce": with_slope(bce(sigmoid_logits, findings) / known.sum())}
for gamma in (1.0, 2.0):
    there, absent = torch.nn.functional.logsigmoid(sigmoid_logits), torch.nn.functional.logsigmoid(-sigmoid_logits)
    each = -(
        pos_weight * findings * torch.sigmoid(-sigmoid_logits) ** gamma * there
        + (1 - findings) * torch.sigmoid(sigmoid_logits) ** gamma * absent
    )
    sigmoid_losses[str(gamma)] = with_slope((each * known).sum() / known.sum())

scores = random.normal(size=(50, 3)).astype("float32").astype("float64")
scores[20:30] = scores[10:20]
truth = (random.uniform(size=(50, 3)) < [0.5, 0.2, 0.35]).astype(int)
said = (scores >= 0).astype(int)
macro = {"average": "macro", "zero_division": 0}
several = {
    "logits": scores.flatten().tolist(),
    "truths": truth.tolist(),
    "loss": torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(scores), torch.tensor(truth).double()).item(),
    "auc": roc_auc_score(truth, scores, average="macro"),
    "f1": f1_score(truth, said, **macro),
    "microF1": f1_score(truth, said, average="micro"),
    "hammingLoss": hamming_loss(truth, said),
    "subsetAccuracy": accuracy_score(truth, said),
    "balancedAccuracy": float(np.mean([balanced_accuracy_score(truth[:, c], said[:, c]) for c in range(3)])),
    "perFinding": [
        {
            "auc": roc_auc_score(truth[:, c], scores[:, c]),
            "averagePrecision": average_precision_score(truth[:, c], scores[:, c]),
            "precision": precision_score(truth[:, c], said[:, c]),
            "recall": recall_score(truth[:, c], said[:, c]),
            "specificity": recall_score(1 - truth[:, c], 1 - said[:, c]),
            "f1": f1_score(truth[:, c], said[:, c]),
        }
        for c in range(3)
    ],
}

# A probe of findings: scikit-learn minimises C · Σ loss + ½ |w|², here on standardised features, what is there counting by its weight.
features = random.normal(size=(50, 2)).astype("float32").astype("float64") * [1.0, 3.0] + [0.5, -2.0]
features = features.astype("float32").astype("float64")
positive = [2.0, 3.0, 1.0]
l2 = 0.1
mean, deviation = features.mean(0), features.std(0)
probe = {"features": features.flatten().tolist(), "positive": positive, "l2": l2, "kernel": [], "bias": []}
for c in range(3):
    sample_weight = np.where(truth[:, c] == 1, positive[c], 1.0)
    fit = LogisticRegression(C=1 / (l2 * sample_weight.sum()), tol=1e-10, max_iter=1000)
    fit.fit((features - mean) / deviation, truth[:, c], sample_weight=sample_weight)
    probe["kernel"].append((fit.coef_[0] / deviation).tolist())
    probe["bias"].append(float(fit.intercept_[0] - (fit.coef_[0] * mean / deviation).sum()))

reference = {"sigmoidLosses": sigmoid_losses, "several": several, "probe": probe, "optimizers": optimizers, "schedules": schedules, "losses": losses, "metrics": metrics}
(Path(__file__).parent / "controls.json").write_text(json.dumps(reference) + "\n")

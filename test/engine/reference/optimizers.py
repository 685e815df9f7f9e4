"""Prints the numbers of test/engine/programs/2-optimizers.test.ts: PyTorch's SGD and AdamW on two small weights.

    python test/engine/reference/optimizers.py

The matrix decays, the bias does not (its parameter group has weight_decay=0). The loss is sum(w * g) with a gradient g
that changes from step to step.
"""

import json

import torch

MATRIX = [[0.5, -1.0], [2.0, 0.25]]
BIAS = [0.1, -0.3]
RATES = [0.1, 0.05, 0.2]


def gradient(step, shape):
    count = torch.tensor(shape).prod().item()
    values = [((7 * i + 5 * step + 3) % 11 - 5) / 4 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def run(make):
    matrix = torch.tensor(MATRIX, dtype=torch.float64, requires_grad=True)
    bias = torch.tensor(BIAS, dtype=torch.float64, requires_grad=True)
    optimizer = make(matrix, bias)
    for step, rate in enumerate(RATES):
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        matrix.grad = gradient(step, (2, 2))
        bias.grad = gradient(step, (2,))
        optimizer.step()
    return {"matrix": matrix.flatten().tolist(), "bias": bias.tolist()}


def groups(matrix, bias, decay):
    return [{"params": [matrix], "weight_decay": decay}, {"params": [bias], "weight_decay": 0.0}]


print(
    json.dumps(
        {
            "sgd, plain": run(lambda m, b: torch.optim.SGD(groups(m, b, 0.0), lr=0.1)),
            "sgd, momentum and decay": run(lambda m, b: torch.optim.SGD(groups(m, b, 0.01), lr=0.1, momentum=0.9)),
            "adamw, default": run(lambda m, b: torch.optim.AdamW(groups(m, b, 0.0), lr=0.1)),
            "adamw, decay": run(
                lambda m, b: torch.optim.AdamW(groups(m, b, 0.05), lr=0.1, betas=(0.8, 0.99), eps=1e-6)
            ),
        },
        indent=1,
    )
)

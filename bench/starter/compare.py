"""Compares pre-trained weights on a labelled set of grey images, quickly and on a GPU, to choose a recipe: bench/transfer.ts measures the chosen one.

    python compare.py --data FOLDER --images labelled.npz [--labels 25] [--seeds 3] weights.safetensors …

`labelled.npz` holds pixels [n, 128, 128] in bytes, labels, and test (left out here). For each seed so many labels a class are learned from and all others judged:
a probe on frozen features, fine-tuning, and the same network from nothing.
"""

import argparse
import copy
import json

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from train import GraftNetwork


def split(labels, per_class, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    train = np.concatenate([order[labels[order] == c][:per_class] for c in np.unique(labels)])
    return train, np.setdiff1d(order, train)


def normal(images, device, side=96):
    x = torch.from_numpy(images).to(device).float()[:, None] / 255
    x = F.interpolate(x, (side, side), mode="area" if side < 128 else "bilinear")
    return ((x - 0.4) / 0.25).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def features(model, x):
    model.eval()
    result = []
    for part in x.split(256):
        model(part)
        result.append(model.features.float())
    return torch.cat(result)


def probe(train_x, train_y, test_x, test_y):
    mean, deviation = train_x.mean(0), train_x.std(0) + 1e-6
    a, b = (train_x - mean) / deviation, (test_x - mean) / deviation
    w = torch.zeros((a.shape[1], int(train_y.max()) + 1), device=a.device, requires_grad=True)
    bias = torch.zeros(w.shape[1], device=a.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, bias], max_iter=100)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(a @ w + bias, train_y) + 0.01 * (w**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return ((b @ w + bias).argmax(1) == test_y).float().mean().item()


def turned(x):
    n, device = len(x), x.device
    angle = torch.empty(n, device=device).uniform_(-0.2, 0.2)
    scale = 1 + torch.empty(n, device=device).uniform_(-0.1, 0.1)
    flip = (torch.rand(n, device=device) < 0.5).float() * 2 - 1
    shift = torch.empty((n, 2), device=device).uniform_(-0.08, 0.08)
    matrix = torch.stack([torch.stack([flip * scale * torch.cos(angle), -scale * torch.sin(angle), shift[:, 0]], 1), torch.stack([flip * scale * torch.sin(angle), scale * torch.cos(angle), shift[:, 1]], 1)], 1)
    x = F.grid_sample(x, F.affine_grid(matrix, x.shape, align_corners=False), align_corners=False, padding_mode="border")
    return (x * (1 + torch.empty((n, 1, 1, 1), device=device).uniform_(-0.1, 0.1))).contiguous(memory_format=torch.channels_last)


def tune(model, train_x, train_y, test_x, test_y, rate, epochs, frozen_statistics, head_first):
    model = copy.deepcopy(model)
    dense = next(name for name in reversed(list(model.parts)) if isinstance(model.parts[name], torch.nn.Linear))
    classes = int(train_y.max()) + 1
    model.parts[dense] = torch.nn.Linear(model.parts[dense].in_features, classes).to(train_x.device)
    if head_first:
        x = features(model, train_x)
        head = torch.optim.AdamW(model.parts[dense].parameters(), lr=1e-2, weight_decay=0.01)
        for _ in range(150):
            head.zero_grad()
            F.cross_entropy(model.parts[dense](x), train_y, label_smoothing=0.05).backward()
            head.step()
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=train_x.is_cuda)
    batch = 32
    steps = epochs * max(1, len(train_x) // batch)
    for step in range(steps):
        model.train(not frozen_statistics)
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / (0.05 * steps)) * (0.5 + 0.5 * np.cos(np.pi * step / steps))
        chosen = torch.randint(len(train_x), (batch,), device=train_x.device)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(train_x.device.type, dtype=torch.bfloat16):
            loss = F.cross_entropy(model(turned(train_x[chosen])), train_y[chosen], label_smoothing=0.05)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        found = torch.cat([model(part).argmax(1) for part in test_x.split(256)])
    return (found == test_y).float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--rates", default="0.001", help="of fine-tuning, with commas")
    parser.add_argument("--scratch", action="store_true")
    parser.add_argument("weights", nargs="*")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    about = json.load(open(f"{args.data}/network.json"))
    data = np.load(args.images)
    known = ~data["test"]
    x, labels = normal(data["pixels"][known], device), data["labels"][known]
    y = torch.from_numpy(labels).long().to(device)

    def network_of(weights):
        for network in about["networks"].values():
            model = GraftNetwork(network)
            try:
                model.load_graft_weights(weights)
                return model.to(device).to(memory_format=torch.channels_last)
            except (KeyError, RuntimeError):
                continue
        raise ValueError("weights of no network here")

    def report(name, row):
        print(json.dumps({"weights": name, "labels": args.labels, **{key: [round(np.mean(v), 3), round(np.std(v, ddof=1) / len(v) ** 0.5, 3)] for key, v in row.items()}}), flush=True)

    if args.scratch:
        for name, network in about["networks"].items():
            row = {}
            for rate in (1e-3, 3e-3):
                for seed in range(args.seeds):
                    torch.manual_seed(seed)
                    train, test = split(labels, args.labels, seed)
                    model = GraftNetwork(network).to(device).to(memory_format=torch.channels_last)
                    row.setdefault(f"scratch {rate}", []).append(tune(model, x[train], y[train], x[test], y[test], rate, args.epochs, False, False))
                    if rate == 1e-3:
                        f = features(model, x)
                        row.setdefault("probe", []).append(probe(f[train], y[train], f[test], y[test]))
            report(f"random {name}", row)
    for path in args.weights:
        model = network_of(load_file(path))
        row = {}
        f = features(model, x)
        for seed in range(args.seeds):
            torch.manual_seed(seed)
            train, test = split(labels, args.labels, seed)
            row.setdefault("probe", []).append(probe(f[train], y[train], f[test], y[test]))
            for rate in map(float, args.rates.split(",")):
                row.setdefault(f"tuned {rate}", []).append(tune(model, x[train], y[train], x[test], y[test], rate, args.epochs, True, True))
        report(path.split("/")[-1], row)


if __name__ == "__main__":
    main()

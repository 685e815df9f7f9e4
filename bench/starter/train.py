"""Pre-trains a starter on a GPU, on images that render.ts draws beside it, with the network that it describes.

    python train.py --data FOLDER --out weights.safetensors --network starter --supervised 1 --contrastive 0.5 --seconds 300

Writes weights under Graft's names and in Graft's layout (convert.ts makes a model of them), and a log as JSON lines. Supervised: cross-entropy
over the classes of all families. Contrastive: two views of an image are told from those of all others in the batch (NT-Xent, Chen et
al. 2020), which needs no classes. Where: two 1 × 1 convolutions, thrown away later, say from the last two stages where a phantom's finding and organ are.
"""

import argparse
import copy
import json
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class GraftNetwork(nn.Module):
    """A network as Graft describes it: layers as data, images [batch, channels, height, width]."""

    def __init__(self, network):
        super().__init__()
        self.layers = network["layers"]
        self.parts = nn.ModuleDict()
        # Outputs of the last two stages of the backbone, by layer.
        self.watched, self.seen = [], {}
        channels = {}
        for layer in self.layers:
            name, kind, config = layer["name"], layer["kind"], layer["config"]
            before = channels[layer["inputs"][0]] if layer["inputs"] else network["inputShape"][2]
            channels[name] = before
            if kind == "conv2d":
                self.parts[name] = nn.Conv2d(before, config["filters"], config["kernelSize"], config["strides"], bias=config["useBias"])
                nn.init.kaiming_normal_(self.parts[name].weight, mode="fan_out", nonlinearity="relu")
                channels[name] = config["filters"]
            elif kind == "batchNormalization":
                self.parts[name] = nn.BatchNorm2d(before, eps=config["epsilon"], momentum=1 - config["momentum"])
            elif kind == "dense":
                self.parts[name] = nn.Linear(before, config["units"])
                channels[name] = config["units"]
        stages = [stage for stage in dict.fromkeys(layer["stage"] for layer in self.layers) if stage not in ("pool", "head")]
        self.watched = [[layer["name"] for layer in self.layers if layer["stage"] == stage][-1] for stage in stages[-2:]]
        self.widths = [channels[name] for name in self.watched]

    def forward(self, x):
        values = {}
        for layer in self.layers:
            kind, config = layer["kind"], layer["config"]
            inputs = [values[name] for name in layer["inputs"]]
            if kind == "input":
                y = x
            elif kind == "conv2d":
                y = self.parts[layer["name"]](padded(inputs[0], config["kernelSize"], config["strides"], config["padding"], 0))
            elif kind in ("batchNormalization", "dense"):
                if kind == "dense":
                    self.features = inputs[0]
                y = self.parts[layer["name"]](inputs[0])
            elif kind == "activation":
                assert config["activation"] == "relu", config
                y = F.relu(inputs[0])
            elif kind == "add":
                y = inputs[0] + inputs[1]
            elif kind == "maxPooling2d":
                y = F.max_pool2d(padded(inputs[0], config["poolSize"], config["strides"], config["padding"], -math.inf), config["poolSize"], config["strides"])
            elif kind == "globalAveragePooling2d":
                y = inputs[0].mean((2, 3))
            elif kind == "dropout":
                y = inputs[0]
            else:
                raise ValueError(f"no layer of this kind here: {kind}")
            values[layer["name"]] = y
            if layer["name"] in self.watched:
                self.seen[layer["name"]] = y
        return y

    def graft_weights(self):
        """Weights as Graft calls and lays them out."""
        result = {}
        for name, part in self.parts.items():
            if isinstance(part, nn.Conv2d):
                result[f"{name}/kernel"] = part.weight.permute(2, 3, 1, 0)
                if part.bias is not None:
                    result[f"{name}/bias"] = part.bias
            elif isinstance(part, nn.Linear):
                result[f"{name}/kernel"] = part.weight.t()
                result[f"{name}/bias"] = part.bias
            else:
                result[f"{name}/gamma"] = part.weight
                result[f"{name}/beta"] = part.bias
                result[f"{name}/moving_mean"] = part.running_mean
                result[f"{name}/moving_variance"] = part.running_var
        return {name: tensor.detach().float().cpu().contiguous() for name, tensor in result.items()}

    def load_graft_weights(self, weights):
        for name, part in self.parts.items():
            with torch.no_grad():
                if isinstance(part, nn.Conv2d):
                    part.weight.copy_(weights[f"{name}/kernel"].permute(3, 2, 0, 1))
                elif isinstance(part, nn.Linear):
                    part.weight.copy_(weights[f"{name}/kernel"].t())
                    part.bias.copy_(weights[f"{name}/bias"])
                else:
                    part.weight.copy_(weights[f"{name}/gamma"])
                    part.bias.copy_(weights[f"{name}/beta"])
                    part.running_mean.copy_(weights[f"{name}/moving_mean"])
                    part.running_var.copy_(weights[f"{name}/moving_variance"])


def padded(x, size, stride, padding, value):
    """TensorFlow's `same`: what is odd goes below and to the right."""
    if padding == "valid":
        return x
    amounts = []
    for extent in (x.shape[3], x.shape[2]):
        total = max((math.ceil(extent / stride) - 1) * stride + size - extent, 0)
        amounts += [total // 2, total - total // 2]
    return F.pad(x, amounts, value=value) if any(amounts) else x


class Pool:
    """The images drawn so far, on the GPU."""

    def __init__(self, folder, device, capacity):
        about = json.load(open(f"{folder}/network.json"))
        self.about = about
        self.side, self.chunk = about["size"], about["chunk"]
        chunks = min(len(np.memmap(f"{folder}/done.u8", np.uint8, "r")), capacity // self.chunk)
        self.done = np.memmap(f"{folder}/done.u8", np.uint8, "r")
        self.source = np.memmap(f"{folder}/pixels.u8", np.uint8, "r")
        self.classes = np.memmap(f"{folder}/labels.u16", np.uint16, "r")
        self.pixels = torch.empty((chunks * self.chunk, self.side, self.side), dtype=torch.uint8, device=device)
        self.labels = torch.empty(chunks * self.chunk, dtype=torch.long, device=device)
        self.places = np.memmap(f"{folder}/where.u8", np.uint8, "r")
        self.where = torch.empty((chunks * self.chunk, 2, 32, 32), dtype=torch.uint8, device=device)
        self.chunks, self.have = chunks, 0

    def grow(self, at_most=40):
        """Takes in chunks that are whole, in their order; how many images there are."""
        area = self.side * self.side
        for _ in range(at_most):
            if self.have >= self.chunks or not self.done[self.have]:
                break
            a, b = self.have * self.chunk, (self.have + 1) * self.chunk
            self.pixels[a:b] = torch.from_numpy(np.array(self.source[a * area : b * area]).reshape(-1, self.side, self.side)).to(self.pixels.device)
            self.labels[a:b] = torch.from_numpy(self.classes[a:b].astype(np.int64)).to(self.labels.device)
            self.where[a:b] = torch.from_numpy(np.array(self.places[a * 2048 : b * 2048]).reshape(-1, 2, 32, 32)).to(self.where.device)
            self.have += 1
        return self.have * self.chunk


def uniform(shape, low, high, device):
    return torch.empty(shape, device=device).uniform_(low, high)


def views(images, places, side, smallest, colour, inverted):
    """Random views [batch, 3, side, side] in [0, 1] of grey bytes: cut out, turned, mirrored, brighter, softer, noisier, perhaps coloured.
    And the maps that say where, moved with them [batch, 2, 32, 32], and whether they say anything."""
    n, device = len(images), images.device
    area = uniform(n, smallest, 1.05, device).sqrt()
    aspect = torch.exp(uniform(n, -0.25, 0.25, device))
    across, down = area * aspect, area / aspect
    turn = uniform(n, -0.6, 0.6, device) + (torch.rand(n, device=device) < 0.15) * uniform(n, 0, 2 * math.pi, device)
    flip = (torch.rand(n, device=device) < 0.5).float() * 2 - 1
    room_x, room_y = (1 - across).clamp(min=0), (1 - down).clamp(min=0)
    cos, sin = torch.cos(turn), torch.sin(turn)
    matrix = torch.stack(
        [
            torch.stack([flip * across * cos, -down * sin, uniform(n, -1, 1, device) * room_x], 1),
            torch.stack([flip * across * sin, down * cos, uniform(n, -1, 1, device) * room_y], 1),
        ],
        1,
    )
    x = images.float().div_(255)[:, None]
    x = F.grid_sample(x, F.affine_grid(matrix, (n, 1, side, side), align_corners=False), align_corners=False)

    told = places.flatten(1).amax(1) > 0
    maps = places.float()
    maps = torch.stack([(maps[:, 0] - 128) / 127, maps[:, 1] / 255], 1) * told[:, None, None, None]
    maps = F.grid_sample(maps, F.affine_grid(matrix, (n, 1, 32, 32), align_corners=False), align_corners=False)

    def some(share):
        return (torch.rand((n, 1, 1, 1), device=device) < share).float()

    def each(low, high):
        return uniform((n, 1, 1, 1), low, high, device)

    soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), 3, 1)
    x = torch.lerp(x, soft, some(0.3) * each(0.3, 1))
    x = x.clamp(0, 1) ** torch.exp(each(-0.5, 0.5))
    x = (x - 0.5) * each(0.5, 1.3) + 0.5 + each(-0.2, 0.2)
    x = torch.where(some(inverted) > 0, 1 - x, x)
    x = x + some(0.4) * each(0, 0.08) * torch.randn_like(x)
    # A square is hidden.
    grid = torch.linspace(-1, 1, side, device=device)
    half = each(0.05, 0.25) * some(0.25)
    hidden = ((grid[None, None, :, None] - each(-1, 1)).abs() < half) & ((grid[None, None, None, :] - each(-1, 1)).abs() < half)
    x = torch.where(hidden, each(0, 1), x).clamp(0, 1)
    # Two colours, of the dark and of the bright, for some; grey for most.
    tinted = some(colour)
    dark = torch.rand((n, 3, 1, 1), device=device) * 0.6
    bright = 1 - torch.rand((n, 3, 1, 1), device=device) * 0.6
    return torch.lerp(x.expand(-1, 3, -1, -1), dark + (bright - dark) * x, tinted), maps, told


def nt_xent(a, b, temperature):
    """NT-Xent of two views, [batch, features] each."""
    z = F.normalize(torch.cat([a, b]).float(), dim=1)
    similar = z @ z.t() / temperature
    similar.fill_diagonal_(-math.inf)
    n = len(a)
    target = torch.cat([torch.arange(n, 2 * n), torch.arange(n)]).to(z.device)
    return F.cross_entropy(similar, target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--network", default="starter")
    parser.add_argument("--supervised", type=float, default=1)
    parser.add_argument("--contrastive", type=float, default=0)
    parser.add_argument("--where", type=float, default=0)
    parser.add_argument("--temperature", type=float, default=0.2)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--until", type=float, default=0, help="a time as time.time() gives it, in place of --seconds")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--smallest", type=float, default=0.4)
    parser.add_argument("--colour", type=float, default=0.2)
    parser.add_argument("--inverted", type=float, default=0.2)
    parser.add_argument("--schedule", default="linear", help="constant, or linear: to nothing from --hold on")
    parser.add_argument("--hold", type=float, default=0.3)
    parser.add_argument("--capacity", type=int, default=400_000)
    parser.add_argument("--start", default="", help="what an earlier run left beside its weights (.state), to go on from")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    device = "cuda" if torch.cuda.is_available() else "cpu"
    began = time.time()
    end = args.until or began + args.seconds
    pool = Pool(args.data, device, args.capacity)
    network = pool.about["networks"][args.network]
    model = GraftNetwork(network)
    model = model.to(device).to(memory_format=torch.channels_last)
    width = next(layer for layer in reversed(network["layers"]) if layer["kind"] == "batchNormalization")
    width = model.parts[width["name"]].num_features
    projector = nn.Sequential(nn.Linear(width, 512), nn.ReLU(), nn.Linear(512, 128)).to(device)
    sayers = nn.ModuleList(nn.Conv2d(width, 2, 1) for width in model.widths).to(device)
    weights = [p for p in [*model.parameters(), *projector.parameters(), *sayers.parameters()]]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in weights if p.ndim > 1], "weight_decay": args.decay},
            {"params": [p for p in weights if p.ndim == 1], "weight_decay": 0},
        ],
        lr=args.rate,
        fused=device == "cuda",
    )
    average = copy.deepcopy(model)
    everything = nn.ModuleDict({"model": model, "average": average, "projector": projector, "sayers": sayers})
    if args.start:
        state = torch.load(args.start, map_location=device)
        everything.load_state_dict(state["weights"])
        optimizer.load_state_dict(state["optimizer"])
    sides = [96, 128, 128, 160]
    mean, deviation = 0.4, 0.25
    step = seen = 0
    sums = torch.zeros(4, device=device)
    while pool.grow(1000) < min(8 * args.batch, 20_000):
        time.sleep(0.2)
    started, reported = time.time(), time.time()
    while True:
        now = time.time()
        done = min(1, (now - started) / max(1e-9, end - started))
        if done >= 1:
            break
        warm = 1 if args.start else min(1, (step + 1) / 300)
        for group in optimizer.param_groups:
            group["lr"] = args.rate * warm * (1 if args.schedule == "constant" else min(1, (1 - done) / (1 - args.hold)))
        count = pool.grow()
        chosen = torch.randint(count, (args.batch,), device=device)
        images, labels, places = pool.pixels[chosen], pool.labels[chosen], pool.where[chosen]
        side = sides[step % len(sides)]
        with torch.autocast(device, dtype=torch.bfloat16):
            both = args.contrastive > 0
            if both:
                images, places = torch.cat([images, images]), torch.cat([places, places])
            x, maps, known = views(images, places, side, args.smallest, args.colour, args.inverted)
            logits = model(((x - mean) / deviation).contiguous(memory_format=torch.channels_last))
            loss = torch.zeros((), device=device)
            if args.supervised:
                target = torch.cat([labels, labels]) if both else labels
                crossed = F.cross_entropy(logits.float(), target, label_smoothing=0.05)
                loss = loss + args.supervised * crossed
                sums[0] += crossed.detach()
                sums[1] += (logits.argmax(1) == target).float().mean()
            if both:
                a, b = projector(model.features).chunk(2)
                told = nt_xent(a, b, args.temperature)
                loss = loss + args.contrastive * told
                sums[2] += told.detach()
            if args.where:
                amiss = torch.zeros((), device=device)
                for sayer, name in zip(sayers, model.watched):
                    seen_here = model.seen[name]
                    wanted = F.adaptive_avg_pool2d(maps, seen_here.shape[2:])
                    off = F.smooth_l1_loss(sayer(seen_here).float(), 3 * wanted, reduction="none", beta=0.1)
                    amiss = amiss + (off.mean((1, 2, 3)) * known).sum() / known.sum().clamp(min=1)
                loss = loss + args.where * amiss
                sums[3] += amiss.detach()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 5)
        optimizer.step()
        step += 1
        seen += len(x)
        decay = 0.999 if args.start else min(0.999, step / (step + 50))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)
            for theirs, ours in zip(average.buffers(), model.buffers()):
                if theirs.dtype.is_floating_point:
                    theirs.lerp_(ours, 1 - decay)
        if step % 200 == 0:
            mean_of = (sums / 200).tolist()
            sums.zero_()
            print(json.dumps({"out": args.out.split("/")[-1], "step": step, "seconds": round(now - began, 1), "images": count, "views": seen, "loss": round(mean_of[0], 3), "accuracy": round(mean_of[1], 3), "contrastive": round(mean_of[2], 3), "where": round(mean_of[3], 4), "views/s": round(200 * len(x) / (now - reported))}), flush=True)
            reported = now
    from safetensors.torch import save_file

    save_file(average.graft_weights(), args.out, metadata={"steps": str(step), "views": str(seen), "images": str(pool.have * pool.chunk), "arguments": json.dumps(vars(args)), "device": torch.cuda.get_device_name() if device == "cuda" else "cpu", "seconds": str(round(time.time() - started))})
    torch.save({"weights": everything.state_dict(), "optimizer": optimizer.state_dict()}, args.out + ".state")
    print(json.dumps({"out": args.out, "steps": step, "views": seen, "images": pool.have * pool.chunk}), flush=True)


if __name__ == "__main__":
    main()

"""PyTorch's side of the benches. Prints one JSON line: milliseconds of each step and the peak memory.

    python torch_bench.py train MODEL OPTIMIZER BATCH SIZE STEPS THREADS FORMAT   (the first two steps are not reported)
    python torch_bench.py frozen MODEL IMAGES BATCH SIZE EPOCHS THREADS FORMAT
"""
import json
import resource
import sys
import time

import torch
import torchvision

kind, model_name = sys.argv[1:3]


def build(channels_last, classes=1000):
    """The network without what acts in training alone (dropout, dropped branches, a second head); BatchNorm frozen."""
    settings = {'init_weights': False} if model_name == 'inception_v3' else {}
    model = getattr(torchvision.models, model_name)(weights=None, num_classes=classes, **settings).eval()
    if model_name.startswith('vgg'):
        # Graft's head: pooled, one dense layer.
        model.avgpool = torch.nn.AdaptiveAvgPool2d(1)
        model.classifier = torch.nn.Linear(512, classes)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.requires_grad = False
            module.bias.requires_grad = False
    if model_name == 'inception_v3':
        model.AuxLogits = None
    return model.to(memory_format=torch.channels_last) if channels_last else model


def report(milliseconds, processor=()):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({'version': torch.__version__, 'milliseconds': milliseconds, 'peakMiB': peak, 'processorMs': list(processor)}))


def train(optimizer, batch, size, steps):
    channels_last = sys.argv[8] == 'channels_last'
    model = build(channels_last)
    x = torch.randn(batch, 3, size, size)
    y = torch.randint(0, 1000, (batch,))
    if channels_last:
        x = x.to(memory_format=torch.channels_last)
    learning = [p for p in model.parameters() if p.requires_grad]
    update = torch.optim.SGD(learning, 1e-3, momentum=0.9) if optimizer == 'sgd' else torch.optim.AdamW(learning, 1e-3)
    criterion = torch.nn.CrossEntropyLoss()
    times = []
    processor = []
    for _ in range(steps):
        start = time.perf_counter()
        used = time.process_time()
        update.zero_grad()
        criterion(model(x), y).backward()
        update.step()
        times.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - used))
    report(times[2:], processor[2:])


def frozen(images, batch, size, epochs):
    """Backbone without gradients, run anew in every epoch; a new head learns."""
    channels_last = sys.argv[8] == 'channels_last'
    model = build(channels_last).eval()
    name = 'fc' if hasattr(model, 'fc') else 'classifier'
    last = getattr(model, name)
    width = (last[-1] if isinstance(last, torch.nn.Sequential) else last).in_features
    setattr(model, name, torch.nn.Identity())
    head = torch.nn.Linear(width, 4)
    x = torch.randn(images, 3, size, size)
    y = torch.randint(0, 4, (images,))
    if channels_last:
        x = x.to(memory_format=torch.channels_last)
    update = torch.optim.SGD(head.parameters(), 1e-3, momentum=0.9)
    criterion = torch.nn.CrossEntropyLoss()
    times = []
    for _ in range(epochs):
        start = time.perf_counter()
        for at in range(0, images, batch):
            with torch.no_grad():
                features = model(x[at:at + batch])
            update.zero_grad()
            criterion(head(features), y[at:at + batch]).backward()
            update.step()
        times.append(1000 * (time.perf_counter() - start))
    report(times)


torch.set_num_threads(int(sys.argv[7]))
if kind == 'train':
    train(sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))
else:
    frozen(int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))

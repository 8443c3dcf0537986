"""Images a second of networks of conf/networks in PyTorch, to stand beside those of `bin/convoy bench`.

    pip install torch==2.13.0 numpy pyyaml
    taskset -c 0 python3 torch_throughput.py --seconds 10 conf/networks/plain.yaml

Takes networks of convolutions, batch normalisation, ReLU, residual blocks, pooling and dense layers. Prints the
median and the best of the steps of --seconds, after a few to warm up, for training (forward, backward, a step of
fused Adam) and inference, in fp32 and in bf16 by autocast. PyTorch has its fastest settings: channels_last, and an
allocator that does not give memory back between steps.
"""

import argparse
import os
import statistics
import sys
import time

KEEPING = {"MALLOC_TRIM_THRESHOLD_": 2**33, "MALLOC_MMAP_THRESHOLD_": 2**32, "MALLOC_TOP_PAD_": 2**26}
if not KEEPING.keys() <= os.environ.keys():
    # glibc reads them when a process starts.
    os.execve(sys.executable, [sys.executable] + sys.argv, os.environ | {k: str(v) for k, v in KEEPING.items()})

import torch
import yaml
from torch import nn

WARM_UP = 3

# The settings of each kind of layer that are built here.
KNOWN = {
    "scaling": {"mean", "deviation"},  # done in the pixels below
    "convolution": {"filters", "kernel", "stride", "padding", "bias"},
    "batchNormalization": set(),
    "dense": {"units"},
    "maxPooling": {"window"},
    "globalAveragePooling": set(),
    "residual": {"body", "projection"},
    "relu": set(),
    "flatten": set(),
}


class Residual(nn.Module):
    def __init__(self, body, projection):
        super().__init__()
        self.body = body
        self.projection = projection

    def forward(self, x):
        return self.projection(x) + self.body(x)


def layers(specs):
    """The layers of a list in a network's file; lazy ones find their input's size at the first call."""
    made = []
    for spec in specs:
        kind, of = next(iter(spec.items())) if isinstance(spec, dict) else (spec, {})
        if kind not in KNOWN or not of.keys() <= KNOWN[kind]:
            raise ValueError(f"{spec} is not built here")
        if kind == "convolution":
            padding = of.get("padding", "valid")
            if padding not in ("valid", "same") or of["kernel"] % 2 == 0 and padding == "same":
                raise ValueError(f"{spec} is not built here")
            # PyTorch's own "same" refuses strides.
            around = of["kernel"] // 2 if padding == "same" else 0
            made.append(
                nn.LazyConv2d(of["filters"], of["kernel"], of.get("stride", 1), around, bias=of.get("bias", True))
            )
        elif kind == "batchNormalization":
            made.append(nn.LazyBatchNorm2d())
        elif kind == "dense":
            made.append(nn.LazyLinear(of["units"]))
        elif kind == "maxPooling":
            made.append(nn.MaxPool2d(of["window"]))
        elif kind == "globalAveragePooling":
            made.append(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
        elif kind == "residual":
            made.append(Residual(layers(of["body"]), layers(of.get("projection", []))))
        elif kind == "relu":
            made.append(nn.ReLU())
        elif kind == "flatten":
            made.append(nn.Flatten())
    return nn.Sequential(*made)


def rates(step, batch, seconds):
    """Images a second of `step`: the median, and the best."""
    for _ in range(WARM_UP):
        step()
    taken, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return batch / statistics.median(taken), batch / min(taken)


def measure(file, options):
    with open(file, encoding="utf-8") as text:
        spec = yaml.safe_load(text)
    size = [spec["input"][side] for side in ("channels", "height", "width")]
    images = torch.rand(options.batch, *size).to(memory_format=torch.channels_last)
    for half in (False, True):
        network = layers(spec["layers"])
        classes = network(images).shape[1]
        network = network.to(memory_format=torch.channels_last)
        labels = torch.randint(0, classes, (options.batch,))
        # As slow as that of `bench`, so that the same few images do not lead to gradients near zero.
        adam = torch.optim.Adam(network.parameters(), lr=1e-9, fused=True)

        def training():
            adam.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                loss = nn.functional.cross_entropy(network(images), labels)
            loss.backward()
            adam.step()

        def inference():
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
                network(images)

        for step in (training, inference):
            network.train(step is training)
            median, best = rates(step, options.batch, options.seconds)
            what = f"{spec['name']} {step.__name__} {'bf16' if half else 'fp32'}"
            print(f"{what}: {median:.1f} images/s, at best {best:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Throughput of networks in PyTorch.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("networks", nargs="+", metavar="FILE")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for file in options.networks:
        measure(file, options)


if __name__ == "__main__":
    main()

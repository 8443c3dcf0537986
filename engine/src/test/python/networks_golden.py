"""Writes the expected values of GoldenNetworksTest, computed in double by PyTorch (written with 2.13).

    python3 networks_golden.py FOLDER [NAME ...]

writes FOLDER/NAME.csv for each network of conf/networks, or those named. Needs the packages torch and
numpy. The networks are built here a second time, by hand, without reading the YAML. Parameters, pixels
and the gradient of the scores follow from their index alone; GoldenNetworksTest computes the same ones.
Dropout is left out. Of the scores and of each gradient a row of numbers is kept: the largest absolute
value, the sum of absolute values, a weighted sum, and of each eighth the value that is largest without
its sign, after its index.

The gradient jumps where the input of a ReLU is 0 and where the largest values under a pooling are
equal, so that float, whose sums are a little off, may give another one than double. So of TRIALS sets of
images the first is taken where noise, as large as that of float, at every convolution and dense layer
moves no number by more than STEADY in any of DRAWS trials; and batch normalizations have a shift that
keeps most of their output away from 0. GoogLeNet, with a million windows of pooling, is so steady for no
set. For it CHOSEN names the one of 60 on which the kernels showed the least error, 1.5e-6. Where their
arithmetic changes and its values jump, another one has to be chosen.
"""

import math
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

SLOPE, FIRST_PARAMETER, FIRST_STATISTIC, WEIGHTS_OF_SUM, FIRST_IMAGES = 0, 1, 1 << 20, 1 << 21, 1 << 22
SAMPLES = 8
NOISE, DRAWS, STEADY, TRIALS, FLOOR_OF_SHIFTS = 5e-7, 5, 3e-4, 60, 1e-2
CHOSEN = {"googlenet": 27}
CIFAR = ([125.3, 123.0, 113.9], [63.0, 62.1, 66.7])
IMAGENET = ([123.7, 116.3, 103.5], [58.4, 57.1, 57.4])


def bits(size, number):
    """Of each index 32 bits that look random, as uint32."""
    h = numpy.arange(size, dtype=numpy.uint32) * numpy.uint32(0x9E3779B1)
    h += numpy.uint32(number * 0x85EBCA77 % 2**32)
    h ^= h >> numpy.uint32(15)
    h *= numpy.uint32(0x2C1B3C6D)
    h ^= h >> numpy.uint32(12)
    h *= numpy.uint32(0x297A2D39)
    h ^= h >> numpy.uint32(15)
    return h


def values(size, number):
    """Values in [-1, 1) that a float holds."""
    return (bits(size, number) >> numpy.uint32(8)) / 2.0**23 - 1


def floats(array, shape):
    """The array rounded to float, in double."""
    return torch.from_numpy(array.astype(numpy.float32).astype(numpy.float64)).reshape(shape)


class Layers:
    """The layers, which name and number their parameters in the order of the calls."""

    def __init__(self, evaluated, draw=None):
        self.evaluated = evaluated
        self.random = None if draw is None else numpy.random.default_rng(draw)
        self.counts = {}
        self.parameters = {}
        self.statistics = 0

    def name(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{self.counts[kind]}"

    def parameter(self, name, shape, scale, shift=0.0):
        number = FIRST_PARAMETER + len(self.parameters)
        made = floats(values(math.prod(shape), number) * scale + shift, shape)
        self.parameters[name] = made.requires_grad_(not self.evaluated)
        return made

    def statistic(self, shape, scale, shift):
        self.statistics += 1
        number = FIRST_STATISTIC + self.statistics - 1
        return floats(values(math.prod(shape), number) * scale + shift, shape)

    def affine(self, kind, shape, bias):
        name = self.name(kind)
        weights = self.parameter(name + "/weights", shape, math.sqrt(6 / math.prod(shape[:-1])))
        return weights, self.parameter(name + "/bias", shape[-1:], 0.125) if bias else None

    def convolution(self, x, filters, size, stride=1, padding=0, bias=True):
        weights, b = self.affine("convolution", (size, size, x.shape[1], filters), bias)
        x = padded(x, size, stride, padding, 0)
        return self.noisy(F.conv2d(x, weights.permute(3, 2, 0, 1), b, stride))

    def dense(self, x, units):
        weights, b = self.affine("dense", (x.shape[1], units), True)
        return self.noisy(x @ weights + b)

    def noisy(self, y):
        if self.random is None:
            return y
        moved = self.random.standard_normal(tuple(y.shape)) * NOISE
        return y + torch.from_numpy(moved) * y.detach().abs().max()

    def recurrent(self, x, units):
        """Reads rows of features; the last state."""
        name = self.name("recurrent")
        features = x.shape[2]
        wx = self.parameter(name + "/inputWeights", (features, units), math.sqrt(1.5 / features))
        wh = self.parameter(name + "/hiddenWeights", (units, units), math.sqrt(1.5 / units))
        b = self.parameter(name + "/bias", (units,), 0.125)
        start = torch.zeros(1, x.shape[0], units)
        weights = [wx.t(), wh.t(), b, torch.zeros(units)]
        return torch.rnn_tanh(x, start, weights, True, 1, 0.0, False, False, True)[1][0]

    def normalization(self, x):
        name = self.name("batchNormalization")
        gamma = self.parameter(name + "/gamma", x.shape[1:2], 0.0625, 0.25)
        beta = self.parameter(name + "/beta", x.shape[1:2], 0.25, 1.0)
        mean = self.statistic(x.shape[1:2], 0.125, 0.0)
        variance = self.statistic(x.shape[1:2], 0.5, 1.0)
        return F.batch_norm(x, mean, variance, gamma, beta, not self.evaluated, 0.01, 0.001)


def padded(x, size, stride, padding, value):
    """The image with its padding: so many pixels on each side, or "same" as TensorFlow defines it."""
    if padding == "same":
        missing = [max((-(-n // stride) - 1) * stride + size - n, 0) for n in (x.shape[3], x.shape[2])]
        sides = [side for m in missing for side in (m // 2, m - m // 2)]
    else:
        sides = [padding] * 4
    return F.pad(x, sides, value=value)


def max_pooling(x, size, stride, padding=0):
    return F.max_pool2d(padded(x, size, stride, padding, -torch.inf), size, stride)


def response_normalization(x):
    """With the paper's alpha: that of PyTorch is divided by the number of channels in the sum."""
    return F.local_response_norm(x, 5, 5 * 1e-4, 0.75, 2.0)


def scaled(x, mean, deviation):
    return (x - torch.tensor(mean).reshape(1, -1, 1, 1)) / torch.tensor(deviation).reshape(1, -1, 1, 1)


def flat(x):
    """Height, width, channels in one row."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)


def global_mean(x):
    return x.mean((2, 3))


def vanilla(n, x):
    return n.dense(torch.relu(n.dense(flat(x / 255), 128)), 10)


def row_recurrent(n, x):
    rows = scaled(x, *CIFAR).permute(0, 2, 3, 1).flatten(2)
    return n.dense(n.recurrent(rows, 128), 10)


def lenet(n, x):
    x = F.avg_pool2d(torch.tanh(n.convolution(scaled(x, *CIFAR), 6, 5)), 2)
    x = F.avg_pool2d(torch.tanh(n.convolution(x, 16, 5)), 2)
    x = torch.tanh(n.dense(flat(x), 120))
    return n.dense(torch.tanh(n.dense(x, 84)), 10)


def small(n, x):
    x = max_pooling(torch.relu(n.convolution(scaled(x, *CIFAR), 32, 3, padding="same")), 2, 2)
    x = torch.relu(n.convolution(x, 64, 3, padding="same"))
    x = max_pooling(torch.relu(n.convolution(x, 64, 3, padding="same")), 2, 2)
    x = max_pooling(torch.relu(n.convolution(x, 64, 3, padding="same")), 2, 2)
    return n.dense(flat(x), 10)


def plain(n, x):
    x = x / 255
    for _ in range(7):
        x = torch.relu(n.convolution(x, 128, 3))
    x = flat(max_pooling(x, 2, 2))
    for _ in range(2):
        x = torch.relu(n.dense(x, 128))
    return n.dense(x, 10)


def two_convolutions(n, x):
    for _ in range(2):
        x = torch.relu(n.convolution(x, 128, 3, padding="same"))
    return x


def residual(n, x):
    x = two_convolutions(n, x / 255)
    for _ in range(3):
        x = x + two_convolutions(n, x)
    return n.dense(n.dense(n.dense(flat(max_pooling(x, 2, 2)), 128), 128), 10)


def residual_pool(n, x):
    x = two_convolutions(n, x / 255)
    for _ in range(3):
        x = max_pooling(x + two_convolutions(n, x), 2, 2)
    return n.dense(n.dense(n.dense(flat(x), 128), 128), 10)


def alexnet_layers(n, x, units, classes):
    """What follows the first convolution."""
    x = max_pooling(response_normalization(torch.relu(x)), 3, 2)
    x = torch.relu(n.convolution(x, 256, 5, 1, "same"))
    x = max_pooling(response_normalization(x), 3, 2)
    for filters in (384, 384, 256):
        x = torch.relu(n.convolution(x, filters, 3, 1, "same"))
    x = flat(max_pooling(x, 3, 2))
    for _ in range(2):
        x = torch.relu(n.dense(x, units))
    return n.dense(x, classes)


def alexnet(n, x):
    return alexnet_layers(n, n.convolution(scaled(x, *IMAGENET), 96, 11, 4), 4096, 1000)


def alexnet_cifar(n, x):
    return alexnet_layers(n, n.convolution(scaled(x, *CIFAR), 96, 5, 1, "same"), 1024, 10)


def normalized(n, x, filters, size, stride=1, padding=0):
    return n.normalization(n.convolution(x, filters, size, stride, padding, bias=False))


def basic_blocks(n, x, widths, count):
    """Blocks of two 3x3 convolutions; the first of each width but the first halves the image."""
    for width in widths:
        for block in range(count):
            halves = block == 0 and width != widths[0]
            body = torch.relu(normalized(n, x, width, 3, 2 if halves else 1, "same"))
            body = normalized(n, body, width, 3, 1, "same")
            x = torch.relu(body + (normalized(n, x, width, 1, 2) if halves else x))
    return n.dense(global_mean(x), 10)


def resnet20(n, x):
    x = torch.relu(normalized(n, scaled(x, *CIFAR), 16, 3, 1, "same"))
    return basic_blocks(n, x, (16, 32, 64), 3)


def resnet18_cifar(n, x):
    x = torch.relu(normalized(n, scaled(x, *CIFAR), 64, 3, 1, "same"))
    return basic_blocks(n, x, (64, 128, 256, 512), 2)


def resnet50(n, x):
    x = torch.relu(normalized(n, scaled(x, *IMAGENET), 64, 7, 2, 3))
    x = max_pooling(x, 3, 2, 1)
    for width, count in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(count):
            stride = 2 if block == 0 and width > 64 else 1
            body = torch.relu(normalized(n, x, width, 1))
            body = torch.relu(normalized(n, body, width, 3, stride, 1))
            body = normalized(n, body, 4 * width, 1)
            x = torch.relu(body + (normalized(n, x, 4 * width, 1, stride) if block == 0 else x))
    return n.dense(global_mean(x), 1000)


def inception(n, x, one, before3, three, before5, five, pooled):
    """A module, by the columns of table 1 of the paper."""
    branches = [
        torch.relu(n.convolution(x, one, 1)),
        torch.relu(n.convolution(torch.relu(n.convolution(x, before3, 1)), three, 3, 1, "same")),
        torch.relu(n.convolution(torch.relu(n.convolution(x, before5, 1)), five, 5, 1, "same")),
        torch.relu(n.convolution(max_pooling(x, 3, 1, "same"), pooled, 1)),
    ]
    return torch.cat(branches, 1)


def googlenet(n, x):
    x = torch.relu(n.convolution(scaled(x, *IMAGENET), 64, 7, 2, "same"))
    x = response_normalization(max_pooling(x, 3, 2, "same"))
    x = torch.relu(n.convolution(x, 64, 1))
    x = response_normalization(torch.relu(n.convolution(x, 192, 3, 1, "same")))
    x = max_pooling(x, 3, 2, "same")
    x = inception(n, x, 64, 96, 128, 16, 32, 32)
    x = inception(n, x, 128, 128, 192, 32, 96, 64)
    x = max_pooling(x, 3, 2, "same")
    x = inception(n, x, 192, 96, 208, 16, 48, 64)
    x = inception(n, x, 160, 112, 224, 24, 64, 64)
    x = inception(n, x, 128, 128, 256, 24, 64, 64)
    x = inception(n, x, 112, 144, 288, 32, 64, 64)
    x = inception(n, x, 256, 160, 320, 32, 128, 128)
    x = max_pooling(x, 3, 2, "same")
    x = inception(n, x, 256, 160, 320, 32, 128, 128)
    x = inception(n, x, 384, 192, 384, 48, 128, 128)
    return n.dense(global_mean(x), 1000)


def inception_cifar(n, x):
    x = max_pooling(torch.relu(n.convolution(scaled(x, *CIFAR), 64, 3, 1, "same")), 3, 2, "same")
    x = torch.relu(n.convolution(x, 192, 3, 1, "same"))
    x = inception(n, x, 64, 96, 128, 16, 32, 32)
    x = inception(n, x, 128, 128, 192, 32, 96, 64)
    x = max_pooling(x, 3, 2, "same")
    x = inception(n, x, 192, 96, 208, 16, 48, 64)
    x = inception(n, x, 160, 112, 224, 24, 64, 64)
    return n.dense(global_mean(x), 10)


# Name: function, height and width, images.
NETWORKS = {
    "vanilla": (vanilla, 32, 2),
    "row-recurrent": (row_recurrent, 32, 2),
    "lenet": (lenet, 32, 2),
    "small": (small, 32, 2),
    "plain": (plain, 32, 1),
    "residual": (residual, 32, 1),
    "residual-pool": (residual_pool, 32, 1),
    "resnet20": (resnet20, 32, 2),
    "resnet18-cifar": (resnet18_cifar, 32, 2),
    "alexnet-cifar": (alexnet_cifar, 32, 1),
    "inception-cifar": (inception_cifar, 32, 1),
    "resnet50": (resnet50, 224, 2),
    "alexnet": (alexnet, 227, 1),
    "googlenet": (googlenet, 224, 1),
}


def flattened(tensor):
    return tensor.detach().flatten().numpy()


def places(v):
    """Of the largest value of each of SAMPLES parts."""
    starts = [i * v.size // SAMPLES for i in range(SAMPLES)]
    ends = [max(start + 1, (i + 1) * v.size // SAMPLES) for i, start in enumerate(starts)]
    return [start + int(abs(v[start:end]).argmax()) for start, end in zip(starts, ends)]


def numbers(v, at):
    sums = [abs(v).max(), abs(v).sum(), (v * values(v.size, WEIGHTS_OF_SUM)).sum()]
    return numpy.concatenate([sums, v[at]])


def pixels(size, images, number):
    made = bits(images * size * size * 3, FIRST_IMAGES + number) >> numpy.uint32(24)
    made = torch.from_numpy(made.astype(numpy.float64))
    return made.reshape(images, size, size, 3).permute(0, 3, 1, 2)


def training(build, x, draw=None):
    """The scores and each gradient; with noise if there is a number of its draw."""
    layers = Layers(False, draw)
    scores = build(layers, x)
    (scores * floats(values(scores.numel(), SLOPE), scores.shape)).sum().backward()
    gradients = {name: flattened(p.grad) for name, p in layers.parameters.items()}
    return {"scores": flattened(scores)} | gradients


def difference(key, noisy, made):
    """As GoldenNetwork.error measures it."""
    at = places(made)
    a, b = numbers(noisy, at), numbers(made, at)
    share = max(b[0], FLOOR_OF_SHIFTS if key.endswith("/beta") else 0.0)
    share_of_sums = max(b[1], share * made.size / 10)
    return (abs(a - b) / numpy.array([share, share_of_sums, share_of_sums] + [share] * SAMPLES)).max()


def row(name, v):
    at = places(v)
    row = numbers(v, at)
    cells = [f"{n:.9g}" for n in row[:-SAMPLES]]
    for index, n in zip(at, row[-SAMPLES:]):
        cells += [str(index), f"{n:.9g}"]
    return ",".join([name] + cells)


def write(folder, name):
    build, size, images = NETWORKS[name]
    for number in [CHOSEN[name]] if name in CHOSEN else range(TRIALS):
        x = pixels(size, images, number)
        made = training(build, x)
        moved = 0.0
        for draw in range(DRAWS):
            noisy = training(build, x, draw)
            moved = max(moved, max(difference(key, noisy[key], made[key]) for key in made))
            if moved > STEADY:
                break
        print(f"{name}: images {number} move by {moved:.1g}", flush=True)
        if moved <= STEADY or name in CHOSEN:
            break
    else:
        sys.exit(f"{name}: no images are steady")
    made["evaluatedScores"] = flattened(build(Layers(True), x))
    lines = [
        f"# Written by networks_golden.py with PyTorch {torch.__version__}, numpy {numpy.__version__}.",
        f"# Images, number: {images}, {number}",
        "name,largest,absoluteSum,weightedSum," + ",".join(f"index{i},value{i}" for i in range(SAMPLES)),
    ]
    lines += [row(key, v) for key, v in made.items()]
    (pathlib.Path(folder) / f"{name}.csv").write_text("\n".join(lines) + "\n")


for network in sys.argv[2:] or NETWORKS:
    write(sys.argv[1], network)

"""Prints the expected values of BatchNormalizationTest, computed by PyTorch (written with 2.13) in double.

Needs the package torch. PyTorch's momentum is one minus ours. Its running variance takes that of the
batch times m / (m - 1), m being the pixels of the batch, so it is also taken back to the biased one.
"""

import torch

N, H, W, C = 2, 3, 2, 3
EPSILON, MOMENTUM = 0.001, 0.75
PIXELS = N * H * W


def numbers(count, step, modulus, scale, shift):
    """Values that are exact in float, the formula of BatchNormalizationTest.numbers."""
    return torch.tensor([(i * step % modulus) * scale + shift for i in range(count)], dtype=torch.double)


def show(name, values):
    print(f"{name} = {{{', '.join(f'{v:.9g}f' for v in values)}}}")


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1).flatten().tolist()


x = numbers(PIXELS * C, 7, 37, 0.125, -1.5).reshape(N, H, W, C).permute(0, 3, 1, 2).requires_grad_()
dy = numbers(PIXELS * C, 11, 41, 0.0625, -1.0).reshape(N, H, W, C).permute(0, 3, 1, 2)
layer = torch.nn.BatchNorm2d(C, eps=EPSILON, momentum=1 - MOMENTUM, dtype=torch.double)
with torch.no_grad():
    layer.weight.copy_(torch.tensor([0.5, -1.25, 2.0]))
    layer.bias.copy_(torch.tensor([0.25, 0.0, -0.5]))
    layer.running_mean.copy_(torch.tensor([0.5, -0.5, 1.0]))
    layer.running_var.copy_(torch.tensor([1.0, 2.0, 0.5]))
kept = layer.running_var * MOMENTUM

layer.eval()
show("EVALUATED", nhwc(layer(x)))

layer.train()
y = layer(x)
y.backward(dy)
show("Y", nhwc(y))
show("DX", nhwc(x.grad))
show("DGAMMA", layer.weight.grad)
show("DBETA", layer.bias.grad)
show("RUNNING_MEAN", layer.running_mean)
show("RUNNING_VARIANCE", kept + (layer.running_var - kept) * (PIXELS - 1) / PIXELS)
show("UNBIASED_VARIANCE", layer.running_var)

"""Prints the expected values of InceptionTest, computed in double by PyTorch 2.13.

Needs the package torch. The network is TestNetworks.inception(); pixels and parameters follow from
their index alone. Of each parameter's gradient one sum is printed, each element weighted by its
index modulo 5, less 2.
"""

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
IMAGES, H, W, C = 2, 7, 6, 3
parameters = []


def values(shape, number):
    i = torch.arange(torch.Size(shape).numel())
    return (((i * i * 5 + i * 71 + number * 13 + 90) % 211 - 105) / 512).reshape(shape)


def parameter(*shape):
    parameters.append(values(shape, len(parameters)).requires_grad_())
    return parameters[-1]


def convolution(x, filters, size):
    weights = parameter(size, size, x.shape[1], filters)
    return F.conv2d(x, weights.permute(3, 2, 0, 1), parameter(filters), padding=size // 2)


def pooling(x):
    return F.max_pool2d(x, 3, 1, 1)


i = torch.arange(IMAGES * H * W * C)
x = ((i * i * 3 + i * 37 + 11) % 251 / 255.0).reshape(IMAGES, H, W, C).permute(0, 3, 1, 2)
one = torch.relu(convolution(x, 4, 1))
three = torch.relu(convolution(x, 5, 3))
five = torch.relu(convolution(x, 3, 5))
x = torch.cat([one, three, five, pooling(x)], 1)
x = F.max_pool2d(F.pad(x, (0, 1, 1, 1), value=-torch.inf), 3, 2)
one = torch.relu(convolution(x, 4, 1))
three = torch.relu(convolution(torch.relu(convolution(x, 3, 1)), 6, 3))
five = torch.relu(convolution(torch.relu(convolution(x, 2, 1)), 3, 5))
pooled = torch.relu(convolution(pooling(x), 2, 1))
x = torch.cat([one, three, five, pooled], 1).permute(0, 2, 3, 1).reshape(IMAGES, -1)
weights = parameter(x.shape[1], 4)
scores = x @ weights + parameter(4)
slope = torch.tensor([[0.5, -0.25, 1.0, 0.125], [-1.0, 0.75, -0.5, 0.25]])
(scores * slope).sum().backward()

print("scores", ", ".join(f"{v:.9g}" for v in scores.detach().flatten().tolist()))
sums = []
for p in parameters:
    g = p.grad.flatten()
    sums.append(float((g * (torch.arange(g.numel()) % 5 - 2)).sum()))
print("sums of gradients", ", ".join(f"{v:.9g}" for v in sums))

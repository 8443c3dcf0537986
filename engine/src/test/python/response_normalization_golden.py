"""Prints the expected values of LocalResponseNormalizationTest, computed by PyTorch (written with 2.13) in double.

Needs the package torch. PyTorch divides alpha by the size, so it is handed size times ours; an even
size, which it counts to one side, does not occur.
"""

import torch

N, H, W, C = 2, 1, 2, 7


def numbers(count, step, modulus, scale, shift):
    """Values that are exact in float, the formula of LocalResponseNormalizationTest.numbers."""
    return torch.tensor([(i * step % modulus) * scale + shift for i in range(count)], dtype=torch.double)


def show(name, values):
    print(f"{name} = {{{', '.join(f'{v:.9g}f' for v in values)}}}")


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1).flatten().tolist()


for name, size, alpha, beta, k in (("ALEXNET", 5, 1e-4, 0.75, 2), ("STRONG", 3, 0.5, 0.6, 1)):
    x = numbers(N * H * W * C, 7, 37, 0.125, -1.5).reshape(N, H, W, C).permute(0, 3, 1, 2).requires_grad_()
    dy = numbers(N * H * W * C, 11, 41, 0.0625, -1.0).reshape(N, H, W, C).permute(0, 3, 1, 2)
    y = torch.nn.functional.local_response_norm(x, size, alpha=size * alpha, beta=beta, k=k)
    y.backward(dy)
    show(name + "_Y", nhwc(y))
    show(name + "_DX", nhwc(x.grad))

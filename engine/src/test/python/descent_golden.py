"""Prints the expected values of DescentTest, computed in double by PyTorch 2.13.

Needs the package torch. Five steps over three weights and a bias that does not decay; gradients
depend on index and step alone. Adam's epsilon is so small that it does not matter where it stands.
"""

import torch

STEPS = 5


def gradient(t):
    return [0.5, -0.25 * t, 1.0 / 1024, 0.125 * (3 - t)]


def run(name, make, clip=None):
    weights = torch.tensor([1.0, -0.5, 0.25], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    optimizer = make([weights], [bias])
    for t in range(1, STEPS + 1):
        g = torch.tensor(gradient(t), dtype=torch.float64)
        weights.grad, bias.grad = g[:3].clone(), g[3:].clone()
        if clip:
            torch.nn.utils.clip_grad_norm_([weights, bias], clip)
        optimizer.step()
    print(name, ", ".join(f"{v:.9g}f" for v in weights.tolist() + bias.tolist()))


def groups(weights, bias, decay):
    return [{"params": weights, "weight_decay": decay}, {"params": bias, "weight_decay": 0}]


def sgd(decay, momentum=0.0):
    return lambda w, b: torch.optim.SGD(groups(w, b, decay), lr=0.1, momentum=momentum)


def adam(kind, decay):
    return lambda w, b: kind(groups(w, b, decay), lr=0.01, eps=1e-12)


run("sgd, decay 0.25", sgd(0.25))
run("momentum, decay 0.25", sgd(0.25, 0.9))
run("adam, decay 0.25", adam(torch.optim.Adam, 0.25))
run("adamw, decay 0.25", adam(torch.optim.AdamW, 0.25))
run("sgd, clipped to 0.75", sgd(0), 0.75)
run("momentum, decay 0.25, clipped to 0.75", sgd(0.25, 0.9), 0.75)

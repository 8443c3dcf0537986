"""Prints the expected values of OuterStepTest, computed by PyTorch 2.13 in double.

Needs the package torch. Four rounds over four parameters: the average lies by a known change from
where the round started, and the optimizer's gradient is that change with its sign turned.
"""

import torch

START = [1.0, -0.5, 0.25, 2.0]
ROUNDS = 4


def change(r):
    return [0.5, -0.25 * r, 1.0 / 1024, 0.125 * (3 - r)]


def run(name, learning_rate, momentum):
    values = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([values], learning_rate, momentum=momentum, nesterov=momentum > 0)
    for r in range(1, ROUNDS + 1):
        values.grad = -torch.tensor(change(r), dtype=torch.float64)
        optimizer.step()
        if r in (1, ROUNDS):
            print(name, "round", r, ", ".join(f"{v:.9g}f" for v in values.tolist()))


run("DiLoCo", 0.7, 0.9)
run("learning rate alone", 1.5, 0)

"""Prints the expected values of ScheduleTest, computed in double by PyTorch 2.13.

Needs the package torch. The learning rate is 1, so that what a scheduler sets is the share of it. A
warm-up of w steps is LinearLR from 1 / w, on to 1 at its last step; a cosine begins after it.
"""

import warnings

import torch
from torch.optim import lr_scheduler as schedulers

warnings.filterwarnings("ignore")


def shares(make, steps):
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def show(name, values):
    print(name + ": " + ", ".join(f"{v:.15g}" for v in values))


def warm_up(optimizer, steps):
    return schedulers.LinearLR(optimizer, 1 / steps, 1.0, steps - 1)


show("step by 0.1 every 4", shares(lambda o: schedulers.StepLR(o, 4, 0.1), 10))
show("step by 0.5 at 2, 3, 7", shares(lambda o: schedulers.MultiStepLR(o, [2, 3, 7], 0.5), 9))
show(
    "warm-up of 4, step by 0.5 every 3",
    shares(
        lambda o: schedulers.ChainedScheduler([warm_up(o, 4), schedulers.StepLR(o, 3, 0.5)]), 8
    ),
)
show("cosine of 10", shares(lambda o: schedulers.CosineAnnealingLR(o, 10), 10))
show("cosine of 10 to 0.05", shares(lambda o: schedulers.CosineAnnealingLR(o, 10, 0.05), 10))
show(
    "warm-up of 3, cosine of 7 to 0.1",
    shares(
        lambda o: schedulers.SequentialLR(
            o, [warm_up(o, 3), schedulers.CosineAnnealingLR(o, 7, 0.1)], [3]
        ),
        10,
    ),
)
show("one cycle of 10", shares(lambda o: schedulers.OneCycleLR(o, 1.0, total_steps=10), 10))
show(
    "one cycle of 12, half of it up, 10 and 100, linear",
    shares(
        lambda o: schedulers.OneCycleLR(
            o,
            1.0,
            total_steps=12,
            pct_start=0.5,
            div_factor=10,
            final_div_factor=100,
            anneal_strategy="linear",
            cycle_momentum=False,
        ),
        12,
    ),
)
show(
    "one cycle of 4 without a rise",
    shares(lambda o: schedulers.OneCycleLR(o, 1.0, total_steps=4, pct_start=0.0), 4),
)


def adamw_one_cycle():
    """Two weights and AdamW: the decoupled decay follows the scheduled rate."""
    weights = torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([weights], lr=0.1, eps=1e-12, weight_decay=0.5)
    scheduler = schedulers.OneCycleLR(optimizer, 0.1, total_steps=6, cycle_momentum=False)
    for t in range(1, 7):
        weights.grad = torch.tensor([0.5, -0.25 * t], dtype=torch.float64)
        optimizer.step()
        scheduler.step() if t < 6 else None
    show("AdamW, one cycle of 6", weights.tolist())


adamw_one_cycle()

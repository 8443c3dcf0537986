"""Prints the expected values of SoftmaxCrossEntropyTest with label smoothing and of MeanSquaredErrorTest.

Needs the package torch (2.13), computes in double. Of the quadratic cost it prints the gradients of
the scores before the sigmoid.
"""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
scores = torch.tensor([[1.0, 2.0, 3.0, -0.5], [0.25, -4.0, 0.0, 8.0]], requires_grad=True)
labels = torch.tensor([2, 0])


def show(name, values):
    print(name, ", ".join(f"{v:.17g}" for v in values.flatten().tolist()))


losses = F.cross_entropy(scores, labels, label_smoothing=0.1, reduction="none")
show("smoothed losses", losses.detach())
losses.mean().backward()
show("smoothed gradient", scores.grad)
scores.grad = None
outputs = torch.sigmoid(scores)
losses = F.mse_loss(outputs, F.one_hot(labels, 4).double(), reduction="none").sum(1) / 2
show("quadratic losses", losses.detach())
losses.mean().backward()
show("quadratic gradient", scores.grad)

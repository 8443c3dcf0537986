"""Prints the expected values of RecurrentTest, computed in double by PyTorch 2.13's nn.RNN.

Needs the package torch. Two images of three rows, two columns and one channel; two units.
"""

import torch

torch.set_default_dtype(torch.float64)
N, T, F, U = 2, 3, 2, 2


def values(*shape, number):
    i = torch.arange(torch.Size(shape).numel())
    return (((i * i * 5 + i * 7 + number * 3) % 13 - 6) / 8.0).reshape(shape)


rnn = torch.nn.RNN(F, U, nonlinearity="tanh", batch_first=True)
with torch.no_grad():
    rnn.weight_ih_l0.copy_(values(F, U, number=0).T)
    rnn.weight_hh_l0.copy_(values(U, U, number=1).T)
    rnn.bias_ih_l0.copy_(values(U, number=2))
    rnn.bias_hh_l0.zero_()
x = values(N, T, F, number=3).requires_grad_()
y = rnn(x)[0][:, -1]
(y * torch.tensor([[1.0, -0.5], [0.25, 2.0]])).sum().backward()


def show(name, tensor):
    print(name, ", ".join(f"{v:.9g}" for v in tensor.detach().flatten().tolist()))


show("y", y)
show("dx", x.grad)
show("dWx", rnn.weight_ih_l0.grad.T)
show("dWh", rnn.weight_hh_l0.grad.T)
show("db", rnn.bias_ih_l0.grad)

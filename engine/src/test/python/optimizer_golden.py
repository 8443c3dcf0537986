"""Prints the expected values of OptimizerTest, computed by Keras 3 with its PyTorch backend.

Needs the packages keras and torch. Five steps over four parameters; the gradients depend on the
parameters' index and the step alone, and every number is exact in float.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

START = np.array([1.0, -0.5, 0.25, 2.0], np.float32)
STEPS = 5


def gradient(t):
    return np.array([0.5, -0.25 * t, 1.0 / 1024, 0.125 * (3 - t)], np.float32)


def run(name, optimizer):
    variable = keras.Variable(START)
    optimizer.build([variable])
    for t in range(1, STEPS + 1):
        optimizer.apply([keras.ops.convert_to_tensor(gradient(t))])
        if t in (1, STEPS):
            values = keras.ops.convert_to_numpy(variable)
            print(name, "step", t, ", ".join(f"{v:.9g}f" for v in values))


run("sgd", keras.optimizers.SGD(0.1))
run("momentum", keras.optimizers.SGD(0.1, momentum=0.9))
run("nesterov", keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True))
run("adam", keras.optimizers.Adam())
run("adam, other settings", keras.optimizers.Adam(0.01, 0.8, 0.95, 1e-3))

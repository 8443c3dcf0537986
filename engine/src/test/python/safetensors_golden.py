"""Prints the file of SafetensorsTest that Python's safetensors wrote, in base64.

Needs the packages safetensors and numpy. With folders of checkpoints as arguments it checks that
Python can read their files too.
"""

import base64
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

TENSORS = {
    "dense1/weights": np.array([[1.5, -2.25, 0.1], [3e38, 1e-45, -0.0]], np.float32),
    "dense1/bias": np.array([0.5, np.inf, np.nan], np.float32),
    "scalar": np.array(7.0, np.float32),
    "empty": np.zeros((0, 4), np.float32),
}

print(base64.b64encode(save(TENSORS, metadata={"producer": "python", "é": "ü\n"})).decode())

for folder in sys.argv[1:]:
    for name in "weights", "optimizer":
        with safe_open(f"{folder}/{name}.safetensors", "np") as file:
            print(name, file.metadata())
            for key in sorted(file.keys()):
                value = file.get_tensor(key)
                print(" ", key, value.dtype, value.shape, float(value.sum()))

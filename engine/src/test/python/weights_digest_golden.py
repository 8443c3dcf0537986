"""Prints the digest of CheckpointTest's network with the values i / 8 - 5, i from 0 on."""

import hashlib
import struct

LAYOUT = [
    ("convolution1/weights", (3, 3, 3, 2)),
    ("convolution1/bias", (2,)),
    ("dense1/weights", (8, 3)),
    ("dense1/bias", (3,)),
]

digest = hashlib.sha256()
i = 0
for name, dimensions in LAYOUT:
    digest.update(struct.pack(">i", len(name)) + name.encode())
    digest.update(struct.pack(f">i{len(dimensions)}i", len(dimensions), *dimensions))
    elements = 1
    for dimension in dimensions:
        elements *= dimension
    for _ in range(elements):
        digest.update(struct.pack("<f", i / 8 - 5))
        i += 1
print(i, digest.hexdigest())

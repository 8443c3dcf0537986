"""Prints the expected values of ImageFilterTest, computed by NumPy (written with 2.4) in double.

The image is padded with numpy.pad(mode="reflect"), which does not repeat the border's pixels, and
correlated with each kernel cell by cell.
"""

import numpy as np

H, W, C = 5, 7, 3


def image():
    return np.array([(i * 89 + i * i * 7) % 256 for i in range(H * W * C)], dtype=float).reshape(H, W, C)


def correlated(x, kernel):
    size = len(kernel)
    border = size // 2
    padded = np.pad(x, ((border, border), (border, border), (0, 0)), mode="reflect")
    y = np.zeros_like(x)
    for r in range(size):
        for s in range(size):
            y += kernel[r, s] * padded[r : r + x.shape[0], s : s + x.shape[1]]
    return y


def bell(size, sigma):
    i = np.arange(size) - (size - 1) / 2
    w = np.exp(-(i**2) / (2 * sigma**2))
    return np.outer(w / w.sum(), w / w.sum())


def show(name, y):
    pixels = np.clip(np.rint(y), 0, 255).astype(int)
    print(f"{name} =")
    for row in pixels:
        print("    " + ", ".join(str(v) for v in row.flatten()) + ",")


SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=float)
x = image()
show("SOBEL_X", correlated(x, SOBEL_X))
show("SOBEL", np.hypot(correlated(x, SOBEL_X), correlated(x, SOBEL_X.T)))
show("GAUSSIAN_3_08", correlated(x, bell(3, 0.8)))
show("GAUSSIAN_9_DEFAULT", correlated(x, bell(9, 0.3 * ((9 - 1) * 0.5 - 1) + 0.8)))
grey = x @ np.array([0.299, 0.587, 0.114])
show("GREY_SOBEL_Y", correlated(grey[:, :, None], SOBEL_X.T))

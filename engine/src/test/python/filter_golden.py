"""Prints the expected values of ImageFilterTest and FilterTest's rows of getGaussianKernel.

The image is padded with numpy.pad(mode="reflect"), which does not repeat the border's pixels, and
correlated with each kernel cell by cell, by NumPy (written with 2.4) in double. Gaussian kernels
are those of OpenCV (written with 5.0.0, opencv-python-headless).
"""

import cv2
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
    w = cv2.getGaussianKernel(size, sigma)
    return w @ w.T


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
show("GAUSSIAN_5_DEFAULT", cv2.filter2D(x.astype(np.uint8), -1, bell(5, 0)))
show("GAUSSIAN_11_DEFAULT", correlated(x, bell(11, 0)))
grey = x @ np.array([0.299, 0.587, 0.114])
show("GREY_SOBEL_Y", correlated(grey[:, :, None], SOBEL_X.T))
for size, sigma in ((1, 0), (3, 0), (5, 0), (7, 0), (9, 0), (11, 0), (5, 1.1)):
    print(size, sigma, cv2.getGaussianKernel(size, sigma).ravel().tolist())

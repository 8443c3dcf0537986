"""Prints the expected values of ImageFilterTest and FilterTest's rows of getGaussianKernel.

Filtered images are those of OpenCV's filter2D in double with its border by default, Gaussian kernels
those of its getGaussianKernel (written with 5.0.0, opencv-python-headless, and NumPy 2.4).
"""

import cv2
import numpy as np

H, W, C = 5, 7, 3


def image():
    return np.array([(i * 89 + i * i * 7) % 256 for i in range(H * W * C)], dtype=float).reshape(H, W, C)


def filtered(x, kernel):
    return cv2.filter2D(x, cv2.CV_64F, kernel).reshape(x.shape)


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
show("SOBEL_X", filtered(x, SOBEL_X))
show("SOBEL", np.hypot(filtered(x, SOBEL_X), filtered(x, SOBEL_X.T)))
show("GAUSSIAN_3_08", filtered(x, bell(3, 0.8)))
show("GAUSSIAN_5_DEFAULT", cv2.filter2D(x.astype(np.uint8), -1, bell(5, 0)))
show("GAUSSIAN_11_DEFAULT", filtered(x, bell(11, 0)))
grey = x @ np.array([0.299, 0.587, 0.114])
show("GREY_SOBEL_Y", filtered(grey[:, :, None], SOBEL_X.T))
for size, sigma in ((1, 0), (3, 0), (5, 0), (7, 0), (9, 0), (11, 0), (5, 1.1)):
    print(size, sigma, cv2.getGaussianKernel(size, sigma).ravel().tolist())

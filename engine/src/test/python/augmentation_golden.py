"""Prints the expected values of AugmenterTest, by numpy 2.4 and Pillow 12.3.

Needs the packages numpy and pillow. The random numbers are those of RandomKey, in exact integers:
the key of purpose AUGMENTATION under seed 9, then of epoch 2, then of shard 1. Pillow rounds after
each change of colours, so it is only held against the values; none of them leaves 0 to 255.
"""

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

MASK = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15
AUGMENTATION = 8
CROP, CUTOUT, STRENGTH = 2, 3, 0.25
DRAWS = 8
LUMA = np.array([0.299, 0.587, 0.114])


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def bits(key, element):
    return mix((key + (element + 1) * GOLDEN_GAMMA) & MASK)


def below(key, bound, element):
    return ((bits(key, element) >> 33) * bound) >> 31


def factor(key, element):
    return 1 + STRENGTH * (2 * (bits(key, element) >> 11) * 2.0**-53 - 1)


def image(place, height, width):
    i = np.arange(height * width * 3) + place * height * width * 3
    return (60 + (37 * i + 11 * i * i) % 97).astype(np.uint8).reshape(height, width, 3)


def augmented(key, place, height, width):
    first = DRAWS * place
    x = image(place, height, width)
    mean = x.reshape(-1, 3).mean(axis=0)
    padded = np.pad(x, ((CROP, CROP), (CROP, CROP), (0, 0)), mode="reflect")
    top, left = below(key, 2 * CROP + 1, first + 1), below(key, 2 * CROP + 1, first + 2)
    y = Image.fromarray(padded[top : top + height, left : left + width])
    if below(key, 2, first):
        y = ImageOps.mirror(y)
    y = np.array(y)
    row = below(key, height, first + 3) - CUTOUT // 2
    column = below(key, width, first + 4) - CUTOUT // 2
    y = y.astype(np.float64)
    y[max(0, row) : row + CUTOUT, max(0, column) : column + CUTOUT] = mean
    brightness, contrast, saturation = (factor(key, first + i) for i in (5, 6, 7))
    check_against_pillow(y, mean, brightness, contrast, saturation)
    y, grey = y * brightness, mean @ LUMA * brightness
    y = blend(grey, y, contrast)
    return blend((y @ LUMA)[..., None], y, saturation)


def blend(from_, to, share):
    return from_ + (to - from_) * share


def check_against_pillow(y, mean, brightness, contrast, saturation):
    """Pillow truncates after each change, three times."""
    image = Image.fromarray(np.rint(y).astype(np.uint8))
    grey = (int(mean @ LUMA * brightness + 0.5),) * 3
    image = ImageEnhance.Brightness(image).enhance(brightness)
    image = Image.blend(Image.new("RGB", image.size, grey), image, contrast)
    image = ImageEnhance.Color(image).enhance(saturation)
    expected = blend(mean @ LUMA * brightness, y * brightness, contrast)
    expected = blend((expected @ LUMA)[..., None], expected, saturation)
    assert np.abs(np.array(image) - expected).max() < 3.5


KEY = bits(bits(bits(mix(9), AUGMENTATION), 2), 1)
for place in range(4):
    print(f"{place}|" + " ".join(f"{v:.5g}" for v in augmented(KEY, place, 4, 5).ravel()))

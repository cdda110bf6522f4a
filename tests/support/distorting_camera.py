"""A camera that stretches what falls on it along x by 1.1 about pixel 48 of 96, for tests of preprocessing and of the whole chain."""

import numpy as np

SIDE, MIDDLE, STRETCH = 96, 48, 1.1


def stretched(patterns):
    """Patterns [..., 96, 96] as the camera shows them: each pixel's counts are shared out by area."""
    share = np.zeros((SIDE, SIDE))
    for i in range(SIDE):
        low, high = (MIDDLE + STRETCH * (i + half - MIDDLE) for half in (-0.5, 0.5))
        for j in range(SIDE):
            share[j, i] = max(0, min(high, j + 0.5) - max(low, j - 0.5)) / (high - low)
    return patterns @ share.T


def pictures_of_discs():
    """30 discs where they belong and where the camera shows them: two pictures [96, 96]."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    pictures = np.ones((2, SIDE, SIDE))
    for row in range(16, 90, 13):
        for column in range(22, 80, 13):
            for picture, at in zip(pictures, (column, MIDDLE + STRETCH * (column - MIDDLE))):
                picture += 30 * np.clip(4.5 - np.hypot(y - row, x - at), 0, 1)
    return pictures


def displacements():
    """By how much the place of each pixel is beside where it belongs: (y, x) maps [2, 96, 96], in pixels."""
    x = np.mgrid[:SIDE, :SIDE][1].astype(float)
    return np.stack([0 * x, (x - MIDDLE) / STRETCH + MIDDLE - x])

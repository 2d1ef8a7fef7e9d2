"""Other light on a clear photo, so that sunsets, dusk and sand are known as such and not taken for haze."""

from __future__ import annotations

import numpy as np

from train.degradations.fields import Array


def relight(photo: Array, rng: np.random.Generator) -> Array:
    """HxWx3 in [0, 1] -> the same scene warmer or cooler, pinker or greener, brighter or darker. Nothing is
    clipped that was not. Three quarters of the photos stay as they are."""
    if rng.random() < 0.75:
        return photo
    gains = _tint(rng.normal(0, 0.08), rng.normal(0, 0.04))
    return (photo * gains) ** np.float32(np.exp(rng.normal(0, 0.1)))


def dull(photo: Array, rng: np.random.Generator) -> Array:
    """HxWx3 in [0, 1] -> the same scene in fewer colours and with less contrast, as in a desert or at sunset.

    It moves towards one colour, warmer than haze is. Not for photos that are hazed afterwards: those are to look
    different.
    """
    colour = rng.uniform(0.3, 1.0) * _tint(rng.uniform(0.25, 0.5), rng.normal(0, 0.04))
    share = np.float32(rng.uniform(0.3, 0.7))
    return photo * (1 - share) + colour * share


def _tint(warmth: float, pink: float) -> Array:
    """Gains of red, green and blue, the largest 1."""
    gains = np.exp(np.array([warmth + pink, -pink, pink - warmth], np.float32))
    return gains / gains.max()

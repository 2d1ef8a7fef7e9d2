"""Other light on clear photos, so that sunsets, dusk and sand are known as such and not taken for haze."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from train.degradations.fields import Array, Rngs, chosen, column, with_rows


def relight(photos: Tensor, rngs: Rngs) -> Tensor:
    """Nx3xHxW in [0, 1] -> the same scenes warmer or cooler, pinker or greener, brighter or darker. Nothing is
    clipped that was not. Three quarters of the photos stay as they are."""
    rows = chosen(0.25, rngs)
    gains = [_tint(rngs[row].normal(0, 0.08), rngs[row].normal(0, 0.04)) for row in rows]
    powers = [np.exp(rngs[row].normal(0, 0.1)) for row in rows]
    return with_rows(photos, rows, lambda part: (part * column(gains, part)) ** column(powers, part))


def dull(photos: Tensor, rngs: Rngs) -> Tensor:
    """Nx3xHxW in [0, 1] -> the same scenes in fewer colours and with less contrast, as in a desert or at sunset.

    They move towards one colour, warmer than haze is. Not for photos that are hazed afterwards: those are to look
    different.
    """
    colours = [rng.uniform(0.3, 1.0) * _tint(rng.uniform(0.25, 0.5), rng.normal(0, 0.04)) for rng in rngs]
    share = column([rng.uniform(0.3, 0.7) for rng in rngs], photos)
    return photos * (1 - share) + column(colours, photos) * share


def _tint(warmth: float, pink: float) -> Array:
    """Gains of red, green and blue, the largest 1."""
    gains = np.exp(np.array([warmth + pink, -pink, pink - warmth], np.float32))
    return gains / gains.max()

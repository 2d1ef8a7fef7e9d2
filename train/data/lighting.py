"""Other light on a clear photo, so that sunsets and dusk are known as such and not taken for haze."""

from __future__ import annotations

import numpy as np

from train.degradations.fields import Array


def relight(photo: Array, rng: np.random.Generator) -> Array:
    """HxWx3 in [0, 1] -> the same scene warmer or cooler, pinker or greener, brighter or darker. Nothing is
    clipped that was not. Three quarters of the photos stay as they are."""
    if rng.random() < 0.75:
        return photo
    warmth, pink = rng.normal(0, 0.08), rng.normal(0, 0.04)
    gains = np.exp(np.array([warmth + pink, -pink, pink - warmth], np.float32))
    return (photo * (gains / gains.max())) ** np.float32(np.exp(rng.normal(0, 0.1)))

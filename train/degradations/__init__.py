"""Physical models with sampled parameters, each a function of (photo, depth, generator); the paper's three and snow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from uniremoval.checkpoint import Degradation

from .blur import blur
from .camera import camera
from .fields import Array
from .haze import haze
from .rain import rain
from .snow import snow

DEGRADATIONS: dict[Degradation, Callable[[Array, Array | None, np.random.Generator], Array]] = {
    Degradation.HAZE: haze,
    Degradation.RAIN: rain,
    Degradation.BLUR: blur,
    Degradation.SNOW: snow,
}


def degrade(
    photo: Array, depth: Array | None, kind: Degradation, rng: np.random.Generator, camera_share: float = 1.0
) -> Array:
    """HxWx3 clean photo in [0, 1] -> the same photo as a camera would have taken it in bad conditions.

    camera_share: of the photos, these may show the camera's own flaws, too.
    """
    degraded = DEGRADATIONS[kind](photo, depth, rng)
    return camera(degraded, rng) if rng.random() < camera_share else degraded


__all__ = ["DEGRADATIONS", "camera", "degrade"]

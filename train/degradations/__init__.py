"""Physical models with sampled parameters, each a function of (photos, depth, generators); the paper's three and snow.

All work on a batch, on whatever device it lies. Parameters are drawn on the CPU, from one generator per sample.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from train.degradations.blur import blur
from train.degradations.camera import camera
from train.degradations.fields import Rngs, chosen, with_rows
from train.degradations.haze import haze
from train.degradations.rain import rain
from train.degradations.snow import snow
from uniremoval.method import Degradation

DEGRADATIONS: dict[Degradation, Callable[[Tensor, Tensor | None, Rngs], Tensor]] = {
    Degradation.HAZE: haze,
    Degradation.RAIN: rain,
    Degradation.BLUR: blur,
    Degradation.SNOW: snow,
}


def degrade(photos: Tensor, depth: Tensor | None, kind: Degradation, rngs: Rngs, camera_share: float = 1.0) -> Tensor:
    """Nx3xHxW clean photos in [0, 1] -> the same as a camera would have taken them in bad conditions.

    depth: Nx1xHxW in [0, 1], or None where it is not known. camera_share: of the photos, these may show the camera's
    own flaws, too.
    """
    degraded = DEGRADATIONS[kind](photos, depth, rngs)
    rows = chosen(camera_share, rngs)
    return with_rows(degraded, rows, lambda part: camera(part, [rngs[row] for row in rows]))


__all__ = ["DEGRADATIONS", "camera", "degrade"]

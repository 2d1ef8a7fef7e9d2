"""A cue of how much haze is in a photo, which needs no reference."""

from __future__ import annotations

import numpy as np

from uniremoval.quality.metrics import Score, score_of
from uniremoval.quality.no_reference import shrunk

PATCH = 15
"""Pixels per side of the neighbourhood, as published."""


def haze_cue(pixels: np.ndarray, *, max_megapixels: float | None = None) -> dict[str, Score]:
    """The mean of the dark channel, in percent, under the key of CUES, of HxWx3 float32 pixels in [0, 1].

    The dark channel is the smallest value of all three channels in a neighbourhood (He, Sun and Tang, "Single image
    haze removal using dark channel prior", CVPR 2009): near 0 in clear scenes, and as bright as the veil in haze.
    White walls, snow and skies raise it, too. Photos above `max_megapixels` are scaled down first.
    """
    import torch

    from uniremoval.quality.highest import highest

    darkest = torch.from_numpy(shrunk(pixels, max_megapixels).min(axis=2))
    beyond = [PATCH // 2] * 4
    dark = -highest(torch.nn.functional.pad(-darkest, beyond, value=-torch.inf), PATCH)
    return {"dark_channel": score_of("dark_channel", 100 * float(dark.mean().clamp(0, 1)))}

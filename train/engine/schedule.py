"""The learning rate as a pure function of the progress of a run."""

from __future__ import annotations

import math


def learning_rate(peak: float, step: int, warmup: int, progress: float) -> float:
    """Linear warm-up over `warmup` steps, then half a cosine down to a hundredth of the peak at progress 1."""
    ramp = min(1.0, (step + 1) / max(warmup, 1))
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return peak * ramp * (0.01 + 0.99 * cosine)

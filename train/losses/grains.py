"""Steps before a contrastive loss: crop, split by degradation, fade in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def glimpse(photos: Tensor, side: int, step: int) -> Tensor:
    """NxCxHxW -> NxCx side x side at a place that changes with the step; side 0: 16 pixels less than the whole.

    Networks that look at photos through strides (VGG-19's pooling, the discriminator) must not always meet the
    restorer's own grid of pixels at the same offset: errors that both overlook grow into a visible pattern.
    """
    height, width = photos.shape[-2:]
    side = min(side or min(height, width) - 16, height, width)
    draw = torch.Generator().manual_seed(step)
    top = int(torch.randint(height - side + 1, (), generator=draw))
    left = int(torch.randint(width - side + 1, (), generator=draw))
    return photos[..., top : top + side, left : left + side]


def by_degradation(features: Sequence[Tensor], count: int) -> list[list[Tensor]]:
    """Features of K*N photos, grouped by degradation -> one list of features (N each) per degradation."""
    return [list(group) for group in zip(*(feature.chunk(count) for feature in features), strict=True)]


def fade_in(step: int, warmup: int) -> float:
    """0 at the first step, 1 from `warmup` on."""
    return min(1.0, step / max(warmup, 1))

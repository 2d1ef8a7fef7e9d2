"""The scales of a photo, and the maps that carry a restoration from one to the next.

Maps are Nx6xHxW: a gain and an offset for every pixel and colour.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

COARSEST = 192
"""Pixels that the longer side of a photo has at its coarsest scale, at most; more than half of them, at least."""

THINNEST = 8
"""Pixels that no side falls below by halving: smaller scales of a thin strip would be as much work as the strip."""


def scale_count(height: int, width: int) -> int:
    """How many scales a photo of this size is restored at: it is halved until all of it is in view of the network,
    or too thin to be."""
    count = 1
    while max(height, width) > COARSEST << (count - 1) and min(height, width) >= THINNEST << count:
        count += 1
    return count


def halved(x: Tensor) -> Tensor:
    """NxCxHxW -> half the size, rounded up: the mean of every four pixels."""
    return F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)


def doubled(x: Tensor) -> Tensor:
    """Twice the size, bilinearly: what is flat stays flat, where a pixel shuffle draws a grid (Odena et al. 2016). In
    x's own precision, which autocast would raise."""
    with torch.autocast(x.device.type, enabled=False):
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def pyramid(x: Tensor, scales: int) -> list[Tensor]:
    """A photo at so many scales, the coarsest first."""
    levels = [x]
    for _ in range(scales - 1):
        levels.append(halved(levels[-1]))
    return levels[::-1]


def changed(x: Tensor, maps: Tensor) -> Tensor:
    """x + gain * x + offset: the photo as the maps restore it, not clamped."""
    return x + change_of(x, maps)


def change_of(x: Tensor, maps: Tensor) -> Tensor:
    """gain * x + offset."""
    gain, offset = maps.chunk(2, dim=1)
    return torch.addcmul(offset, gain, x)

"""Coarse depth maps made as sharp as the photos they belong to."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

SMALL_SIDE = 160
"""Pixels a side at which the filter's coefficients are found: they are smooth, and this is fast."""
RADIUS_SHARE, EPSILON = 1 / 14, 3e-3


def sharpened(depth: Tensor, photos: Tensor) -> Tensor:
    """Nx1xHxW depth in [0, 1], its edges moved to those of the photos, Nx3xHxW in [0, 1].

    By the guided filter with the colours of the photo as guide (He et al. 2013): within a small window depth is a
    linear function of colour, a . I + b.
    """
    step = max(1, round(min(depth.shape[-2:]) / SMALL_SIDE))
    small, target = F.avg_pool2d(photos, step), F.avg_pool2d(depth, step)
    radius = max(1, round(RADIUS_SHARE * min(small.shape[-2:])))
    rows, columns = (_window(length, radius, depth.device) for length in small.shape[-2:])

    def mean(x: Tensor) -> Tensor:
        return rows @ x @ columns.T

    colour, level = mean(small), mean(target)
    covariance = mean(small * target) - colour * level
    variance = [mean(small * small[:, c : c + 1]) - colour * colour[:, c : c + 1] for c in range(3)]
    for c, row in enumerate(variance):
        row[:, c] += EPSILON
    slope = _solved(variance, covariance)
    offset = level - (slope * colour).sum(1, keepdim=True)
    size = tuple(depth.shape[-2:])
    coefficients = F.interpolate(mean(torch.cat([slope, offset], 1)), size, mode="bilinear")
    return ((coefficients[:, :3] * photos).sum(1, keepdim=True) + coefficients[:, 3:]).clamp(0, 1)


@lru_cache
def _window(length: int, radius: int, device: torch.device) -> Tensor:
    """length x length weights of a mean over what is at most `radius` away."""
    places = torch.arange(length, device=device)
    near = ((places[:, None] - places).abs() <= radius).float()
    return near / near.sum(1, keepdim=True)


def _solved(rows: list[Tensor], right: Tensor) -> Tensor:
    """x of M x = right at every pixel, by Cramer's rule; M symmetric, given as its three rows. All Nx3xHxW."""
    cross = [torch.linalg.cross(rows[(c + 1) % 3], rows[(c + 2) % 3], dim=1) for c in range(3)]
    determinant = (rows[0] * cross[0]).sum(1, keepdim=True)
    return torch.stack([(right * normal).sum(1) for normal in cross], dim=1) / determinant

"""Degradations by the camera itself, after haze, rain or blur: sensor noise, resizing and JPEG."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from train.degradations.fields import Rngs, chosen, column, with_rows
from train.degradations.jpeg import jpeg


def camera(photos: Tensor, rngs: Rngs) -> Tensor:
    """Nx3xHxW in [0, 1] -> the same, mostly untouched; sometimes with faint noise, softened as by an enlargement,
    with JPEG artefacts, or any of these together."""
    rows = chosen(0.3, rngs)
    photos = with_rows(photos, rows, lambda part: _noisy(part, [rngs[row] for row in rows]))
    rows = chosen(0.15, rngs)
    photos = with_rows(photos, rows, lambda part: _enlarged(part, [rngs[row] for row in rows]))
    rows = chosen(0.3, rngs)
    qualities = {row: int(rngs[row].integers(70, 99)) for row in rows}
    halved = {row: rngs[row].random() < 0.5 for row in rows}
    for half in (False, True):
        some = [row for row in rows if halved[row] == half]
        photos = with_rows(photos, some, lambda part: jpeg(part, [qualities[row] for row in some], half))  # noqa: B023
    return photos


def _noisy(photos: Tensor, rngs: Rngs) -> Tensor:
    """Shot noise, which grows with the light, and noise of reading out."""
    shot = column([rng.uniform(0, 0.01) for rng in rngs], photos)
    read = column([0.008 * rng.random() ** 2 for rng in rngs], photos)
    noise = torch.empty_like(photos)
    for own, rng in zip(noise, rngs, strict=True):
        own.normal_(generator=torch.Generator(photos.device).manual_seed(int(rng.integers(2**63))))
    spread = (shot**2 * photos).add_(read**2).sqrt_()
    return spread.mul_(noise).add_(photos).clamp_(0, 1)


def _enlarged(photos: Tensor, rngs: Rngs) -> Tensor:
    """Each photo as if it had been stored 0.7 to 1 times as large and enlarged to its size again."""
    size = tuple(photos.shape[-2:])
    results = []
    for photo, rng in zip(photos.split(1), rngs, strict=True):
        scale = rng.uniform(0.7, 1.0)
        small = F.interpolate(photo, [max(1, round(scale * n)) for n in size], mode="bicubic", antialias=True)
        method = "bilinear" if rng.random() < 0.5 else "bicubic"
        results.append(F.interpolate(small, size, mode=method, antialias=True))
    return torch.cat(results).clamp_(0, 1)

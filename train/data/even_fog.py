"""Scenes of even fog with objects in front of it: a restoration that draws rings around objects shows here.

How far and how bright even fog is restored is open; that it stays even is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from train.data.folders import PhotoFolder
from train.data.samples import sample_photos
from train.degradations.fields import Array, smooth_noise

SIZE = (800, 1200)
RIM = 3
"""Pixels around objects that count neither as fog nor as object."""
NOISE = 1.5 / 255


@dataclass(frozen=True)
class Scene:
    """pixels: HxWx3 in [0, 1]. fog: HxW, where there is nothing but fog."""

    pixels: Array
    fog: np.ndarray


def scenes(count: int = 8) -> Iterator[Scene]:
    """Silhouettes filled with parts of scikit-image's photos, thinly veiled, before fog of one colour with a little
    noise; the same scenes each time."""
    photos = PhotoFolder(sample_photos())
    for index in range(count):
        rng = np.random.default_rng((7, index))
        filling = photos.view(index % len(photos), max(SIZE), rng)[0][: SIZE[0]].astype(np.float32) / 255
        shape = smooth_noise(SIZE, [int(rng.integers(2, 7))], [rng], "cpu")[0, 0].numpy() > rng.uniform(0.5, 0.6)
        towers = np.zeros(SIZE, bool)
        for _ in range(3):
            left, width, top = rng.integers(0, SIZE[1] - 90), rng.integers(8, 90), rng.integers(120, SIZE[0])
            towers[top:, left : left + width] = True
        near = (shape & (np.arange(SIZE[0])[:, None] > SIZE[0] / 3)) | towers
        airlight = (rng.uniform(0.6, 0.9) + rng.normal(0, 0.01, 3)).astype(np.float32)
        transmission = near[..., None] * np.float32(rng.uniform(0.25, 0.8))
        noise = rng.normal(0, NOISE, (*SIZE, 3)).astype(np.float32)
        pixels = np.clip(filling * transmission + airlight * (1 - transmission) + noise, 0, 1)
        grown = F.max_pool2d(torch.from_numpy(near)[None, None].float(), 2 * RIM + 1, 1, RIM)[0, 0].numpy() > 0
        yield Scene(np.rint(pixels * 255).astype(np.float32) / np.float32(255), ~grown)


def unevenness(restored: Array, fog: np.ndarray) -> float:
    """95th percentile over the fog of how far a pixel is from the fog's median colour, in levels of 255; the noise of
    single pixels does not count. restored: HxWx3 in [0, 1]."""
    values = torch.from_numpy(np.ascontiguousarray(restored)).permute(2, 0, 1)[None]
    mask = torch.from_numpy(fog)[None, None].float()
    weight = F.avg_pool2d(mask, 5, 1, 2)
    smooth = (F.avg_pool2d(values * mask, 5, 1, 2) / weight.clamp_min(1e-6))[0].permute(1, 2, 0).numpy()[fog]
    away = np.abs(smooth - np.median(smooth, axis=0)).max(axis=1)
    return float(np.percentile(away, 95) * 255)

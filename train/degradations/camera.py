"""What happens to a photo after the light has been spoilt: sensor noise, resizing and JPEG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from .fields import Array


def camera(photo: Array, rng: np.random.Generator) -> Array:
    """HxWx3 in [0, 1] -> the same, mostly untouched; sometimes with faint noise, softened as by an enlargement,
    with JPEG artefacts, or any of these together."""
    if rng.random() < 0.3:
        shot, read = rng.uniform(0, 0.01), 0.008 * rng.random() ** 2
        noise = rng.standard_normal(photo.shape, dtype=np.float32)
        photo = np.clip(photo + np.sqrt(shot**2 * photo + read**2).astype(np.float32) * noise, 0, 1)
    if rng.random() < 0.15:
        photo = _enlarged(photo, rng.uniform(0.7, 1.0), rng)
    if rng.random() < 0.3:
        buffer = io.BytesIO()
        Image.fromarray(np.rint(photo * 255).astype(np.uint8)).save(
            buffer, "JPEG", quality=int(rng.integers(70, 99)), subsampling=int(rng.choice([0, 2]))
        )
        photo = np.asarray(Image.open(buffer), dtype=np.float32) / 255
    return photo


def _enlarged(photo: Array, scale: float, rng: np.random.Generator) -> Array:
    """The photo as if it had been stored `scale` times as large and enlarged to its size again."""
    size = photo.shape[1], photo.shape[0]
    small = max(1, round(scale * size[0])), max(1, round(scale * size[1]))
    method = Image.Resampling(int(rng.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])))
    channels = [
        Image.fromarray(np.ascontiguousarray(channel)).resize(small, Image.Resampling.BICUBIC).resize(size, method)
        for channel in photo.transpose(2, 0, 1)
    ]
    return np.clip(np.stack(channels, axis=-1), 0, 1)

"""What a camera adds after the light has been spoilt: sensor noise and JPEG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from .fields import Array


def camera(photo: Array, rng: np.random.Generator) -> Array:
    """HxWx3 in [0, 1] -> the same, mostly untouched; sometimes with faint noise, JPEG artefacts, or both."""
    if rng.random() < 0.3:
        shot, read = rng.uniform(0, 0.01), rng.uniform(0, 0.008)
        noise = rng.standard_normal(photo.shape, dtype=np.float32)
        photo = np.clip(photo + np.sqrt(shot**2 * photo + read**2).astype(np.float32) * noise, 0, 1)
    if rng.random() < 0.3:
        buffer = io.BytesIO()
        Image.fromarray(np.rint(photo * 255).astype(np.uint8)).save(
            buffer, "JPEG", quality=int(rng.integers(70, 99)), subsampling=int(rng.choice([0, 2]))
        )
        photo = np.asarray(Image.open(buffer), dtype=np.float32) / 255
    return photo

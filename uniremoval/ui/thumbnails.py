"""Small pictures of photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 160


def save_thumbnail(pixels: np.ndarray, path: Path) -> Path:
    """A JPEG of at most SIDE pixels a side, of HxWx3 pixels in [0, 1]."""
    step = max(1, max(pixels.shape[:2]) // (4 * SIDE))
    image = Image.fromarray(np.rint(np.clip(pixels[::step, ::step], 0, 1) * 255).astype(np.uint8))
    image.thumbnail((SIDE, SIDE))
    image.save(path, "JPEG", quality=82)
    return path

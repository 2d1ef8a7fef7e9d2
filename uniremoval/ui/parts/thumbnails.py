"""Small pictures of photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from uniremoval.errors import PhotoError

SIDE = 160


def save_thumbnail(pixels: np.ndarray, path: Path) -> Path:
    """A JPEG of at most SIDE pixels per side, of HxWx3 pixels in [0, 1]. Raises PhotoError if the disk refuses."""
    step = max(1, max(pixels.shape[:2]) // (4 * SIDE))
    image = _eight_bit(pixels[::step, ::step])
    image.thumbnail((SIDE, SIDE))
    return _saved(image, path, quality=82)


def save_jpeg(pixels: np.ndarray, path: Path) -> Path:
    """A JPEG to look at, of HxWx3 pixels in [0, 1]. Raises PhotoError if the disk refuses."""
    return _saved(_eight_bit(pixels), path, quality=90)


def _eight_bit(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8))


def _saved(image: Image.Image, path: Path, quality: int) -> Path:
    try:
        image.save(path, "JPEG", quality=quality)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise PhotoError(f"'{path.name}' cannot be stored ({error.strerror}); try again later.") from error
    return path

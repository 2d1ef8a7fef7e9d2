"""Small photos and pairs to train on and measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write_photos(folder: Path, count: int, size: tuple[int, int] = (90, 120), level: int | None = None) -> Path:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(count)
    for number in range(count):
        pixels = rng.integers(0, 256, (*size, 3)) if level is None else np.full((*size, 3), level)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"photo{number:03}.png")
    return folder


def write_pairs(folder: Path) -> Path:
    """Two pairs whose inputs are the targets plus 10 levels: their PSNR is known."""
    for number in range(2):
        clean = np.random.default_rng(number).integers(20, 200, (64, 64, 3)).astype(np.uint8)
        for part, pixels in (("input", clean + 10), ("target", clean)):
            (folder / part).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / part / f"{number}.png")
    return folder

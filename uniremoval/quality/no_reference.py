"""How natural a photo looks: BRISQUE and PIQE."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from uniremoval.quality.metrics import WITHOUT_REFERENCE, Score, score_of

_SMALLEST_SIDE = 32
_LUMA_601 = np.array([0.299, 0.587, 0.114], np.float32)


def score(pixels: np.ndarray, *, max_megapixels: float | None = None) -> dict[str, Score]:
    """The scores of WITHOUT_REFERENCE, by key, of HxWx3 float32 sRGB pixels in [0, 1], rounded to 8 bits.

    Lower is better for both; BRISQUE may be negative or above 100. Scores depend on the size: photos above
    `max_megapixels` are scaled down (antialiased) first. Nothing is ever downloaded. Safe to call from
    several threads.

    BRISQUE: Mittal et al., "No-reference image quality assessment in the spatial domain", IEEE TIP 21 (2012).
    PIQE: Venkatanath et al., "Blind image quality evaluation using perception based features", NCC 2015.
    """
    import torch

    pixels = shrunk(pixels, max_megapixels)
    reason = _why_not(pixels)
    if reason is None:
        grey = grey_levels(pixels)
        if grey.min() == grey.max():
            reason = "no score, because the photo is one flat tone"
    if reason is None:
        try:
            from uniremoval.quality.naturalness import MEASURES

            with torch.inference_mode():
                return {key: _measured(key, MEASURES[key], grey) for key in WITHOUT_REFERENCE}
        except ModuleNotFoundError as error:
            if error.name != "pyiqa":
                raise
            reason = "no score, because the package pyiqa is not installed (pip install pyiqa)"
    return {key: score_of(key, None, reason) for key in WITHOUT_REFERENCE}


def grey_levels(pixels: np.ndarray) -> np.ndarray:
    """HxWx3 pixels in [0, 1] -> HxW whole levels of 0 to 255: the luma of BT.601, of levels rounded to 8 bits."""
    return np.rint(np.rint(np.clip(pixels, 0, 1) * 255) @ _LUMA_601)


def shrunk(pixels: np.ndarray, max_megapixels: float | None) -> np.ndarray:
    """HxWx3 pixels, scaled down to no more than so many megapixels; None: as they are."""
    height, width = pixels.shape[:2]
    if max_megapixels is None or height * width <= max_megapixels * 1e6:
        return pixels
    import torch

    ratio = math.sqrt(max_megapixels * 1e6 / (height * width))
    size = (max(1, round(height * ratio)), max(1, round(width * ratio)))
    image = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None]
    image = torch.nn.functional.interpolate(image, size, mode="bicubic", antialias=True)
    return image[0].permute(1, 2, 0).numpy()


def _why_not(pixels: np.ndarray) -> str | None:
    height, width = pixels.shape[:2]
    if min(height, width) < _SMALLEST_SIDE:
        return f"no score, because the photo is smaller than {_SMALLEST_SIDE} pixels (it has {width} x {height})"
    if not np.isfinite(pixels).all():
        return "no score, because the photo holds values that are not numbers"
    return None


def _measured(key: str, measure: Callable[[np.ndarray], float], grey: np.ndarray) -> Score:
    value = measure(grey)
    if math.isfinite(value):
        return score_of(key, value)
    return score_of(key, None, "no score, because the photo is too even or too regular to be measured")

"""Scores beyond the usual ones, where they are asked for: NIQE, and MS-SSIM and FSIM by a reference."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from uniremoval.quality.metrics import EXTRAS, Score, score_of
from uniremoval.quality.no_reference import grey_levels, shrunk

SMALLEST_SIDES = {"niqe": 192, "ms_ssim": 176, "fsim": 32}
"""NIQE compares blocks of 96 pixels, MS-SSIM halves four times what 11 pixels must fit into."""


def extra_scores(
    names: Iterable[str],
    pixels: np.ndarray,
    reference: np.ndarray | None = None,
    *,
    max_megapixels: float | None = None,
) -> dict[str, Score]:
    """Those of EXTRAS that are named, by key, of HxWx3 float32 pixels in [0, 1]; without a reference of the same size
    only those that need none.

    Photos above `max_megapixels` are scaled down (antialiased) first; levels are rounded to 8 bits. A score's value is
    None, with the reason, where there is none. Safe to call from several threads.

    NIQE: Mittal, Soundararajan and Bovik, "Making a 'completely blind' image quality analyzer", IEEE SPL 20 (2013).
    MS-SSIM: Wang, Simoncelli and Bovik, Asilomar 2003, of the luma.
    FSIM: Zhang et al., "FSIM: a feature similarity index for image quality assessment", IEEE TIP 20 (2011); here FSIMc,
    which sees colour.
    """
    photos = [shrunk(image, max_megapixels) for image in (pixels, reference) if image is not None]
    wanted = [
        name for name in EXTRAS if name in set(names) and (reference is not None or not EXTRAS[name].by_reference)
    ]
    return {name: _scored(name, photos) for name in wanted}


def _scored(name: str, photos: list[np.ndarray]) -> Score:
    if EXTRAS[name].by_reference and photos[0].shape != photos[1].shape:
        return score_of(name, None, "no score, because photo and reference differ in size")
    height, width = photos[0].shape[:2]
    least = SMALLEST_SIDES[name]
    if min(height, width) < least:
        reason = f"no score, because the photo is smaller than {least} pixels (it has {width} x {height})"
        return score_of(name, None, reason)
    if not all(np.isfinite(photo).all() for photo in photos):
        return score_of(name, None, "no score, because the photo holds values that are not numbers")
    try:
        value = _measured(name, photos)
    except ModuleNotFoundError as error:
        if error.name != "pyiqa":
            raise
        return score_of(name, None, "no score, because the package pyiqa is not installed (pip install pyiqa)")
    if not math.isfinite(value):
        return score_of(name, None, "no score, because the photo is too even or too regular to be measured")
    return score_of(name, value)


def _measured(name: str, photos: list[np.ndarray]) -> float:
    import torch

    from uniremoval.quality.naturalness import niqe
    from uniremoval.quality.similarity import fsim, ms_ssim

    with torch.inference_mode():
        if name == "niqe":
            return niqe(grey_levels(photos[0]))
        if name == "ms_ssim":
            return ms_ssim(*map(grey_levels, photos))
        return fsim(*photos)

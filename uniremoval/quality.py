"""How good a photo looks (BRISQUE, PIQE) and how near it is to a reference (PSNR, SSIM)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

_BRISQUE_SVM = Path(__file__).resolve().parent.parent / "assets" / "quality" / "brisque_svm.safetensors"
_SMALLEST_SIDE = 32
_PIQE_BLOCK = 16
_WINDOW = 11
_LUMA_601 = np.array([0.299, 0.587, 0.114], np.float32)
_STRIP_ROWS = 512


@dataclass(frozen=True)
class Score:
    """A score, or in `reason` why there is none (then `value` is None)."""

    name: str
    value: float | None
    reason: str | None = None
    lower_is_better: bool = True


def score(pixels: np.ndarray, *, max_megapixels: float | None = None) -> dict[str, Score]:
    """BRISQUE and PIQE, keys "brisque" and "piqe", of HxWx3 float32 sRGB pixels in [0, 1], rounded to 8 bits.

    Lower is better for both; BRISQUE may be negative or above 100. Scores depend on the size: photos above
    `max_megapixels` are scaled down (antialiased) first. Nothing is ever downloaded. Safe to call from
    several threads.

    BRISQUE: Mittal et al., "No-reference image quality assessment in the spatial domain", IEEE TIP 21 (2012).
    PIQE: Venkatanath et al., "Blind image quality evaluation using perception based features", NCC 2015.
    """
    import torch

    pixels = _shrunk(pixels, max_megapixels)
    reason = _why_not(pixels)
    if reason is None:
        grey = np.rint(np.rint(np.clip(pixels, 0, 1) * 255) @ _LUMA_601)
        if grey.min() == grey.max():
            reason = "no score, because the photo is one flat tone"
    if reason is None:
        try:
            with torch.inference_mode():
                return {"brisque": _number("BRISQUE", _brisque, grey), "piqe": _number("PIQE", _piqe, grey)}
        except ModuleNotFoundError as error:
            if error.name != "pyiqa":
                raise
            reason = "no score, because the package pyiqa is not installed (pip install pyiqa)"
    return {"brisque": Score("BRISQUE", None, reason), "piqe": Score("PIQE", None, reason)}


def _shrunk(pixels: np.ndarray, max_megapixels: float | None) -> np.ndarray:
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


def _number(name: str, metric: Callable[[np.ndarray], float], grey: np.ndarray) -> Score:
    value = metric(grey)
    if math.isfinite(value):
        return Score(name, value)
    return Score(name, None, "no score, because the photo is too even or too regular to be measured")


def _brisque(grey: np.ndarray) -> float:
    """BRISQUE of HxW float32 levels 0..255."""
    import torch
    from pyiqa.archs.brisque_arch import brisque

    coefficients, support_vectors = _svm()
    image = torch.from_numpy(grey)[None, None] / 255
    return float(brisque(image, sv_coef=coefficients, sv=support_vectors))


@cache
def _svm() -> tuple[torch.Tensor, torch.Tensor]:
    from safetensors.torch import load_file

    tensors = load_file(_BRISQUE_SVM)
    return tensors["coefficients"], tensors["support_vectors"]


def _piqe(grey: np.ndarray) -> float:
    """PIQE of HxW float32 levels 0..255; padded here, because pyiqa drops blocks that are not whole."""
    import torch
    from pyiqa.archs.piqe_arch import piqe

    height, width = grey.shape
    padded = np.pad(grey, ((0, -height % _PIQE_BLOCK), (0, -width % _PIQE_BLOCK)), mode="symmetric")
    return float(piqe(torch.from_numpy(padded)[None, None] / 255)[0])


def compare(pixels: np.ndarray, reference: np.ndarray) -> dict[str, Score]:
    """PSNR (dB) and SSIM, keys "psnr" and "ssim", of HxWx3 pixels in [0, 1]; higher is better for both.

    A score's value is None, with the reason, if the sizes differ, the two are identical (PSNR) or too small
    (SSIM).
    """
    if pixels.shape != reference.shape:
        sizes = " and ".join(f"{image.shape[1]} x {image.shape[0]}" for image in (pixels, reference))
        reason = f"no score, because photo and reference differ in size (width x height: {sizes})"
        return {"psnr": Score("PSNR", None, reason, False), "ssim": Score("SSIM", None, reason, False)}
    decibels, similarity, identical, small = psnr(pixels, reference), None, None, None
    if math.isinf(decibels):
        decibels, identical = None, "no score, because photo and reference are identical"
    if min(pixels.shape[:2]) < _WINDOW:
        small = f"no score, because the photo is smaller than {_WINDOW} pixels"
    else:
        similarity = ssim(pixels, reference)
    return {
        "psnr": Score("PSNR", decibels, identical, False),
        "ssim": Score("SSIM", similarity, small, False),
    }


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB over all values of two arrays in [0, 1]; inf if they are equal.

    Raises ValueError if the shapes differ. Values are not rounded to 8 bits.
    """
    _check_shapes(a, b)
    error = sum(float(np.square(a[top] - b[top], dtype=np.float64).sum()) for top in _strips(a)) / a.size
    return math.inf if error == 0 else -10 * math.log10(error)


def luma_psnr(a: np.ndarray, b: np.ndarray) -> float:
    """PSNR in dB of the luma of two HxWx3 arrays in [0, 1], as deraining papers quote it.

    Luma is Y of BT.601 in its range of 16..235 out of 255, and the peak is 255. inf if the channels are
    equal. Raises ValueError if the shapes differ.
    """
    _check_shapes(a, b)
    weights = np.array([65.481, 128.553, 24.966]) / 255
    return psnr(a @ weights, b @ weights)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Mean structural similarity, at most 1, of two HxWx3 arrays in [0, 1].

    Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP 13
    (2004), on each channel: an 11x11 Gaussian of sigma 1.5, only where it lies inside the photo. Raises
    ValueError if the shapes differ or a side is shorter than 11 pixels.
    """
    _check_shapes(a, b)
    height, width, channels = a.shape
    if min(height, width) < _WINDOW:
        raise ValueError(f"SSIM needs {_WINDOW} pixels a side, the photos have {height} x {width}")
    import torch

    offsets = torch.arange(_WINDOW, dtype=torch.float32) - _WINDOW // 2
    window = torch.exp(-offsets.square() / (2 * 1.5**2))
    window = (window / window.sum())[None, None]
    total = 0.0
    with torch.inference_mode():
        for top in range(0, height - _WINDOW + 1, _STRIP_ROWS):
            rows = slice(top, top + _STRIP_ROWS + _WINDOW - 1)
            x, y = (torch.from_numpy(np.ascontiguousarray(image[rows], np.float32)) for image in (a, b))
            similarity = _similarity(x.permute(2, 0, 1), y.permute(2, 0, 1), window)
            total += float(similarity.sum(dtype=torch.float64))
    return total / (channels * (height - _WINDOW + 1) * (width - _WINDOW + 1))


def _similarity(x: torch.Tensor, y: torch.Tensor, window: torch.Tensor) -> torch.Tensor:
    """The SSIM map of two CxHxW images; `window` is the normalised 1x1x11 Gaussian."""
    import torch

    moments = torch.cat([x, y, x * x, y * y, x * y])[:, None]
    moments = torch.nn.functional.conv2d(moments, window[..., None])
    moments = torch.nn.functional.conv2d(moments, window[:, :, None])
    mean_x, mean_y, square_x, square_y, product = moments[:, 0].chunk(5)
    variances = square_x - mean_x.square() + square_y - mean_y.square()
    covariance = product - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x.square() + mean_y.square() + c1)
    return luminance * (2 * covariance + c2) / (variances + c2)


def _strips(image: np.ndarray) -> list[slice]:
    return [slice(top, top + _STRIP_ROWS) for top in range(0, len(image), _STRIP_ROWS)]


def _check_shapes(a: np.ndarray, b: np.ndarray) -> None:
    if a.shape != b.shape:
        raise ValueError(f"the photos have different shapes, {a.shape} and {b.shape}")

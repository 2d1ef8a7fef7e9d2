"""How near a photo is to a reference: PSNR and SSIM."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from uniremoval.quality.metrics import BY_REFERENCE, Score, score_of

if TYPE_CHECKING:
    import torch

_WINDOW = 11
_STRIP_ROWS = 512


def compare(pixels: np.ndarray, reference: np.ndarray) -> dict[str, Score]:
    """PSNR (dB) and SSIM, keys "psnr" and "ssim", of HxWx3 pixels in [0, 1]; higher is better for both.

    Pixels are rounded to 8 bits, as for published numbers. A score's value is None, with the reason, if the sizes
    differ, the two are identical (PSNR) or too small (SSIM).
    """
    if pixels.shape != reference.shape:
        sizes = " and ".join(f"{image.shape[1]} x {image.shape[0]}" for image in (pixels, reference))
        reason = f"no score, because photo and reference differ in size (width x height: {sizes})"
        return {key: score_of(key, None, reason) for key in BY_REFERENCE}
    pixels, reference = (np.rint(image * 255) / np.float32(255) for image in (pixels, reference))
    decibels = psnr(pixels, reference)
    identical = "no score, because photo and reference are identical" if math.isinf(decibels) else None
    tiny = min(pixels.shape[:2]) < _WINDOW
    small = f"no score, because the photo is smaller than {_WINDOW} pixels" if tiny else None
    return {
        "psnr": score_of("psnr", None if identical else decibels, identical),
        "ssim": score_of("ssim", None if small else ssim(pixels, reference), small),
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
        raise ValueError(f"SSIM needs {_WINDOW} pixels per side, the photos have {height} x {width}")
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

"""The losses of JPEG (ISO/IEC 10918-1), without writing a file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMINANCE = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8 for _ in range(4)),
)
"""Tables K.1 and K.2 of the standard."""
TO_YCBCR = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
TO_RGB = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))


def jpeg(photos: Tensor, qualities: Sequence[int], halved: bool) -> Tensor:
    """Nx3xHxW in [0, 1] -> the same after JPEG, in steps of 1/255.

    qualities: one per photo, from 1 to 100 as libjpeg counts them.
    halved: colour is kept at half the resolution, 4:2:0.
    """
    height, width = photos.shape[-2:]
    block = 16 if halved else 8
    padded = (photos * 255).round_()
    if height % block or width % block:
        padded = F.pad(padded, (0, -width % block, 0, -height % block), mode="replicate")
    luma, chroma = _turned(padded, TO_YCBCR).split((1, 2), dim=1)
    if halved:
        chroma = F.avg_pool2d(chroma, 2)
    luma = _quantised(luma - 128, LUMINANCE, qualities) + 128
    chroma = _quantised(chroma, CHROMINANCE, qualities)
    if halved:
        chroma = F.interpolate(chroma, scale_factor=2, mode="bilinear")
    decoded = _turned(torch.cat([luma, chroma], dim=1), TO_RGB)[..., :height, :width]
    return decoded.round_().clamp_(0, 255).div_(255)


def _turned(photos: Tensor, matrix: Sequence[Sequence[float]]) -> Tensor:
    """Colours of Nx3xHxW by a 3x3 matrix."""
    return torch.matmul(torch.tensor(matrix, device=photos.device), photos.flatten(2)).view_as(photos)


def _quantised(x: Tensor, table: Sequence[Sequence[int]], qualities: Sequence[int]) -> Tensor:
    """NxCxHxW, H and W multiples of 8 -> the same with the cosine transform of every 8x8 block quantised."""
    n, channels, height, width = x.shape
    scaled = torch.from_numpy(np.stack([_scaled(table, quality) for quality in qualities]))
    steps = scaled.to(x.device)[:, None, None].repeat(1, 1, 1, 1, width // 8)
    cosine = _cosine().to(x.device)
    rows = torch.matmul(cosine, x.reshape(n, channels, height // 8, 8, width))
    values = torch.matmul(rows.view(-1, 8), cosine.T).view_as(rows)
    values = (values / steps).round_().mul_(steps)
    rows = torch.matmul(values.view(-1, 8), cosine).view_as(rows)
    return torch.matmul(cosine.T, rows).view(x.shape)


def _scaled(table: Sequence[Sequence[int]], quality: int) -> np.ndarray:
    """8x8 quantisation steps as libjpeg scales them."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((np.array(table) * percent + 50) // 100, 1, 255).astype(np.float32)


def _cosine() -> Tensor:
    """The 8x8 matrix of the orthonormal discrete cosine transform, type II."""
    k, n = np.mgrid[0:8, 0:8]
    matrix = np.cos(np.pi * (2 * n + 1) * k / 16) / 2
    matrix[0] /= np.sqrt(2)
    return torch.from_numpy(matrix.astype(np.float32))

"""Comparison of photos by their frequencies."""

from __future__ import annotations

import torch
from torch import Tensor


def frequency_distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of the orthonormal Fourier coefficients (Cho et al. 2021, MIMO-UNet): a scalar.

    a, b: NxCxHxW. Pixel by pixel, a blurred edge is nearly right already; here its missing high frequencies count as
    much as low ones, so that a network cannot rest at its input.
    """
    difference = torch.fft.rfft2(a.float() - b.float(), norm="ortho")
    return torch.view_as_real(difference).abs().mean()

"""Convolution of every photo of a batch by a kernel of its own, in the frequency domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from train.degradations.fields import Array


@dataclass(frozen=True)
class Kernel:
    """A sparse kernel. offsets: Px2 whole pixels (y, x) from its centre; weights: P. A place may come twice."""

    offsets: NDArray[np.int64]
    weights: Array

    @property
    def reach(self) -> int:
        """Pixels from the centre to the farthest offset, along rows or columns."""
        return int(np.abs(self.offsets).max())


def splat(path: Array) -> Kernel:
    """Mx2 positions (y, x) in pixels at equal times -> kernel that sums to 1; positions between pixels are shared
    bilinearly."""
    fine = np.stack([np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(path)), axis) for axis in path.T], 1)
    corner = np.floor(fine).astype(np.int64)
    part = fine - corner
    offsets, weights = [], []
    for dy in (0, 1):
        for dx in (0, 1):
            offsets.append(corner + (dy, dx))
            weights.append(np.abs(1 - dy - part[:, 0]) * np.abs(1 - dx - part[:, 1]))
    return Kernel(np.concatenate(offsets), (np.concatenate(weights) / len(fine)).astype(np.float32))


def dense(values: Array, faintest: float = 0.0) -> Kernel:
    """Odd-sized kxk array -> kernel of what is above `faintest`."""
    places = np.argwhere(values > faintest)
    return Kernel(places - values.shape[0] // 2, values[tuple(places.T)].astype(np.float32))


def on_torus(kernels: Sequence[Kernel], size: Sequence[int], device: torch.device | str) -> Tensor:
    """NxHxW: every kernel with its centre at (0, 0), what lies before it wrapped around."""
    height, width = size
    places = [
        row * height * width + kernel.offsets[:, 0] % height * width + kernel.offsets[:, 1] % width
        for row, kernel in enumerate(kernels)
    ]
    index = torch.from_numpy(np.concatenate(places)).to(device)
    weights = torch.from_numpy(np.concatenate([kernel.weights for kernel in kernels])).to(device)
    flat = torch.zeros(len(kernels) * height * width, device=device)
    return flat.index_put_((index,), weights, accumulate=True).view(len(kernels), *size)


class Mirrored:
    """NxCxHxW photos made ready to be convolved by kernels that reach at most `reach` pixels, less than the photos are
    large; edges are mirrored."""

    def __init__(self, photos: Tensor, reach: int) -> None:
        self.reach, self.size = reach, tuple(photos.shape[-2:])
        self.shape = tuple(_fast_length(n + 2 * reach) for n in self.size)
        self.spectrum = torch.fft.rfft2(F.pad(photos, (reach,) * 4, mode="reflect"), self.shape)

    def convolved(self, kernels: Sequence[Kernel], rows: Sequence[int] | None = None) -> Tensor:
        """Photos of `rows` (None: all), each by its kernel; as large as before."""
        spectrum = self.spectrum if rows is None else self.spectrum[list(rows)]
        masks = torch.fft.rfft2(on_torus(kernels, self.shape, spectrum.device))
        full = torch.fft.irfft2(spectrum * masks[:, None], self.shape)
        return full[..., self.reach : self.reach + self.size[0], self.reach : self.reach + self.size[1]]


def convolve(photos: Tensor, kernels: Sequence[Kernel]) -> Tensor:
    """NxCxHxW photos, each by a kernel of its own, edges mirrored; NxCxHxW."""
    return Mirrored(photos, max(kernel.reach for kernel in kernels)).convolved(kernels)


def _fast_length(n: int) -> int:
    """Smallest even length >= n with no prime factor above 5, which the FFT is quick at."""
    n += n % 2
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 2

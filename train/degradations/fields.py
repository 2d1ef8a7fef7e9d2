"""Smooth random fields and convolution, shared by the degradation models."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

Array = NDArray[np.float32]


def smooth_noise(size: tuple[int, int], cells: int, rng: np.random.Generator) -> Array:
    """HxW field in [0, 1] whose bumps are about 1/cells of the photo wide."""
    coarse = rng.random((cells + 2, cells + 2), dtype=np.float32)
    image = Image.fromarray(coarse).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(image), 0, 1)


def convolve(photo: Array, kernel: Array) -> Array:
    """HxWxC photo by an odd-sized kxk kernel, edges mirrored; HxWxC."""
    k = kernel.shape[0] // 2
    height, width = photo.shape[:2]
    padded = np.pad(photo, ((k, k), (k, k), (0, 0)), mode="symmetric").transpose(2, 0, 1)
    shape = tuple(_fast_length(n) for n in padded.shape[1:])
    full = inverse_spectrum(spectrum(padded, shape) * spectrum(kernel, shape), shape)
    return full[:, 2 * k : 2 * k + height, 2 * k : 2 * k + width].transpose(1, 2, 0)


def sprinkle(size: tuple[int, int], kernel: Array, density: float, rng: np.random.Generator) -> Array:
    """HxW sum of copies of an odd-sized kxk kernel, at random places and of random strength from 0.3 to 1.

    density: expected number of copies a pixel.
    """
    k = kernel.shape[0] // 2
    shape = (_fast_length(size[0] + 2 * k), _fast_length(size[1] + 2 * k))
    chances = rng.random(shape, dtype=np.float32)
    copies = np.where(chances < density, 0.3 + 0.7 * chances / np.float32(density), np.float32(0))
    full = inverse_spectrum(spectrum(copies, shape) * spectrum(kernel, shape), shape)
    return np.maximum(full[2 * k : 2 * k + size[0], 2 * k : 2 * k + size[1]], 0)


def spectrum(field: Array, shape: tuple[int, int]) -> Tensor:
    """Real Fourier transform over the last two axes, padded with zeros to `shape`. torch's is 5 times as fast as
    numpy's here."""
    return torch.fft.rfft2(torch.from_numpy(np.ascontiguousarray(field)), shape)


def inverse_spectrum(values: Tensor, shape: tuple[int, int]) -> Array:
    """Back from `spectrum`: float32, the last two axes of size `shape`."""
    return torch.fft.irfft2(values, shape).numpy()


def _fast_length(n: int) -> int:
    """Smallest length >= n with no prime factor above 5, which the FFT is quick at."""
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 1

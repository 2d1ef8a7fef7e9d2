"""Marks that falling drops and flakes leave, strewn over a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from train.degradations.fields import Array
from train.degradations.kernels import Kernel

FAINTEST = 1 / 128
"""Opacity of a mark below which it is left out."""


@dataclass(frozen=True)
class Layer:
    """Marks of one shape. places: Mx2 whole pixels (y, x) of their centres, some outside of the view; strengths: M."""

    shape: Kernel
    places: NDArray[np.int64]
    strengths: Array


def strewn(shape: Kernel, size: Sequence[int], density: float, rng: np.random.Generator) -> Layer:
    """Marks at random places, of random strength from 0.3 to 1. density: expected number per pixel."""
    wide = np.array(size) + 2 * shape.reach
    count = int(rng.poisson(density * wide.prod()))
    places = rng.integers(0, wide, (count, 2)) - shape.reach
    return Layer(shape, places, rng.uniform(0.3, 1, count).astype(np.float32))


def painted(scenes: Sequence[Sequence[Layer]], size: Sequence[int], device: torch.device | str) -> Tensor:
    """Nx1xHxW sums of all marks of each scene."""
    margin = 2 * max((layer.shape.reach for scene in scenes for layer in scene), default=0)
    height, width = size[0] + 2 * margin, size[1] + 2 * margin
    step = np.array([width, 1])
    index, values = [], []
    for number, scene in enumerate(scenes):
        for layer in scene:
            first = number * height * width + (layer.places + margin) @ step
            index.append((_on(device, first)[:, None] + _on(device, layer.shape.offsets @ step)).flatten())
            values.append((_on(device, layer.strengths)[:, None] * _on(device, layer.shape.weights)).flatten())
    canvas = torch.zeros(len(scenes) * height * width, device=device)
    if index:
        canvas.index_put_((torch.cat(index),), torch.cat(values), accumulate=True)
    whole = canvas.view(len(scenes), 1, height, width)
    return whole[..., margin : margin + size[0], margin : margin + size[1]]


def _on(device: torch.device | str, array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)

"""Snow as layers of falling flakes, soft where they are out of focus (after Liu et al. 2018, "DesnowNet")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.degradations.fields import Array, Rngs, column, smooth_noise
from train.degradations.kernels import dense
from train.degradations.marks import FAINTEST, Layer, painted, strewn


@dataclass(frozen=True)
class Flakes:
    """One layer of flakes, and how opaque they are."""

    layer: Layer
    opacity: float


def snow(photos: Tensor, depth: Tensor | None, rngs: Rngs) -> Tensor:
    """Snow on photos.

    photos: Nx3xHxW in [0, 1]. depth is not used. One to four layers of flakes, near ones large, few and soft, far ones
    small and many, drawn out a little along their fall. Flakes cover what is behind them; a veil stands for those too
    far away to be seen singly.
    """
    size = tuple(photos.shape[-2:])
    falls = [_fall(size, rng) for rng in rngs]
    veil = column([rng.uniform(0, 0.25) for rng in rngs], photos)
    clear = 1 - veil * (0.7 + 0.6 * smooth_noise(size, [3] * len(rngs), rngs, photos.device))
    for number in range(max(map(len, falls))):
        rows = [row for row, layers in enumerate(falls) if number < len(layers)]
        index = torch.tensor(rows, device=photos.device)
        clear = clear.index_copy(0, index, clear[index] * (1 - _opacity([falls[row][number] for row in rows], photos)))
    light = column([rng.uniform(0.8, 1.0) for rng in rngs], photos)
    return (light + (photos - light) * clear).clamp(0, 1)


def _fall(size: Sequence[int], rng: np.random.Generator) -> list[Flakes]:
    wind = np.deg2rad(rng.normal(0, 30))
    layers = []
    for _ in range(int(rng.integers(1, 5))):
        radius = np.exp(rng.uniform(np.log(0.6), np.log(5)))
        coverage = rng.uniform(0.01, 0.12)
        flake = _flake(radius, radius * rng.uniform(0.3, 2.5), wind + rng.normal(0, 0.2), rng.uniform(0.2, 1.0))
        layer = strewn(dense(flake, FAINTEST), size, coverage / (np.pi * radius**2), rng)
        layers.append(Flakes(layer, rng.uniform(0.5, 1.0)))
    return layers


def _opacity(layers: list[Flakes], photos: Tensor) -> Tensor:
    """Mx1xHxW in [0, 1] of as many layers."""
    flakes = painted([[one.layer] for one in layers], tuple(photos.shape[-2:]), photos.device).clamp_(0, 1)
    return column([one.opacity for one in layers], photos) * flakes


def _flake(radius: float, fall: float, angle: float, sharpness: float) -> Array:
    """Opacity of one flake, peak 1: a disc with an edge softer the lower its sharpness, moved by `fall` pixels."""
    k = int(2 * radius + fall) + 3
    ys, xs = np.mgrid[-k : k + 1, -k : k + 1].astype(np.float32)
    steps = np.linspace(-fall / 2, fall / 2, 16, dtype=np.float32)[:, None, None]
    away = np.hypot(ys - steps * np.cos(angle), xs - steps * np.sin(angle))
    moved = (1 / (1 + np.exp(np.clip((away - radius) * 4 * sharpness / radius, -30, 30)))).mean(axis=0)
    return (moved / moved.max()).astype(np.float32)

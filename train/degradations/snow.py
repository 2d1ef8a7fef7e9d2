"""Snow as layers of falling flakes, soft where they are out of focus (after Liu et al. 2018, "DesnowNet")."""

from __future__ import annotations

import numpy as np

from .blur import splat
from .fields import Array, convolve, smooth_noise, sprinkle


def snow(photo: Array, depth: Array | None, rng: np.random.Generator) -> Array:
    """Snow on a photo.

    photo: HxWx3 in [0, 1]. depth is not used. One to four layers of flakes, near ones large, few and soft, far ones
    small and many, drawn out a little along their fall. Flakes cover what is behind them; a veil stands for those too
    far away to be seen singly.
    """
    size = photo.shape[:2]
    wind = np.deg2rad(rng.normal(0, 30))
    clear = np.ones(size, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        radius = np.exp(rng.uniform(np.log(0.6), np.log(5)))
        coverage = rng.uniform(0.01, 0.12)
        flake = _flake(radius, radius * rng.uniform(0.3, 2.5), wind + rng.normal(0, 0.2), rng.uniform(0.2, 1.0))
        layer = sprinkle(size, flake, coverage / (np.pi * radius**2), rng)
        clear *= 1 - np.clip(layer, 0, 1) * np.float32(rng.uniform(0.5, 1.0))
    veil = rng.uniform(0, 0.25) * (0.7 + 0.6 * smooth_noise(size, 3, rng))
    alpha = (1 - clear * (1 - veil))[..., None]
    light = np.float32(rng.uniform(0.8, 1.0))
    return np.clip(photo * (1 - alpha) + alpha * light, 0, 1).astype(np.float32)


def _flake(radius: float, fall: float, angle: float, sharpness: float) -> Array:
    """Opacity of one flake, peak 1: a disc with an edge softer the lower its sharpness, moved by `fall` pixels."""
    k = int(2 * radius + fall) + 3
    ys, xs = np.mgrid[-k : k + 1, -k : k + 1].astype(np.float32)
    disc = 1 / (1 + np.exp(np.clip((np.hypot(ys, xs) - radius) * 4 * sharpness / radius, -30, 30)))
    steps = np.linspace(-fall / 2, fall / 2, 16, dtype=np.float32)[:, None]
    path = steps * np.array([np.cos(angle), np.sin(angle)], np.float32)
    moved = convolve(disc[..., None].astype(np.float32), splat(path))[..., 0]
    return moved / moved.max()

"""Haze by the atmospheric scattering model (Koschmieder; Narasimhan and Nayar 2002): I = J t + A (1 - t)."""

from __future__ import annotations

import numpy as np

from .fields import Array, smooth_noise


def haze(photo: Array, depth: Array | None, rng: np.random.Generator) -> Array:
    """Haze a photo.

    photo: HxWx3 in [0, 1]. depth: HxW in [0, 1], 0 near and 1 far, relative; None: a plausible one is drawn.
    Transmission t = exp(-(near + beta d)) with the optical thickness beta between thin mist and dense fog; the
    airlight A is bright and nearly grey, a little bluish or yellowish as daylight is; density varies smoothly in a
    third of the photos.
    """
    size = photo.shape[:2]
    if depth is None or rng.random() < 0.2:
        depth = plausible_depth(size, rng)
    thickness = rng.uniform(0.2, 2.6)
    near = rng.uniform(0.0, 0.25) * thickness
    density = thickness * depth ** rng.uniform(0.7, 1.4) + near
    if rng.random() < 1 / 3:
        density = density * (0.6 + 0.8 * smooth_noise(size, int(rng.integers(2, 6)), rng))
    transmission = np.exp(-density)[..., None]
    warmth = rng.normal(0, 0.03)
    tint = np.array([warmth, 0.3 * warmth, -warmth]) + rng.normal(0, 0.006, 3)
    airlight = np.clip(rng.uniform(0.55, 1.0) + tint, 0.4, 1.0).astype(np.float32)
    return photo * transmission + airlight * (1 - transmission)


def plausible_depth(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """HxW in [0, 1]: a ground plane that recedes to a horizon, with smooth objects in front of it."""
    rows = np.linspace(1, 0, size[0], dtype=np.float32)[:, None]
    horizon = rng.uniform(0.2, 0.8)
    plane = np.clip(rows / horizon, 0, 1) ** rng.uniform(0.8, 2.0) * np.ones(size, np.float32)
    objects = smooth_noise(size, int(rng.integers(2, 7)), rng)
    return np.clip(plane + rng.uniform(0, 0.8) * (objects - 0.5), 0, 1).astype(np.float32)

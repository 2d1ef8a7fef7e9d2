"""Haze by the atmospheric scattering model (Koschmieder; Narasimhan and Nayar 2002): I = J t + A (1 - t)."""

from __future__ import annotations

import numpy as np

from .fields import Array, smooth_noise

THICKEST = 1.5
"""Largest optical thickness."""
SKY = 0.6
"""What is farthest and on average brighter than this is taken for sky."""


def haze(photo: Array, depth: Array | None, rng: np.random.Generator) -> Array:
    """Haze a photo.

    photo: HxWx3 in [0, 1]. depth: HxW in [0, 1], 0 near and 1 far, relative; None: a plausible one is drawn.
    Transmission t = exp(-(near + beta d)) with the optical thickness beta between thin mist and dense fog, thin more
    often than thick; the airlight A is mostly bright and nearly grey, a little bluish or yellowish as daylight is.
    Where what is farthest is bright, it is the sky, and A mostly about as bright: a network that never sees such a sky
    come back unchanged paints white skies dark. Density varies smoothly in a fifth of the photos. Transmission stays
    above 0.22: what is behind denser haze is lost to noise and 8 bits, and a network that is asked for it anyway paints
    dark blotches.
    """
    size = photo.shape[:2]
    if depth is None or rng.random() < 0.1:
        depth = plausible_depth(size, rng)
    thickness = 0.2 + 2.2 * rng.random() ** 1.3
    near = rng.uniform(0.0, 0.25) * thickness
    density = thickness * depth ** rng.uniform(0.7, 1.4) + near
    if rng.random() < 0.2:
        density = density * (0.8 + 0.4 * smooth_noise(size, int(rng.integers(2, 5)), rng))
    transmission = np.exp(-np.minimum(density, THICKEST))[..., None]
    warmth = rng.normal(0, 0.03)
    tint = np.array([warmth, 0.3 * warmth, -warmth]) + rng.normal(0, 0.006, 3)
    airlight = 1 - 0.45 * rng.random() ** 1.7 + tint
    farthest = photo[depth >= np.quantile(depth, 0.95)].mean()
    if farthest > SKY and rng.random() < 0.8:
        airlight += rng.uniform(0.6, 1.0) * (farthest - airlight.mean())
    airlight = np.clip(airlight, 0.4, 1.0).astype(np.float32)
    return photo * transmission + airlight * (1 - transmission)


def plausible_depth(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """HxW in [0, 1]: a ground plane that recedes to a horizon, with smooth objects in front of it."""
    rows = np.linspace(1, 0, size[0], dtype=np.float32)[:, None]
    horizon = rng.uniform(0.2, 0.8)
    plane = np.clip(rows / horizon, 0, 1) ** rng.uniform(0.8, 2.0) * np.ones(size, np.float32)
    objects = smooth_noise(size, int(rng.integers(2, 7)), rng)
    return np.clip(plane + rng.uniform(0, 0.4) * (objects - 0.5), 0, 1).astype(np.float32)

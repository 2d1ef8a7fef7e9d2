"""Rain as layers of motion-blurred drops (Garg and Nayar 2007; Yang et al. 2017, "heavy rain" model)."""

from __future__ import annotations

import numpy as np

from .fields import Array, smooth_noise, sprinkle

LONGEST_RADIUS = 64


def rain(photo: Array, depth: Array | None, rng: np.random.Generator) -> Array:
    """Rain on a photo.

    photo: HxWx3 in [0, 1]. depth is not used. One to four streak layers share a wind direction; near layers have
    few long, wide, soft streaks, far ones many short and thin. Streaks add light or cover the background. Heavy rain
    often comes with a veil, the sum of all drops too far away to be seen singly; light rain seldom and thinly, or a
    network takes the colour out of photos that have none. In a quarter of heavy rain, drops splash below a horizon.
    """
    size = photo.shape[:2]
    heavy = rng.random() < 0.5
    wind = rng.normal(0, 16)
    streaks = np.zeros(size, np.float32)
    for _ in range(int(rng.integers(2, 5) if heavy else rng.integers(1, 3))):
        streaks += streak_layer(size, wind, heavy, rng)
    if heavy and rng.random() < 0.25:
        streaks += splashes(size, rng)
    strength = rng.uniform(0.4, 1.0) if heavy else rng.uniform(0.15, 1.0)
    alpha = np.clip(strength * streaks, 0, 1)[..., None]
    light = np.clip(rng.uniform(0.75, 1.0) + rng.normal(0, 0.015, 3), 0, 1).astype(np.float32)
    rained = photo + alpha * light if rng.random() < 0.6 else photo * (1 - alpha) + alpha * light
    if rng.random() < (0.4 if heavy else 0.15):
        veil = rng.uniform(0.02, 0.3 if heavy else 0.12) * (0.7 + 0.6 * smooth_noise(size, 3, rng))[..., None]
        rained = rained * (1 - veil) + veil * light * rng.uniform(0.7, 1.0)
    return np.clip(rained, 0, 1).astype(np.float32)


def streak_layer(size: tuple[int, int], wind: float, heavy: bool, rng: np.random.Generator) -> Array:
    """HxW opacity >= 0 of one layer: random drops, each drawn out along its fall by the exposure.

    wind: mean angle of the fall in degrees from the vertical.
    """
    width = rng.uniform(0.5, 1.6) if heavy else rng.uniform(0.4, 1.3)
    length = rng.uniform(12, 70) * min(1.0, 0.4 + width / 2)
    per_streak = 2 * width * length
    coverage = rng.uniform(0.05, 0.35) if heavy else rng.uniform(0.005, 0.12)
    variants = 3
    layer = np.zeros(size, np.float32)
    for _ in range(variants):
        angle = wind + rng.normal(0, 2.5)
        kernel = _streak(length * rng.uniform(0.7, 1.3), width * rng.uniform(0.7, 1.3), angle)
        layer += sprinkle(size, kernel, coverage / per_streak / variants, rng)
    return layer


def splashes(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """HxW opacity >= 0 of drops that burst on the ground: wide, low spots, the more the nearer to the lower edge."""
    spread = rng.uniform(0.8, 2.0)
    k = int(6 * spread)
    ys, xs = np.mgrid[-k : k + 1, -k : k + 1].astype(np.float32)
    spot = np.exp(-0.5 * ((xs / (1.8 * spread)) ** 2 + (ys / spread) ** 2)).astype(np.float32)
    ground = np.linspace(-rng.uniform(0.3, 2.0), 1, size[0], dtype=np.float32).clip(0)[:, None]
    return ground * sprinkle(size, spot, rng.uniform(0.02, 0.1) / (11 * spread**2), rng)


def _streak(length: float, width: float, angle: float) -> Array:
    """Profile of one streak, peak 1: Gaussian across, flat along with soft ends."""
    radius = int(min(length / 2 + 3 * width + 1, LONGEST_RADIUS))
    ys, xs = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    turn = np.deg2rad(angle)
    along = ys * np.cos(turn) + xs * np.sin(turn)
    across = xs * np.cos(turn) - ys * np.sin(turn)
    ends = 1 / (1 + np.exp(np.clip((np.abs(along) - length / 2) / (0.08 * length + 0.5), -30, 30)))
    return (np.exp(-0.5 * (across / width) ** 2) * ends).astype(np.float32)

"""Rain as layers of motion-blurred drops (Garg and Nayar 2007; Yang et al. 2017, "heavy rain" model)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from train.degradations.fields import Array, Rngs, column, smooth_noise, with_rows
from train.degradations.kernels import Kernel, dense
from train.degradations.marks import FAINTEST, Layer, painted, strewn

LONGEST_RADIUS = 64
"""Of streaks, in pixels."""
USUAL_SIDE = 256
"""Pixels a side of the view that sizes in pixels are meant for; in larger views all may be larger."""
VARIANTS = 3
"""Shapes of the streaks of one layer."""


@dataclass(frozen=True)
class Shower:
    """Rain on one photo. light: 3, the colour of drops; covers: 1 where they hide what is behind, 0 where they add to
    it; veil, veil_light: opacity (0: none) of what is too far away to be seen singly, and how bright it is."""

    layers: list[Layer]
    strength: float
    light: Array
    covers: float
    veil: float
    veil_light: float


def rain(photos: Tensor, depth: Tensor | None, rngs: Rngs) -> Tensor:
    """Rain on photos.

    photos: Nx3xHxW in [0, 1]. depth is not used. One to four streak layers share a wind direction; near layers have
    few long, wide, soft streaks, far ones many short and thin. Streaks add light or cover the background. Heavy rain
    often comes with a veil, the sum of all drops too far away to be seen singly; light rain seldom and thinly, or a
    network takes the colour out of photos that have none. In a quarter of heavy rain, drops splash below a horizon.
    """
    size = tuple(photos.shape[-2:])
    showers = [_shower(size, rng) for rng in rngs]
    streaks = painted([shower.layers for shower in showers], size, photos.device)
    alpha = (column([shower.strength for shower in showers], photos) * streaks).clamp_(0, 1)
    light = column([shower.light for shower in showers], photos)
    rained = photos + alpha * (light - column([shower.covers for shower in showers], photos) * photos)

    rows = [row for row, shower in enumerate(showers) if shower.veil]

    def veiled(part: Tensor) -> Tensor:
        field = smooth_noise(size, [3] * len(rows), [rngs[row] for row in rows], photos.device)
        veil = column([showers[row].veil for row in rows], photos) * (0.7 + 0.6 * field)
        colours = [showers[row].light * showers[row].veil_light for row in rows]
        return part + veil * (column(colours, photos) - part)

    return with_rows(rained, rows, veiled).clamp(0, 1)


def _shower(size: Sequence[int], rng: np.random.Generator) -> Shower:
    heavy = rng.random() < 0.5
    wind = rng.normal(0, 16)
    zoom = max(1.0, min(size) / USUAL_SIDE) ** rng.random()
    layers = []
    for _ in range(int(rng.integers(2, 5) if heavy else rng.integers(1, 3))):
        layers += streak_layer(size, wind, heavy, zoom, rng)
    if heavy and rng.random() < 0.25:
        layers.append(splashes(size, rng))
    strength = rng.uniform(0.4, 1.0) if heavy else rng.uniform(0.15, 1.0)
    light = np.clip(rng.uniform(0.75, 1.0) + rng.normal(0, 0.015, 3), 0, 1).astype(np.float32)
    covers = float(rng.random() >= 0.6)
    has_veil = rng.random() < (0.4 if heavy else 0.15)
    veil = rng.uniform(0.02, 0.3 if heavy else 0.12) if has_veil else 0.0
    return Shower(layers, strength, light, covers, veil, rng.uniform(0.7, 1.0))


def streak_layer(size: Sequence[int], wind: float, heavy: bool, zoom: float, rng: np.random.Generator) -> list[Layer]:
    """Random drops, each drawn out along its fall by the exposure.

    wind: mean angle of the fall in degrees from the vertical. zoom: how much larger than usual drops are.
    """
    width = rng.uniform(0.5, 1.6) if heavy else rng.uniform(0.4, 1.3)
    length = zoom * rng.uniform(12, 70) * min(1.0, 0.4 + width / 2)
    width *= zoom
    coverage = rng.uniform(0.05, 0.35) if heavy else rng.uniform(0.005, 0.12)
    density = coverage / (2 * width * length) / VARIANTS
    layers = []
    for _ in range(VARIANTS):
        angle = wind + rng.normal(0, 2.5)
        shape = streak(length * rng.uniform(0.7, 1.3), width * rng.uniform(0.7, 1.3), angle)
        layers.append(strewn(shape, size, density, rng))
    return layers


def splashes(size: Sequence[int], rng: np.random.Generator) -> Layer:
    """Drops that burst on the ground: wide, low spots, the more the nearer to the lower edge."""
    spread = rng.uniform(0.8, 2.0)
    k = int(6 * spread)
    ys, xs = np.mgrid[-k : k + 1, -k : k + 1]
    spot = np.exp(-0.5 * ((xs / (1.8 * spread)) ** 2 + (ys / spread) ** 2))
    ground = np.linspace(-rng.uniform(0.3, 2.0), 1, size[0], dtype=np.float32).clip(0)
    layer = strewn(dense(spot, FAINTEST), size, rng.uniform(0.02, 0.1) / (11 * spread**2), rng)
    fading = ground[layer.places[:, 0].clip(0, size[0] - 1)]
    return replace(layer, strengths=layer.strengths * fading)


def streak(length: float, width: float, angle: float) -> Kernel:
    """One streak, peak 1: Gaussian across with the standard deviation `width`, flat along with soft ends.

    length, width: pixels. angle: degrees from the vertical.
    """
    turn = np.deg2rad(angle)
    radius = int(min(length / 2 + 3 * width + 1, LONGEST_RADIUS))
    ys = np.arange(-radius, radius + 1)[:, None]
    half = int(3.2 * width / max(abs(np.cos(turn)), 0.1)) + 1
    xs = np.rint(ys * np.tan(turn)).astype(np.int64) + np.arange(-half, half + 1)
    along = ys * np.cos(turn) + xs * np.sin(turn)
    across = xs * np.cos(turn) - ys * np.sin(turn)
    ends = 1 / (1 + np.exp(np.clip((np.abs(along) - length / 2) / (0.08 * length + 0.5), -30, 30)))
    values = np.exp(-0.5 * (across / width) ** 2) * ends
    seen = (values > FAINTEST) & (np.abs(xs) <= radius)
    return Kernel(np.stack([(ys + 0 * xs)[seen], xs[seen]], axis=1), values[seen].astype(np.float32))

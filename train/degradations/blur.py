"""Blur of a moving or badly focused camera: light is averaged over the exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.degradations.fields import Array, Rngs, column, smooth_noise, with_rows
from train.degradations.kernels import Kernel, Mirrored, convolve, dense, splat

GAMMA = 2.2
SHORTEST, LONGEST_SHARE = 1.5, 1 / 12
"""Of paths: pixels, and share of the shorter side of the view."""


@dataclass(frozen=True)
class Exposure:
    """How one photo is blurred. highlights: how many times brighter than recorded the brightest are, less one; second:
    the kernel that the photo's other places have; contrast: how sharply both meet; mover: that of a thing in front, and
    how little of the photo is it."""

    kernel: Kernel
    linear: bool
    highlights: float
    second: Kernel | None
    contrast: float
    mover: Kernel | None
    rareness: float


def blur(photos: Tensor, depth: Tensor | None, rngs: Rngs) -> Tensor:
    """Blur photos.

    photos: Nx3xHxW in [0, 1]. depth is not used. Nineteen in twenty are shaken along a path; a sixth of those vary over
    the photo (roll and parallax: the same path, scaled and turned), and in a tenth something moves by itself in front;
    one in twenty is defocused. Light is averaged as sensors do, linearly, where highlights may be brighter than the
    sensor records (Cho et al. 2011) and smear out saturated, or in gamma-encoded values, as benchmarks made of video
    frames do (Nah et al. 2017): mostly the former along short paths and the latter along long ones, since a network in
    doubt about either does too little.
    """
    longest = LONGEST_SHARE * min(photos.shape[-2:])
    exposures = [_exposure(longest, rng) for rng in rngs]
    in_light = [row for row, exposure in enumerate(exposures) if exposure.linear]
    light = with_rows(photos, in_light, lambda part: _light(part, [exposures[row].highlights for row in in_light]))
    reach = max(kernel.reach for one in exposures for kernel in (one.kernel, one.second) if kernel)
    mirrored = Mirrored(light, reach)
    blurred = mirrored.convolved([exposure.kernel for exposure in exposures])

    varied = [row for row, exposure in enumerate(exposures) if exposure.second]
    blurred = with_rows(blurred, varied, lambda part: _varied(part, mirrored, varied, exposures, rngs))
    moving = [row for row, exposure in enumerate(exposures) if exposure.mover]
    blurred = with_rows(
        blurred,
        moving,
        lambda part: _with_moving_objects(
            part, light[moving], [exposures[row] for row in moving], [rngs[row] for row in moving]
        ),
    ).clamp(0, 1)
    return with_rows(blurred, in_light, lambda part: part ** (1 / GAMMA))


def _exposure(longest: float, rng: np.random.Generator) -> Exposure:
    path = shake_path(longest, rng) if rng.random() < 0.95 else None
    short = path is None or np.ptp(path, axis=0).max() < 10
    linear = rng.random() < (0.8 if short else 0.2)
    highlights = rng.uniform(0, 3) if linear and rng.random() < 0.5 else 0.0
    second = mover = None
    contrast = rareness = 0.0
    if path is None:
        kernel = _disc(rng.uniform(0.7, 4.0))
    else:
        kernel = splat(path)
        if rng.random() < 1 / 6:
            scale, turn = rng.uniform(0.0, 1.2), rng.normal(0, 0.2)
            rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            second, contrast = splat(scale * path @ rotation), rng.uniform(2, 8)
        if rng.random() < 0.1:
            mover, rareness = splat(shake_path(longest, rng)), rng.uniform(0.55, 0.7)
    return Exposure(kernel, linear, highlights, second, contrast, mover, rareness)


def _light(photos: Tensor, highlights: Sequence[float]) -> Tensor:
    """Linear light on the sensor: Nx3xHxW, at least 0, highlights above 1."""
    light = photos**GAMMA
    brighter = [row for row, value in enumerate(highlights) if value]
    times = column([highlights[row] for row in brighter], photos) if brighter else light
    return with_rows(light, brighter, lambda part: part * (1 + times * ((part - 0.95) / 0.05).clamp(0, 1)))


def _varied(
    blurred: Tensor, mirrored: Mirrored, rows: Sequence[int], exposures: Sequence[Exposure], rngs: Rngs
) -> Tensor:
    """Mx3xHxW photos of `rows`, blurred by their first kernels -> partly by their second, too."""
    own = [rngs[row] for row in rows]
    share = smooth_noise(mirrored.size, [int(rng.integers(1, 4)) for rng in own], own, blurred.device)
    share = ((share - 0.5) * column([exposures[row].contrast for row in rows], share) + 0.5).clamp(0, 1)
    seconds = [second for row in rows if (second := exposures[row].second)]
    return torch.lerp(blurred, mirrored.convolved(seconds, rows), share)


def _with_moving_objects(background: Tensor, light: Tensor, exposures: Sequence[Exposure], rngs: Rngs) -> Tensor:
    """A smooth shape cut from each sharp photo passes in front of the blurred one, along a path of its own."""
    shape = smooth_noise(tuple(light.shape[-2:]), [int(rng.integers(2, 5)) for rng in rngs], rngs, light.device)
    shape = ((shape - column([exposure.rareness for exposure in exposures], shape)) * 40).clamp(0, 1)
    movers = [mover for exposure in exposures if (mover := exposure.mover)]
    moved = convolve(torch.cat([light * shape, shape], dim=1), movers)
    return background * (1 - moved[:, 3:]) + moved[:, :3]


def shake_path(longest: float, rng: np.random.Generator) -> Array:
    """Mx2 positions (y, x) in pixels at equal times, (0, 0) half-way through the exposure.

    Of all lengths up to `longest` pixels, the shorter the likelier. Seven in ten are straight and even: a hand has no
    time for more in a fraction of a second, and a network learns to undo one kind of path long before it has a guess at
    all of them. Two in ten bend and vary in speed a little, one wanders (Boracchi and Foi 2012 model such shake as a
    random walk with inertia).
    """
    points = 64
    length = SHORTEST + max(longest - SHORTEST, 0) * rng.random() ** 1.5
    kind = rng.random()
    bend = 0.0 if kind < 0.7 else rng.normal(0, 0.2 if kind < 0.9 else 1.5)
    wobble = np.cumsum(rng.normal(0, abs(bend) / np.sqrt(points), points))
    heading = rng.uniform(0, 2 * np.pi) + np.linspace(-bend / 2, bend / 2, points) + wobble
    phase = np.linspace(0, rng.uniform(0, 2 * np.pi), points) + rng.uniform(0, 2 * np.pi)
    speed = 1 + (rng.uniform(0, 0.5) if bend else 0.0) * np.sin(phase)
    path = np.cumsum(np.stack([np.sin(heading), np.cos(heading)], axis=1) * speed[:, None], axis=0)
    path *= length / speed.sum()
    return (path - path[points // 2]).astype(np.float32)


def _disc(radius: float) -> Kernel:
    """Kernel of a defocused lens: a disc with an edge one pixel soft."""
    k = int(radius) + 2
    ys, xs = np.mgrid[-k : k + 1, -k : k + 1]
    disc = np.clip(radius + 0.5 - np.hypot(ys, xs), 0, 1)
    return dense(disc / disc.sum())

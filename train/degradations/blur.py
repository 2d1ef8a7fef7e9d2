"""Blur of a moving or badly focused camera: light is averaged over the exposure."""

from __future__ import annotations

import numpy as np

from .fields import Array, convolve, smooth_noise

GAMMA = 2.2
SHORTEST, LONGEST = 1.5, 40.0


def blur(photo: Array, depth: Array | None, rng: np.random.Generator) -> Array:
    """Blur a photo.

    photo: HxWx3 in [0, 1]. depth is not used. Nineteen in twenty are shaken along a path; a sixth of those vary over
    the photo (roll and parallax: the same path, scaled and turned), and in a tenth something moves by itself in front;
    one in twenty is defocused. Light is averaged as sensors do, linearly, where highlights may be brighter than the
    sensor records (Cho et al. 2011) and smear out saturated, or in gamma-encoded values, as benchmarks made of video
    frames do (Nah et al. 2017): mostly the former along short paths and the latter along long ones, since a network in
    doubt about either does too little.
    """
    path = shake_path(rng) if rng.random() < 0.95 else None
    short = path is None or np.ptp(path, axis=0).max() < 10
    gamma = GAMMA if rng.random() < (0.8 if short else 0.2) else 1.0
    linear = photo**gamma
    if gamma == GAMMA and rng.random() < 0.5:
        bright = np.clip((linear - 0.95) / 0.05, 0, 1)
        linear = linear * (1 + rng.uniform(0, 3) * bright)
    if path is None:
        blurred = convolve(linear, _disc(rng.uniform(0.7, 4.0)))
    else:
        blurred = convolve(linear, splat(path))
        if rng.random() < 1 / 6:
            scale, turn = rng.uniform(0.0, 1.2), rng.normal(0, 0.2)
            rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            share = smooth_noise(photo.shape[:2], int(rng.integers(1, 4)), rng)
            share = np.clip((share - 0.5) * rng.uniform(2, 8) + 0.5, 0, 1)[..., None]
            blurred += share * (convolve(linear, splat(scale * path @ rotation)) - blurred)
        if rng.random() < 0.1:
            blurred = _with_moving_object(blurred, linear, rng)
    return np.clip(blurred, 0, 1).astype(np.float32) ** np.float32(1 / gamma)


def _with_moving_object(background: Array, linear: Array, rng: np.random.Generator) -> Array:
    """A smooth shape cut from the sharp photo passes in front of the blurred one, along a path of its own."""
    shape = smooth_noise(linear.shape[:2], int(rng.integers(2, 5)), rng)
    shape = np.clip((shape - rng.uniform(0.55, 0.7)) * 40, 0, 1)[..., None]
    path = splat(shake_path(rng))
    return background * (1 - convolve(shape, path)) + convolve(linear * shape, path)


def shake_path(rng: np.random.Generator) -> Array:
    """Nx2 positions (y, x) in pixels at equal times, (0, 0) half-way through the exposure.

    Of all lengths, the shorter the likelier. Seven in ten are straight and even: a hand has no time for more in a
    fraction of a second, and a network learns to undo one kind of path long before it has a guess at all of them. Two
    in ten bend and vary in speed a little, one wanders (Boracchi and Foi 2012 model such shake as a random walk with
    inertia).
    """
    points = 64
    length = SHORTEST + (LONGEST - SHORTEST) * rng.random() ** 1.5
    kind = rng.random()
    bend = 0.0 if kind < 0.7 else rng.normal(0, 0.2 if kind < 0.9 else 1.5)
    wobble = np.cumsum(rng.normal(0, abs(bend) / np.sqrt(points), points))
    heading = rng.uniform(0, 2 * np.pi) + np.linspace(-bend / 2, bend / 2, points) + wobble
    phase = np.linspace(0, rng.uniform(0, 2 * np.pi), points) + rng.uniform(0, 2 * np.pi)
    speed = 1 + (rng.uniform(0, 0.5) if bend else 0.0) * np.sin(phase)
    path = np.cumsum(np.stack([np.sin(heading), np.cos(heading)], axis=1) * speed[:, None], axis=0)
    path *= length / speed.sum()
    return (path - path[points // 2]).astype(np.float32)


def splat(path: Array) -> Array:
    """Path -> odd-sized square kernel that sums to 1; positions between pixels are shared bilinearly."""
    fine = np.stack([np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(path)), axis) for axis in path.T], 1)
    radius = int(np.abs(fine).max()) + 2
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1), np.float32)
    corner = np.floor(fine).astype(int)
    part = fine - corner
    for dy in (0, 1):
        for dx in (0, 1):
            weight = np.abs(1 - dy - part[:, 0]) * np.abs(1 - dx - part[:, 1])
            np.add.at(kernel, (corner[:, 0] + radius + dy, corner[:, 1] + radius + dx), weight)
    return kernel / kernel.sum()


def _disc(radius: float) -> Array:
    """Kernel of a defocused lens: a disc with an edge one pixel soft."""
    k = int(radius) + 2
    ys, xs = np.mgrid[-k : k + 1, -k : k + 1]
    disc = np.clip(radius + 0.5 - np.hypot(ys, xs), 0, 1).astype(np.float32)
    return disc / disc.sum()

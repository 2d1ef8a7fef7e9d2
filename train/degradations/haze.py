"""Haze by the atmospheric scattering model (Koschmieder; Narasimhan and Nayar 2002): I = J t + A (1 - t)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.degradations.fields import Array, Rngs, chosen, column, smooth_noise, with_rows

THICKEST = 1.5
"""Largest optical thickness."""
SKY = 0.6
"""The farthest part of a photo counts as sky where its mean brightness is above this."""
DIM_SHARE = 0.2
"""Share of hazy photos that are darker than a clear one would be."""
EVEN = 0.01
"""Largest deviation of what is farthest where it is taken for fog that nothing shows through."""
PROBES = 64
"""Pixels a side, about, that are looked at to find what is farthest."""


@dataclass(frozen=True)
class Air:
    """The air of one scene. thickness, near: optical, of what is farthest and of what is nearest; power: of depth;
    airlight: 3; follows: how far the airlight goes to the brightness of a sky; dim: what the light is multiplied by."""

    thickness: float
    near: float
    power: float
    airlight: Array
    follows: float
    dim: float


def haze(photos: Tensor, depth: Tensor | None, rngs: Rngs) -> Tensor:
    """Haze photos.

    photos: Nx3xHxW in [0, 1]. depth: Nx1xHxW in [0, 1], 0 near and 1 far, relative; None: a plausible one is drawn, as
    for a tenth of the others. Transmission t = exp(-(near + beta d)) with the optical thickness beta between thin mist
    and dense fog, thin more often than thick; the airlight A is mostly bright and nearly grey, a little bluish or
    yellowish as daylight is. Where what is farthest is bright, it is the sky, and A mostly about as bright, and of its
    very colour where it is even: a network that never sees such a sky come back unchanged paints white skies dark.
    Density varies smoothly in a fifth of the photos. Transmission stays above 0.22: detail behind denser haze is lost
    to noise and 8 bits, and a network that is asked for it anyway paints dark blotches. Some photos come out dim as a
    whole, since fog takes light and misleads exposure meters; the clear photo is not dim.
    """
    size, device = photos.shape[-2:], photos.device
    if depth is None:
        depth = plausible_depth(size, rngs, device)
    else:
        own = chosen(0.1, rngs)
        depth = with_rows(depth, own, lambda _: plausible_depth(size, [rngs[row] for row in own], device))
    airs = [_air(rng) for rng in rngs]
    density = column([air.thickness for air in airs], photos) * depth ** column([air.power for air in airs], photos)
    density = density + column([air.near for air in airs], photos)
    uneven = chosen(0.2, rngs)
    density = with_rows(density, uneven, lambda part: part * _unevenness(size, [rngs[row] for row in uneven], device))
    transmission = torch.exp(-density.clamp(max=THICKEST))
    airlight = _airlight(photos, depth, airs)
    hazed = airlight + (photos - airlight) * transmission
    return hazed * column([air.dim for air in airs], photos)


def walled(photos: Tensor, depth: Tensor, rngs: Rngs) -> Tensor:
    """Nx3xHxW clear photos -> the same before a wall of even fog that hides the distance.

    depth: Nx1xHxW in [0, 1]. Nothing can bring back what is behind; a network that never sees even fog stay even paints
    rings and dark patches into it.
    """
    start = depth_above(depth, [rng.uniform(0.3, 0.9) for rng in rngs])
    share = ((depth - start) / column([rng.uniform(0.02, 0.3) for rng in rngs], depth)).clamp(0, 1)
    colours = [rng.uniform(0.5, 0.97) + _tint(0.02, rng) for rng in rngs]
    return photos + share * (column(colours, photos).clamp(0, 1) - photos)


def plausible_depth(size: Sequence[int], rngs: Rngs, device: torch.device | str) -> Tensor:
    """Nx1xHxW in [0, 1]: a ground plane that recedes to a horizon, with smooth objects in front of it."""
    rows = torch.linspace(1, 0, size[0], device=device)[None, None, :, None]
    horizon = column([rng.uniform(0.2, 0.8) for rng in rngs], rows)
    plane = (rows / horizon).clamp(0, 1) ** column([rng.uniform(0.8, 2.0) for rng in rngs], rows)
    objects = smooth_noise(size, [int(rng.integers(2, 7)) for rng in rngs], rngs, device)
    return (plane + column([rng.uniform(0, 0.4) for rng in rngs], rows) * (objects - 0.5)).clamp(0, 1)


def depth_above(depth: Tensor, shares: Sequence[float]) -> Tensor:
    """Nx1x1x1: the depth that a share of each Nx1xHxW map does not reach."""
    values = depth.flatten(1).sort(dim=1).values if depth[0].numel() <= PROBES**2 else _probes(depth).sort(dim=1).values
    index = torch.tensor([round(share * (values.shape[1] - 1)) for share in shares], device=depth.device)
    return values.gather(1, index[:, None])[..., None, None]


def _probes(x: Tensor) -> Tensor:
    """NxCxHxW -> NxCxP, or NxP where there is one channel: pixels of a regular grid."""
    step = max(1, min(x.shape[-2:]) // PROBES)
    return x[..., ::step, ::step].flatten(2).squeeze(1)


def _air(rng: np.random.Generator) -> Air:
    thickness = 0.2 + 2.2 * rng.random() ** 1.3
    near, power = rng.uniform(0.0, 0.25) * thickness, rng.uniform(0.7, 1.4)
    airlight = 1 - 0.45 * rng.random() ** 1.7 + _tint(0.03, rng)
    follows = rng.uniform(0.6, 1.0) if rng.random() < 0.8 else 0.0
    dim = rng.uniform(0.5, 0.9) if rng.random() < DIM_SHARE else 1.0
    return Air(thickness, near, power, airlight, follows, dim)


def _tint(spread: float, rng: np.random.Generator) -> Array:
    """An offset that makes a grey a little yellowish or bluish; 3 values about 0."""
    warmth = rng.normal(0, spread)
    return (np.array([warmth, 0.3 * warmth, -warmth]) + rng.normal(0, 0.006, 3)).astype(np.float32)


def _unevenness(size: Sequence[int], rngs: Rngs, device: torch.device) -> Tensor:
    return 0.8 + 0.4 * smooth_noise(size, [int(rng.integers(2, 5)) for rng in rngs], rngs, device)


def _airlight(photos: Tensor, depth: Tensor, airs: Sequence[Air]) -> Tensor:
    """Nx3x1x1, as the air says and what is farthest asks for."""
    drawn = column([air.airlight for air in airs], photos)
    colours, far = _probes(photos), _probes(depth)
    far = (far >= depth_above(depth, [0.95] * len(airs)).flatten(1))[:, None].float()
    count = far.sum(2, keepdim=True)
    mean = (colours * far).sum(2, keepdim=True) / count
    deviation = (((colours - mean) ** 2 * far).sum(2) / count[..., 0]).sqrt().amax(1)[:, None, None, None]
    mean = mean[..., None]
    level = mean.mean(1, keepdim=True)
    follows = column([air.follows for air in airs], photos)
    towards = drawn + follows * (level - drawn.mean(1, keepdim=True)) * (level > SKY)
    return torch.where(deviation < EVEN, mean, towards).clamp(0.4, 1.0)

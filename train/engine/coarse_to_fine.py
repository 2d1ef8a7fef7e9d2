"""Training from coarse to fine: the coarsest scale of a view whole, every finer one on squares inside those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from uniremoval.networks import changed, pyramid, scale_count


@dataclass(frozen=True)
class Squares:
    """Squares of one scale of a view. corners: (top, left) of each, in pixels of that scale; side: in the same."""

    corners: tuple[tuple[int, int], ...]
    side: int


@dataclass(frozen=True)
class Scale:
    """Outputs of a network for the squares of one scale: restored, N*Px3xhxw, and its features."""

    restored: Tensor
    features: list[Tensor]


def nested_squares(side: int, patch: int, patches: int, step: int) -> list[Squares]:
    """The squares of a view of `side` pixels at every scale, the coarsest first; a function of the arguments alone.

    The coarsest is one square, the whole view; every finer scale has `patches` of at most `patch` pixels per side, each
    inside one of the scale before. A view has as many scales as a photo of its size, and in a third of the steps one
    more, so that the network learns to hand on more often than views are large.
    """
    draw = torch.Generator().manual_seed(step)
    scales = scale_count(side, side) + int(torch.rand((), generator=draw) < 1 / 3)
    coarsest = side >> (scales - 1)
    squares = [Squares(((0, 0),), coarsest)]
    for _ in range(scales - 1):
        before = squares[-1]
        length = min(patch, 2 * before.side)
        corners = []
        for index in range(patches):
            top, left = before.corners[index % len(before.corners)]
            dy, dx = torch.randint((2 * before.side - length) // 2 + 1, (2,), generator=draw).tolist()
            corners.append((2 * (top + dy), 2 * (left + dx)))
        squares.append(Squares(tuple(corners), length))
    return squares


def cut(views: Tensor, squares: Sequence[Squares]) -> list[Tensor]:
    """Nx3xVxV views -> their squares at every scale, N*Px3xhxw, the squares of one view side by side."""
    scales = pyramid(views, len(squares))
    return [_cut(scale, own.corners, own.side) for scale, own in zip(scales, squares, strict=True)]


def coarse_to_fine(network: nn.Module, photos: Sequence[Tensor], squares: Sequence[Squares]) -> list[Scale]:
    """Run the network at every scale of the squares from `cut`. No gradient flows from a scale to the one before."""
    result: list[Scale] = []
    maps = None
    for index, x in enumerate(photos):
        inherited = None if maps is None else _inherited(maps, squares[index - 1], squares[index])
        maps, features = network(x, inherited, return_features=True)
        result.append(Scale(changed(x, maps), features))
        maps = maps.detach()
    return result


def restored_whole(network: nn.Module, x: Tensor) -> Tensor:
    """Nx3xHxW photos restored at all their scales, without tiles; not clamped."""
    coarsest, *finer = pyramid(x, scale_count(*x.shape[-2:]))
    maps = network(coarsest)
    for scale in finer:
        maps = network(scale, maps)
    return changed(x, maps)


def _inherited(maps: Tensor, before: Squares, own: Squares) -> Tensor:
    """The part of the maps of the scale before that each square of this scale lies on."""
    count = len(before.corners)
    parts = []
    for index, (top, left) in enumerate(own.corners):
        parent = index % count
        dy, dx = top // 2 - before.corners[parent][0], left // 2 - before.corners[parent][1]
        parts.append(maps[parent::count, :, dy : dy + own.side // 2, dx : dx + own.side // 2])
    return torch.stack(parts, dim=1).flatten(0, 1)


def _cut(x: Tensor, corners: Sequence[tuple[int, int]], side: int) -> Tensor:
    return torch.stack([x[..., top : top + side, left : left + side] for top, left in corners], dim=1).flatten(0, 1)

"""Smooth random fields, and what the degradation models share in handling a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float32]
Rngs = Sequence[np.random.Generator]
"""One generator per sample of the batch; a sample's result depends on its own alone."""


def smooth_noise(size: Sequence[int], cells: Sequence[int], rngs: Rngs, device: torch.device | str) -> Tensor:
    """Nx1xHxW fields in [0, 1], one a generator, whose bumps are about 1/cells of the photo wide."""
    fields = []
    for count, rng in zip(cells, rngs, strict=True):
        coarse = torch.from_numpy(rng.random((count + 2, count + 2), dtype=np.float32)).to(device)
        rows, columns = (_bicubic(length, count + 2, device) for length in size)
        fields.append(rows @ coarse @ columns.T)
    return torch.stack(fields)[:, None].clamp_(0, 1)


@lru_cache
def _bicubic(length: int, count: int, device: torch.device | str) -> Tensor:
    """length x count weights that scale `count` values to `length`."""
    each = torch.eye(count, device=device)[None, None]
    return F.interpolate(each, (length, count), mode="bicubic", antialias=True)[0, 0]


def chosen(share: float, rngs: Rngs) -> list[int]:
    """Samples of the batch that something happens to, each with a chance of `share`."""
    return [row for row, rng in enumerate(rngs) if rng.random() < share]


def with_rows(photos: Tensor, rows: Sequence[int], change: Callable[[Tensor], Tensor]) -> Tensor:
    """The batch with some of its samples changed; the one given stays as it is."""
    return replaced(photos, rows, change(rows_of(photos, rows))) if rows else photos


def replaced(photos: Tensor, rows: Sequence[int], others: Tensor) -> Tensor:
    """The batch with `others` in the place of some of its samples; the one given stays as it is."""
    if len(rows) == len(photos):
        return others
    return photos.index_copy(0, torch.tensor(rows, device=photos.device), others)


def rows_of(photos: Tensor, rows: Sequence[int]) -> Tensor:
    """Some samples of the batch, in their order."""
    return photos if len(rows) == len(photos) else photos[torch.tensor(rows, device=photos.device)]


def column(values: Sequence[object], photos: Tensor) -> Tensor:
    """One number, or one per channel, for each sample, as an NxCx1x1 tensor beside the batch."""
    array = np.asarray(values, np.float32).reshape(len(values), -1, 1, 1)
    return torch.from_numpy(array).to(photos.device)

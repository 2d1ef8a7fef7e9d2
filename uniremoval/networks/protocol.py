"""The interface of a restoration network, as the engine uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Self

import torch
from torch import Tensor


class Network(Protocol):
    """A network that restores photos at one scale or from coarse to fine.

    multiple: sizes of tiles are multiples of it, an even number.
    overlap: how many pixels around a tile influence its result, a multiple of `multiple`.
    margin: how many pixels to mirror beyond the edges of the photo, besides those that make sides multiples.
    exact: whether tiles that overlap so far give the result of one piece.
    memory_format: of its weights.
    supports_bfloat16: whether it may run under autocast in that precision.
    """

    @property
    def multiple(self) -> int: ...
    @property
    def overlap(self) -> int: ...
    @property
    def margin(self) -> int: ...
    @property
    def exact(self) -> bool: ...
    @property
    def memory_format(self) -> torch.memory_format: ...
    @property
    def supports_bfloat16(self) -> bool: ...

    def scale_count(self, height: int, width: int) -> int:
        """How many scales a photo of that size is restored at, each half the one after it."""
        ...

    def bytes_per_pixel(self, precision: str) -> int:
        """Peak working memory per pixel of a tile, in precision "fp32" or "bf16"."""
        ...

    def __call__(
        self, x: Tensor, inherited: Tensor | None, *, apply_maps: bool, before_band: Callable[[], None]
    ) -> Any:
        """One tile at one scale; x: 1x3xHxW in [0, 1], H and W multiples of `multiple`.

        inherited: 1x6xhxw maps of the scale before; None at the coarsest.
        apply_maps: return the restored tile, 1x3xHxW, instead of maps for the next scale, 1x6xHxW.
        before_band: called many times; an exception that it raises ends the work.
        """
        ...

    def eval(self) -> Self: ...
    def to(self, *args: Any, **kwargs: Any) -> Any: ...

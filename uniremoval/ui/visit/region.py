"""A rectangle of a photo: what is in view, and what is to be scored or saved of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uniremoval.errors import PhotoError
from uniremoval.ui import text

if TYPE_CHECKING:
    import numpy as np


LARGEST_SHARE, LARGEST_PIXELS = 0.25, 4_000_000
"""Of the photo, and in all: what is looked at is restored twice, ahead of the rest and with it."""


@dataclass(frozen=True)
class Region:
    """In photo pixels; (x, y) is the corner at the top left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def of(self, image: np.ndarray) -> np.ndarray:
        """This part of an HxW... array, not copied."""
        return image[self.y : self.y + self.height, self.x : self.x + self.width]


def region_of(asked: Mapping[str, Any], size: tuple[int, int]) -> Region:
    """From what a page asked for, {"x", "y", "width", "height"}: whole pixels within a photo of `size`.

    Raises PhotoError for anything else.
    """
    given = [value for key in ("x", "y", "width", "height") if type(value := asked.get(key)) is int]
    height, width = size
    if len(given) == 4:
        x, y, wide, high = given
        if x >= 0 and y >= 0 and wide > 0 and high > 0 and x + wide <= width and y + high <= height:
            return Region(x, y, wide, high)
    raise PhotoError(text.NO_SUCH_REGION.format(width=width, height=height))


def looked_at(asked: Mapping[str, Any], size: tuple[int, int]) -> Region | None:
    """The region that a page tells of, where it is a small part of the photo. Raises PhotoError as `region_of` does."""
    if asked.get("width") is None:
        return None
    region, (height, width) = region_of(asked, size), size
    return region if region.pixels <= min(LARGEST_SHARE * height * width, LARGEST_PIXELS) else None


def place(region: Region) -> str:
    """In photo pixels, the corner at the top left last: "320 x 200 pixels at (64, 0)"."""
    return f"{region.width} x {region.height} pixels at ({region.x}, {region.y})"

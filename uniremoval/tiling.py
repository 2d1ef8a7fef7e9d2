"""Cutting a photo into tiles: arithmetic on sizes, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

SMALLEST_TILE = 64
"""Pixels per side below which halving a tile saves next to nothing: the overlap around it stays."""

LONGEST_TILE = 8192
"""Pixels per side above which a tile is cut: the network works through a tile in bands of rows, and bands of a very
wide one would be thinner than what they overlap."""


@dataclass(frozen=True)
class Tile:
    """Rows [top, bottom) and columns [left, right) of a photo."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def grown(self, overlap: int, size: tuple[int, int]) -> Tile:
        """With `overlap` pixels more on each side, as far as the photo of `size` goes."""
        height, width = size
        return Tile(
            max(self.top - overlap, 0),
            max(self.left - overlap, 0),
            min(self.bottom + overlap, height),
            min(self.right + overlap, width),
        )


def coarser(tile: Tile) -> Tile:
    """The same place at half the scale, rounded outwards."""
    return Tile(tile.top // 2, tile.left // 2, -(-tile.bottom // 2), -(-tile.right // 2))


def aligned(tile: Tile, multiple: int, size: tuple[int, int]) -> Tile:
    """The tile with what is missing to multiples of `multiple` on each side, as far as a photo of `size` goes."""
    height, width = size
    return Tile(
        tile.top // multiple * multiple,
        tile.left // multiple * multiple,
        min(round_up(tile.bottom, multiple), height),
        min(round_up(tile.right, multiple), width),
    )


def round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def tiles_of_side(size: tuple[int, int], side: int, multiple: int) -> list[Tile]:
    """Nearly equal tiles of at most `side` pixels per side (but at least `multiple`).

    They cover a photo of `size` once, row by row, and start at multiples of `multiple`.
    """
    steps = max(side // multiple, 1)
    counts = [-(-round_up(length, multiple) // (steps * multiple)) for length in size]
    return _grid(*(_spans(length, count, multiple) for length, count in zip(size, counts, strict=True)))


def tiles_within(size: tuple[int, int], max_area: int, overlap: int, multiple: int) -> list[Tile]:
    """The grid with the least work whose tiles, grown by `overlap`, have at most `max_area` pixels each.

    Work is the sum of the grown areas. Where no grid is fine enough, tiles have SMALLEST_TILE pixels per side. Takes
    time in proportion to the shorter side and to the number of tiles, however long the other side is.
    """
    shorter, longer = sorted(size)
    fitting = []
    for count in range(-(-shorter // LONGEST_TILE), _most_tiles(shorter) + 1):
        across = _longest_grown(shorter, count, overlap, multiple)
        if along := _least_count(longer, max_area // across, overlap, multiple):
            work = _grown_sum(shorter, count, overlap) * _grown_sum(longer, along, overlap)
            fitting.append((work, count, along))
    if not fitting:
        return tiles_of_side(size, SMALLEST_TILE, multiple)
    _, count, along = min(fitting)
    counts = (count, along) if size[0] == shorter else (along, count)
    return _grid(*(_spans(length, count, multiple) for length, count in zip(size, counts, strict=True)))


def frame(tile: Tile, size: tuple[int, int], margin: int, multiple: int) -> tuple[int, int, int, int]:
    """Pixels to mirror beyond the left, right, top and bottom of a tile: `margin` where the photo of `size` ends, and
    then, on the right and at the bottom, as many as make the sides multiples of `multiple`."""
    height, width = size
    left, top = margin * (tile.left == 0), margin * (tile.top == 0)
    right, bottom = margin * (tile.right == width), margin * (tile.bottom == height)
    return left, right + -(left + tile.width + right) % multiple, top, bottom + -(top + tile.height + bottom) % multiple


def halved(tile: Tile, multiple: int) -> list[Tile]:
    """The two or four tiles of half the side that cover `tile`; none where that is SMALLEST_TILE a side or less."""
    if max(tile.height, tile.width) <= max(SMALLEST_TILE, multiple):
        return []
    rows, columns = (
        _spans(length, 2 if length > max(SMALLEST_TILE, multiple) else 1, multiple)
        for length in (tile.height, tile.width)
    )
    return [
        Tile(tile.top + part.top, tile.left + part.left, tile.top + part.bottom, tile.left + part.right)
        for part in _grid(rows, columns)
    ]


def _spans(length: int, count: int, multiple: int) -> list[tuple[int, int]]:
    """Cut `length` into at most `count` nearly equal (start, stop), each start a multiple of `multiple`."""
    steps = round_up(length, multiple) // multiple
    count = min(count, steps)
    cuts = [steps * i // count * multiple for i in range(count)] + [length]
    return list(pairwise(cuts))


def _most_tiles(length: int) -> int:
    return -(-length // SMALLEST_TILE)


def _longest_grown(length: int, count: int, overlap: int, multiple: int) -> int:
    """Pixels that the longest of `count` spans of `length` has at most, once grown by `overlap` where others follow."""
    steps = round_up(length, multiple) // multiple
    return min(length, -(-steps // count) * multiple + min(count - 1, 2) * overlap)


def _grown_sum(length: int, count: int, overlap: int) -> int:
    return length + 2 * (count - 1) * overlap


def _least_count(length: int, longest: int, overlap: int, multiple: int) -> int | None:
    """Into how many spans to cut `length` so that none, once grown, is longer than `longest`; None: no cut does."""
    least = -(-length // LONGEST_TILE)
    for count in range(least, 3):
        if _longest_grown(length, count, overlap, multiple) <= longest:
            return count
    steps = (longest - 2 * overlap) // multiple
    if steps < 1:
        return None
    count = max(-(-round_up(length, multiple) // (steps * multiple)), least, 3)
    return count if count <= _most_tiles(length) else None


def _grid(rows: list[tuple[int, int]], columns: list[tuple[int, int]]) -> list[Tile]:
    return [Tile(top, left, bottom, right) for top, bottom in rows for left, right in columns]

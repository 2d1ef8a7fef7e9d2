"""Tiles cover a photo exactly once, on the grid, and within their limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uniremoval.tiling import LONGEST_TILE, SMALLEST_TILE, Tile, halved, round_up, tiles_of_side, tiles_within

sizes = st.tuples(st.integers(1, 400), st.integers(1, 400))
multiples = st.sampled_from([1, 2, 8, 16, 48])


def assert_covers_once(tiles: list[Tile], size: tuple[int, int], multiple: int) -> None:
    count = np.zeros(size, int)
    for tile in tiles:
        assert tile.top % multiple == 0 and tile.left % multiple == 0
        assert 0 <= tile.top < tile.bottom <= size[0] and 0 <= tile.left < tile.right <= size[1]
        count[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert (count == 1).all()


@given(sizes, st.integers(1, 500), multiples)
def test_tiles_of_a_side_cover_once_and_are_nearly_equal(size: tuple[int, int], side: int, multiple: int) -> None:
    tiles = tiles_of_side(size, side, multiple)
    assert_covers_once(tiles, size, multiple)
    for lengths in ([tile.height for tile in tiles], [tile.width for tile in tiles]):
        assert max(lengths) <= max(side, multiple)
        assert max(lengths) - min(lengths) < 2 * multiple


@given(sizes, st.integers(1, 200_000), st.integers(0, 100), multiples)
def test_tiles_within_an_area_keep_to_it_or_are_the_smallest(
    size: tuple[int, int], max_area: int, overlap: int, multiple: int
) -> None:
    tiles = tiles_within(size, max_area, overlap, multiple)
    assert_covers_once(tiles, size, multiple)
    grown = [tile.grown(overlap, size) for tile in tiles]
    if max(tile.height * tile.width for tile in grown) > max_area:
        assert all(max(tile.height, tile.width) <= max(SMALLEST_TILE, multiple) for tile in tiles)


def test_a_photo_within_the_area_stays_whole() -> None:
    assert tiles_within((300, 400), 300 * 400, 192, 16) == [Tile(0, 0, 300, 400)]


def test_the_grid_with_the_least_work_is_taken() -> None:
    tiles = tiles_within((3000, 4000), 4_000_000, 192, 16)
    assert len(tiles) == 4  # 2 x 2: less overlap than four strips
    assert {tile.top for tile in tiles} == {0, 1504} and {tile.left for tile in tiles} == {0, 2000}


@pytest.mark.parametrize("size", [(10, 5_000_000), (5_000_000, 10), (1, 50_000_000)])
def test_a_very_long_photo_is_planned_as_quickly_as_any(size: tuple[int, int]) -> None:
    tiles = tiles_within(size, 8_000_000, 208, 16)
    assert len(tiles) < 10_000 and sum(tile.height * tile.width for tile in tiles) == size[0] * size[1]
    assert max(max(tile.height, tile.width) for tile in tiles) <= LONGEST_TILE


@given(sizes, multiples)
def test_halves_cover_their_tile_and_end_at_the_smallest(size: tuple[int, int], multiple: int) -> None:
    tile = Tile(multiple, 2 * multiple, multiple + size[0], 2 * multiple + size[1])
    parts = halved(tile, multiple)
    if not parts:
        assert max(size) <= max(SMALLEST_TILE, multiple)
        return
    moved = [
        Tile(part.top - tile.top, part.left - tile.left, part.bottom - tile.top, part.right - tile.left)
        for part in parts
    ]
    assert_covers_once(moved, size, multiple)
    assert len(parts) in (2, 4)
    assert max(part.height * part.width for part in parts) < size[0] * size[1]


@given(st.integers(0, 1000), st.integers(1, 50))
def test_round_up(value: int, multiple: int) -> None:
    rounded = round_up(value, multiple)
    assert rounded % multiple == 0 and 0 <= rounded - value < multiple

"""The part of a photo that somebody looks at is restored before the rest, and no differently."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.models import card_of, far_reaching, tiny
from uniremoval.coarse_to_fine import Part, Progress
from uniremoval.networks import RestorationNet
from uniremoval.photo import Photo
from uniremoval.restore import Restorer
from uniremoval.tiling import Tile

NETWORKS = [tiny(1), far_reaching(2), far_reaching(4, stem=3, bottleneck_blocks=0)]


def restorer_of(network: RestorationNet) -> Restorer:
    return Restorer(network, card_of(network), "cpu", "fp32")


def random_photo(height: int, width: int, seed: int = 0) -> Photo:
    return Photo(np.random.default_rng(seed).random((height, width, 3), np.float32))


@st.composite
def spans(draw: Callable[..., int]) -> tuple[int, int, int]:
    """A length and a part of it, from and to."""
    length = draw(st.integers(1, 450))
    start = draw(st.integers(0, length - 1))
    return length, start, draw(st.integers(start + 1, length))


@settings(max_examples=30)
@given(st.sampled_from(NETWORKS), spans(), spans(), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_a_part_is_what_the_whole_will_be_there(
    network: RestorationNet, rows: tuple[int, int, int], columns: tuple[int, int, int], after: int, seed: int
) -> None:
    """after: tiles, of all scales; somebody may begin to look at any time."""
    photo = random_photo(rows[0], columns[0], seed)
    wanted = Tile(rows[1], columns[1], rows[2], columns[2])
    parts: list[Part] = []
    told: list[Progress] = []
    whole = restorer_of(network).restore(
        photo,
        on_progress=told.append,
        on_part=parts.append,
        wanted=lambda: wanted if len(told) > after else None,
        tile=100,
    )
    assert len(parts) == (len(told) - 1 > after), "it is given once"
    for part in parts:
        assert part.tile == wanted
        expected = whole.photo.pixels[rows[1] : rows[2], columns[1] : columns[2]]
        np.testing.assert_allclose(part.pixels, expected, atol=1e-5)


def test_it_comes_first_and_again_where_another_is_wanted() -> None:
    photo, events = random_photo(700, 900), []
    places = [Tile(300, 400, 400, 500), Tile(0, 0, 90, 80), Tile(0, 0, 90, 80)]
    restorer_of(tiny(1)).restore(
        photo,
        on_progress=lambda progress: events.append(progress.scale),
        on_scale=lambda draft: events.append("draft"),
        on_part=lambda part: events.append(part.tile),
        wanted=lambda: places.pop(0) if places else None,
    )
    assert events[:7] == [1, Tile(300, 400, 400, 500), 1, "draft", Tile(0, 0, 90, 80), 2, "draft"]
    assert all(not isinstance(event, Tile) for event in events[7:])


def test_a_part_of_a_grey_photo_is_grey() -> None:
    pixels = np.repeat(random_photo(300, 400).pixels[..., :1], 3, axis=2)
    parts: list[Part] = []
    restorer_of(tiny(1)).restore(Photo(pixels, grey=True), on_part=parts.append, wanted=lambda: Tile(10, 20, 110, 140))
    assert np.ptp(parts[0].pixels, axis=2).max() == 0


def test_a_network_whose_tiles_differ_gives_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RestorationNet, "exact", False)
    parts: list[Part] = []
    restorer_of(tiny(1)).restore(random_photo(60, 60), on_part=parts.append, wanted=lambda: Tile(0, 0, 9, 9))
    assert not parts

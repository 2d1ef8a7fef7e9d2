"""What damaged files are thrown at. A target has valid files as seeds, makes input number i, and tries one input.

A try returns "accepted" or "refused", and raises whatever is not a UniremovalError.
"""

from __future__ import annotations

import random
import tempfile
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.mutations import damaged, damaged_header
from tests.support import fuzz_corpus

if TYPE_CHECKING:
    from uniremoval.photo import Photo

MEGAPIXELS = 2.0
"""Limit of the decoder: what it must hold down, within the memory that a worker may use."""


class Target(Protocol):
    @property
    def seeds(self) -> list[bytes]: ...

    def make(self, seed: int, index: int) -> bytes: ...

    def attempt(self, data: bytes) -> str: ...


class Decoder:
    """`uniremoval.photo.decode` and `preview`, and what is accepted is encoded and decoded once more."""

    @cached_property
    def seeds(self) -> list[bytes]:
        return fuzz_corpus.photos()

    def make(self, seed: int, index: int) -> bytes:
        draw = random.Random(f"{seed}/{index}")
        return damaged(draw, draw.choice(self.seeds), self.seeds)

    def attempt(self, data: bytes) -> str:
        from tests.support.photo_checks import assert_sound
        from uniremoval.errors import PhotoError
        from uniremoval.photo import decode, encode, preview

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                photo = decode(data, max_megapixels=MEGAPIXELS)
                small = preview(data, 8, max_megapixels=MEGAPIXELS)
        except PhotoError as error:
            _assert_bounded(error)
            return "refused"
        assert_sound(photo)
        assert small is None or (small.size == photo.size and min(small.photo.size) >= 8)
        assert_sound(decode(encode(photo, "PNG"), max_megapixels=MEGAPIXELS))
        return "accepted"


class Checkpoint:
    """The catalog, the loader, one restoration, and the page's words about the card."""

    @cached_property
    def seeds(self) -> list[bytes]:
        return [fuzz_corpus.checkpoint()]

    @cached_property
    def folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory()

    def make(self, seed: int, index: int) -> bytes:
        from uniremoval.checkpoint import CARD_KEY

        draw = random.Random(f"{seed}/{index}")
        if draw.random() < 0.5:
            return damaged_header(draw, self.seeds[0], CARD_KEY)
        return damaged(draw, self.seeds[0], self.seeds)

    def attempt(self, data: bytes) -> str:
        from uniremoval.catalog import Catalog
        from uniremoval.checkpoint import load
        from uniremoval.errors import CheckpointError
        from uniremoval.restore import Restorer
        from uniremoval.ui import text
        from uniremoval.ui.checkpoints import cards

        path = Path(self.folder.name) / "input.safetensors"
        path.write_bytes(data)
        for entry in Catalog([path.parent]).entries():
            assert cards.table([entry], [])
            assert text.title_of(entry.card) and text.choice_of(entry.card) and text.picker_order(entry.card)
        try:
            network, card = load(path)
            if card.network == "coarse-to-fine":
                Restorer(network, card, "cpu", "fp32").restore(_photo())
        except CheckpointError as error:
            _assert_bounded(error)
            return "refused"
        return "accepted"


def _photo() -> Photo:
    import numpy as np

    from uniremoval.photo import Photo

    return Photo(np.full((24, 32, 3), 0.5, np.float32))


def _assert_bounded(error: BaseException) -> None:
    """A refusal for lack of memory means that the input asked for more than it should have been allowed."""
    assert not isinstance(error.__cause__, MemoryError), error
    assert "\n" not in str(error), str(error)


TARGETS: dict[str, type[Target]] = {"decoder": Decoder, "checkpoint": Checkpoint}

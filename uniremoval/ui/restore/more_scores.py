"""Scores besides the usual ones, where they are ticked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.quality import EXTRAS
from uniremoval.ui import text
from uniremoval.ui.parts.status import error
from uniremoval.ui.visit.events import REFERENCE
from uniremoval.ui.visit.region import Region
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.strength import blended

if TYPE_CHECKING:
    from uniremoval.quality import Score
    from uniremoval.ui.visit.record import Record
    from uniremoval.ui.work.engine import Engine


class Picture(NamedTuple):
    """A picture with the scores that are shown for it. region: the part of the photo that was scored by itself."""

    key: str
    strength: float
    region: Region | None
    scores: dict[str, Score]


def extras_picker() -> gr.CheckboxGroup:
    """Its value: keys of EXTRAS."""
    choices = [(metric.label, key) for key, metric in EXTRAS.items()]
    return gr.CheckboxGroup(choices, label=text.EXTRAS, info=text.EXTRAS_HELP, elem_id="extras")


class MoreScoring:
    """The listeners of the picker, and of what brings pictures without these scores onto the page."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def choose(self, ticked: list[str] | None, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer)."""
        visit = self.visits.of(request.session_hash)
        visit.extras = tuple(key for key in EXTRAS if key in (ticked or ()))
        if visit.record:
            visit.record.extras = visit.extras
            yield gr.skip(), visit.record.shown()
        yield from self.complete(request)

    def complete(self, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Add what is shown and still missing, one picture after the other. Yields (status, viewer).

        Not while the photo is still restored: this is asked for again at the end. Other work ends it.
        """
        yield gr.skip(), gr.skip()  # Gradio empties the page where nothing at all is yielded
        visit = self.visits.of(request.session_hash)
        record, under_way = visit.record, visit.stop
        if record is None or visit.busy:
            return
        try:
            for picture in _pictures(record):
                if visit.stop is not under_way or visit.record is not record:
                    return
                if missing := _missing(record, picture):
                    picture.scores.update(self._scored(record, picture, missing))
                    yield gr.skip(), record.shown()
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()

    def _scored(self, record: Record, picture: Picture, names: list[str]) -> dict[str, Score]:
        pixels, clean = blended(self.engine, record, picture.key, picture.strength).on_white, None
        if record.reference and picture.key != REFERENCE:
            clean = self.engine.read(record.reference.picture, record.reference.name).on_white
        if picture.region:
            pixels, clean = picture.region.of(pixels), None if clean is None else picture.region.of(clean)
        return self.engine.extras(names, pixels, clean, as_it_is=picture.region is not None)


def _pictures(record: Record) -> list[Picture]:
    found = [Picture(key, 1, None, scores) for key, scores in record.scores.items()]
    if weaker := record.weaker:
        found += [Picture(key, weaker.strength, None, scores) for key, scores in weaker.scores.items()]
    if view := record.view:
        found += [Picture(key, view.strength, view.region, scores) for key, scores in view.scores.items()]
    there = record.files()
    return [picture for picture in found if picture.key in there]


def _missing(record: Record, picture: Picture) -> list[str]:
    compared = record.reference is not None and picture.key != REFERENCE
    lacking = [name for name in record.extras if name not in picture.scores]
    return [name for name in lacking if compared or not EXTRAS[name].by_reference]

"""Score this view: BRISQUE and PIQE of exactly the part of the photo that all panes show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.ui import text
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.visit.events import REFERENCE
from uniremoval.ui.visit.record import Record, View
from uniremoval.ui.visit.region import place, region_of
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.strength import blended, strength_of

MOST_MEGAPIXELS = 2.5
"""A view is scored as it is, not scaled down as whole photos are; that many take some two seconds per output."""


class ViewScoring:
    """The listeners of the viewer's button."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def announce(self) -> dict[str, Any]:
        return busy(text.SCORING_VIEW)

    def score_view(self, wish: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer): the scores of the input, the reference and every output one by one.

        The wish: {"picture": that of the comparison on the page, "x", "y", "width", "height", "strength"}.
        """
        visit = self.visits.of(request.session_hash)
        asked = wish._data if isinstance(wish._data, dict) else {}
        record = visit.record
        try:
            if record is None or not any(output.done for output in record.outputs.values()):
                raise PhotoError(text.NO_VIEW)
            if asked.get("picture") != str(record.opened.picture):
                raise PhotoError(text.VIEW_CHANGED)
            region = region_of(asked, record.opened.size)
            if region.pixels > MOST_MEGAPIXELS * 1e6:
                raise PhotoError(text.VIEW_TOO_LARGE.format(given=region.pixels / 1e6, limit=MOST_MEGAPIXELS))
            yield from self._score(visit, record, View(region, strength_of(asked.get("strength"))))
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()

    def _score(self, visit: Visit, record: Record, view: View) -> Iterator[tuple[Any, Any]]:
        under_way, earlier = visit.stop, record.view
        record.view = view
        files = record.files()
        reference = None
        try:
            if REFERENCE in files:
                reference = view.region.of(self.engine.read(files[REFERENCE], REFERENCE).on_white)
            for index, key in enumerate(files):
                yield busy(text.SCORING_VIEW, index / len(files)), record.shown()
                if visit.stop is not under_way:  # the visitor has begun something else
                    record.view = earlier
                    yield gr.skip(), record.shown()
                    return
                pixels = view.region.of(blended(self.engine, record, key, view.strength).on_white)
                clean = None if key == REFERENCE else reference
                scores = self.engine.score_as_it_is(pixels)
                scores |= self.engine.extras(record.extras, pixels, clean, as_it_is=True)
                view.scores[key] = scores if clean is None else scores | self.engine.compare(pixels, clean)
        except BaseException:
            record.view = earlier
            raise
        part = text.part(place(view.region), view.strength)
        yield idle(text.VIEW_SCORED.format(region=part)), record.shown()

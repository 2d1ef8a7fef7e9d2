"""The strength slider was moved: the scores of what is seen now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.ui import text
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.visit.record import Record, Weaker
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.strength import blended, scores_of, strength_of


class StrengthScoring:
    """The listeners of the viewer's slider."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def announce(self) -> dict[str, Any]:
        return busy(text.SCORING)

    def score_outputs(self, wish: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer): the scores of every output at that strength, one by one.

        The wish: {"picture": that of the comparison on the page, "strength": 0 (the input) to 1 (the output)}.
        """
        visit = self.visits.of(request.session_hash)
        asked = wish._data if isinstance(wish._data, dict) else {}
        record, strength = visit.record, strength_of(asked.get("strength"))
        try:
            if record is None or asked.get("picture") != str(record.opened.picture):
                raise PhotoError(text.VIEW_CHANGED)
            yield from self._score(visit, record, strength)
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()

    def _score(self, visit: Visit, record: Record, strength: float) -> Iterator[tuple[Any, Any]]:
        under_way, weaker = visit.stop, Weaker(strength)
        record.weaker = weaker if strength < 1 else None
        scored = False
        try:
            done = [name for name, output in record.outputs.items() if output.done and strength < 1]
            for index, name in enumerate(done):
                yield busy(text.SCORING, index / len(done)), record.shown()
                if visit.stop is not under_way:  # the visitor has begun something else
                    return
                photo = blended(self.engine, record, name, strength)
                weaker.scores[name] = scores_of(self.engine, record, photo)
            scored = True
        finally:
            if not scored:
                record.weaker = None
        yield idle(text.STRENGTH_SCORED.format(percent=round(100 * strength))), record.shown()

"""A photo of the batch on the Restore tab, with what the batch made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.ui import text
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.viewer.component import InBatch
from uniremoval.ui.viewer.zoom_tiles import save_for_view
from uniremoval.ui.visit.batch_record import Item
from uniremoval.ui.visit.record import Opened, Record
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine


class FromBatch:
    """The listeners of a click on a row's pictures."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def announce(self) -> dict[str, Any]:
        return busy(text.READING)

    def open(self, click: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer); other work on the Restore tab is stopped."""
        visit = self.visits.of(request.session_hash)
        stop = visit.begin()
        try:
            record = self._record(visit, click._data.get("photo") if isinstance(click._data, dict) else None)
        except UniremovalError as problem:
            return error(self.engine.told(problem)), gr.skip()
        finally:
            visit.end(stop)
        if visit.stop is not stop:
            return gr.skip(), gr.skip()
        visit.opened, visit.reference, visit.record = record.opened, None, record
        visit.sweep()
        return idle(text.BATCH_OPENED.format(name=record.opened.name)), record.shown()

    def _record(self, visit: Visit, index: Any) -> Record:
        """Of that photo of the batch, counted from 0. Raises PhotoError where there is none, or it is gone."""
        items = visit.batch.items if visit.batch else []
        item = items[index] if type(index) is int and 0 <= index < len(items) else None
        if item is None or item.record is None:
            raise PhotoError(text.RECORD_GONE)
        photo = self.engine.read(item.source, item.name)
        picture = save_for_view(photo, visit.new_folder("photo") / "input.png")
        outputs = {name: output for name, output in item.record.outputs.items() if output.done}
        opened = Opened(item.source, item.name, picture, photo.size, batch=_place(items, index))
        return Record(opened, outputs, scores=dict(item.record.scores), extras=visit.extras)


def _place(items: Sequence[Item], index: int) -> InBatch:
    there = [number for number, item in enumerate(items) if item.record]
    return {
        "number": index + 1,
        "photos": len(items),
        "before": max((number for number in there if number < index), default=None),
        "after": min((number for number in there if number > index), default=None),
    }

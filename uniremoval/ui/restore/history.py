"""Earlier comparisons of the visit: one click brings one back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from uniremoval.ui import text
from uniremoval.ui.parts.component import component
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.parts.thumbnails import save_thumbnail
from uniremoval.ui.visit.events import INPUT
from uniremoval.ui.visit.record import Record
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine


def history_strip() -> gr.HTML:
    """Its value is what `History.shown` returns; its select event tells the id of the comparison clicked."""
    return component(Path(__file__).parent, "history", value={"items": []}, title=text.EARLIER, elem_id="history")


class History:
    """The listeners of the strip."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def shown(self, request: gr.Request) -> dict[str, Any]:
        """All comparisons but the one on the page."""
        return self._shown(self.visits.of(request.session_hash))

    def _shown(self, visit: Visit) -> dict[str, Any]:
        return {
            "items": [
                {
                    "id": record.id,
                    "title": f"{record.opened.name}: {text.count(len(record.files()) - 1, 'output')}",
                    "file": gr.FileData(path=str(self._thumbnail(record))).model_dump(),
                }
                for record in visit.history
                if record is not visit.record
            ]
        }

    def _thumbnail(self, record: Record) -> Path:
        """Half of it as it was, half of it restored; made at the first call."""
        files = record.files()
        last = files[next(output.name for output in reversed(record.outputs.values()) if output.done)]
        path = last.parent / "thumbnail.jpg"
        if not path.exists():
            before, after = (self.engine.read(file, file.name).on_white for file in (files[INPUT], last))
            half = before.shape[1] // 2
            save_thumbnail(np.concatenate([before[:, :half], after[:, half:]], axis=1), path)
        return path

    def announce(self, request: gr.Request) -> dict[str, Any]:
        """At once: stop what runs for this visitor."""
        self.visits.of(request.session_hash).begin()
        return busy(text.RECALLING)

    def recall(self, click: gr.EventData, request: gr.Request) -> tuple[Any, Any, Any]:
        """(status, viewer, strip) with the comparison clicked on the page."""
        visit = self.visits.of(request.session_hash)
        wanted = click._data.get("id") if isinstance(click._data, dict) else None
        record = next((record for record in visit.history if record.id == wanted), None)
        visit.end(visit.stop)
        if record is None:
            return error(text.RECORD_GONE), gr.skip(), self._shown(visit)
        record.opened = replace(record.opened, batch=None)  # there may be another batch by now
        visit.opened, visit.reference, visit.record = record.opened, record.reference, record
        visit.sweep()
        return idle(text.RECALLED.format(name=record.opened.name)), record.shown(), self._shown(visit)

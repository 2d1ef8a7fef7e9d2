"""A clean photo to compare with: PSNR and SSIM for what is on the page, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.quality import BY_REFERENCE, EXTRAS
from uniremoval.ui import text
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.viewer.zoom_tiles import save_for_view
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.record import Opened, Record
from uniremoval.ui.visit.uploads import uploaded
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine


class References:
    """The listeners of the reference's field."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def open(self, upload: dict[str, Any] | None, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer): the reference beside the photo, then the scores one by one."""
        visit = self.visits.of(request.session_hash)
        if visit.opened is None:
            yield error(text.NO_PHOTO), gr.skip()
            return
        try:
            yield from self._open(visit, visit.opened, upload)
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()

    def _open(self, visit: Visit, opened: Opened, upload: dict[str, Any] | None) -> Iterator[tuple[Any, Any]]:
        path, name = uploaded(upload)
        photo = self.engine.read(path, name)
        if photo.size != opened.size:
            sizes = {
                key: f"{width} x {height}" for key, (height, width) in (("it", photo.size), ("photo", opened.size))
            }
            raise PhotoError(text.REFERENCE_SIZE.format(name=name, **sizes))
        picture = save_for_view(photo, visit.new_folder("reference") / "reference.png")
        visit.reference = Opened(path, name, picture, photo.size)
        record = _record_of(visit, opened)
        record.reference, record.view, record.weaker = visit.reference, None, None
        record.scores = {key: _no_reference(scores) for key, scores in record.scores.items() if key != REFERENCE}
        yield busy(text.COMPARING), record.shown()
        if record.outputs:
            record.scores[REFERENCE] = self.engine.score(photo.on_white)
        for key, file in record.files().items():
            if key in record.outputs or (key == INPUT and record.outputs):
                pixels = self.engine.read(file, file.name).on_white
                record.scores[key] = record.scores.get(key, {}) | self.engine.compare(pixels, photo.on_white)
                yield gr.skip(), record.shown()
        visit.sweep()
        yield idle(text.REFERENCE_OPENED.format(name=name)), record.shown()

    def remove(self, request: gr.Request) -> tuple[Any, Any]:
        visit = self.visits.of(request.session_hash)
        if visit.opened is None or visit.reference is None:
            return idle(text.NO_REFERENCE), gr.skip()
        visit.reference = None
        record = _record_of(visit, visit.opened)
        record.reference = record.view = record.weaker = None
        record.scores = {key: _no_reference(scores) for key, scores in record.scores.items() if key != REFERENCE}
        visit.sweep()
        return idle(text.REFERENCE_REMOVED), record.shown()


def _record_of(visit: Visit, opened: Opened) -> Record:
    """The comparison on the page; of the photo alone if nothing has been restored yet."""
    if visit.record is None or visit.record.opened is not opened:
        return Record(opened, extras=visit.extras)
    return visit.record


def _no_reference(scores: dict[str, Any]) -> dict[str, Any]:
    of_two = BY_REFERENCE.keys() | {name for name, metric in EXTRAS.items() if metric.by_reference}
    return {metric: score for metric, score in scores.items() if metric not in of_two}

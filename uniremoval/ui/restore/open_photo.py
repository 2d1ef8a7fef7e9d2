"""Listeners around a restoration: list checkpoints, open a photo, stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.ui import text
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.restore.examples import Example
from uniremoval.ui.restore.run import Restoring
from uniremoval.ui.viewer.zoom_tiles import saved_for_view
from uniremoval.ui.visit.record import Opened, Record
from uniremoval.ui.visit.uploads import uploaded
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine

Update = dict[str, Any]


class Handlers:
    """The listeners of one page layout; all they know of a visitor is in `visits`."""

    def __init__(self, engine: Engine, visits: Visits, shown: list[Example]) -> None:
        self.engine = engine
        self.visits = visits
        self.shown = shown
        self.restoring = Restoring(engine, visits)

    def come_back(self, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer) of a page that was loaded again, without what was still at work then."""
        visit = self.visits.of(request.session_hash)
        if visit.lost:
            return idle(text.VISIT_GONE), gr.skip()
        if not visit.back or visit.opened is None or visit.busy:
            return gr.skip(), gr.skip()
        record = visit.record or Record(visit.opened)
        record.stop()
        return idle(text.VISIT_BACK.format(name=visit.opened.name)), record.shown()

    def announce_photo(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """At once: stop what runs for this visitor and say that the photo is being read."""
        self.visits.of(request.session_hash).begin()
        return busy(text.READING), gr.update(interactive=True), gr.update(interactive=True)

    def open_upload(self, upload: dict[str, Any] | None, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer). upload: Gradio's description of the file."""
        visit = self.visits.of(request.session_hash)
        yield from self._unless_replaced(visit, lambda: self._opening(visit, *uploaded(upload)))

    def open_example(self, index: int, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer)."""
        visit, example = self.visits.of(request.session_hash), self.shown[int(index)]
        yield from self._unless_replaced(visit, lambda: self._opening(visit, example.path, example.path.name))

    def _unless_replaced(self, visit: Visit, opening: Callable[[], Iterator[Opened]]) -> Iterator[tuple[Any, Any]]:
        """Put what is opened on the page, or say why it cannot be and leave the photo before.

        Neither, once other work has begun on the page; work on this very photo may begin while it has a draft alone.
        """
        stop, before, photo = visit.stop, (visit.opened, visit.reference, visit.record), None
        try:
            for photo in opening():
                if visit.stop is not stop and visit.opened is not photo:
                    yield gr.skip(), gr.skip()
                    return
                if visit.opened is not photo:
                    visit.opened, visit.reference, visit.record = photo, None, None
                if photo.draft is None:
                    visit.fresh = stop
                    visit.sweep()
                words = busy(photo.words) if visit.stop is stop else gr.skip()
                yield words, (visit.record or Record(photo)).shown()
        except UniremovalError as problem:
            if visit.stop is not stop:
                yield gr.skip(), gr.skip()
                return
            if visit.opened is photo:
                visit.opened, visit.reference, visit.record = before
            visit.end(stop)
            yield error(self.engine.told(problem)), gr.skip()

    def _opening(self, visit: Visit, path: Path, name: str) -> Iterator[Opened]:
        """A large photo at first with a draft."""
        photo = self.engine.read(path, name)
        picture = visit.new_folder("photo") / "input.png"
        height, width = photo.size
        words = " ".join([f"{name}: {width} x {height} pixels, {photo.bits} bits per channel.", *photo.notes])
        opened = Opened(path, name, picture, photo.size, words)
        for _ in saved_for_view(photo, picture):
            yield opened

    def start(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """At once, before the queue: a sign of life, and Cancel in place of Compare.

        Where the visitor waits already, what is asked for now takes that place before it can be given up.
        """
        visit = self.visits.of(request.session_hash)
        self.engine.machine.join(visit.token)
        visit.begin()
        return (
            busy(text.STARTING),
            gr.update(interactive=False),
            gr.update(interactive=True),
        )

    def cancel(self, request: gr.Request) -> None:
        """Outside the queue: the work ends within a tile. Its own listener says so, whose last words must stand."""
        self.visits.of(request.session_hash).stop.set()

    def finish(self, request: gr.Request) -> tuple[Update, Update]:
        """The buttons as they were, unless other work has begun since."""
        if self.visits.of(request.session_hash).busy:
            return gr.skip(), gr.skip()
        return gr.update(interactive=True), gr.update(interactive=False)

    def fail(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """After an error that is ours, which Gradio has logged, or a refusal because too many are waiting."""
        visit = self.visits.of(request.session_hash)
        visit.end(visit.stop)
        return error(text.UNEXPECTED), *self.finish(request)

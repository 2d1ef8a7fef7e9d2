"""What happens on the page around a restoration: checkpoints are listed, a photo is opened, work is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.photo import Photo, save
from uniremoval.ui import text
from uniremoval.ui.engine import Engine
from uniremoval.ui.examples import Example
from uniremoval.ui.pickers import by_stage
from uniremoval.ui.record import Opened, Record
from uniremoval.ui.restoring import Restoring
from uniremoval.ui.status import busy, error, idle
from uniremoval.ui.uploads import uploaded
from uniremoval.ui.visits import Visits

Update = dict[str, Any]


class Handlers:
    """The listeners of one page layout; all they know of a visitor is in `visits`."""

    def __init__(self, engine: Engine, visits: Visits, shown: list[Example]) -> None:
        self.engine = engine
        self.visits = visits
        self.shown = shown
        self.restoring = Restoring(engine, visits)

    def fill_pickers(self) -> list[Update]:
        """When a page opens: the catalog's checkpoints by stage, all ticked, and a sentence if there are none."""
        try:
            entries = self.engine.catalog().entries()
        except UniremovalError as problem:
            return [*(gr.update() for _ in text.STAGES), error(self.engine.told(problem))]
        return [*by_stage(entries), gr.skip() if entries else error(text.NO_CHECKPOINTS)]

    def announce_photo(self, request: gr.Request) -> Update:
        """At once: stop what runs for this visitor and say that the photo is being read."""
        self.visits.of(request.session_hash).begin()
        return busy("Reading the photo")

    def open_upload(self, upload: dict[str, Any] | None, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """upload: Gradio's description of the file."""
        try:
            path, name = uploaded(upload)
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()
            return
        yield from self._open(path, name, request)

    def open_example(self, index: int, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        example = self.shown[int(index)]
        yield from self._open(example.path, example.path.name, request)

    def _open(self, path: Path, name: str, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        visit = self.visits.of(request.session_hash)
        try:
            photo = self.engine.read(path, name)
            picture = save(photo, visit.new_folder("photo") / "input.png")
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()
            return
        visit.opened, visit.reference, visit.record = Opened(path, name, picture, photo.size), None, None
        visit.sweep()
        yield idle(self._described(photo, name)), Record(visit.opened).shown()

    def _described(self, photo: Photo, name: str) -> str:
        height, width = photo.size
        words = [f"{name}: {width} x {height} pixels, {photo.bits} bits a channel.", *photo.notes, text.READY]
        return " ".join(words)

    def start(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """At once, before the queue: a sign of life, and Cancel in place of Restore."""
        self.visits.of(request.session_hash).begin()
        return (
            busy(text.STARTING),
            gr.update(interactive=False),
            gr.update(interactive=True),
        )

    def cancel(self, request: gr.Request) -> Update:
        """Outside the queue: the work ends within a tile, and its listener says so."""
        self.visits.of(request.session_hash).stop.set()
        return busy("Cancelling")

    def finish(self) -> tuple[Update, Update]:
        """Restore and Cancel as they were."""
        return gr.update(interactive=True), gr.update(interactive=False)

    def fail(self) -> tuple[Update, Update, Update]:
        """After an error that is ours, which Gradio has logged, or a refusal because too many are waiting."""
        return error(text.UNEXPECTED), *self.finish()

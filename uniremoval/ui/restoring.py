"""Restore, on the page: the photo goes through the chosen checkpoints, and what happens is shown as it happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.ui import text
from uniremoval.ui.comparing import Advanced, Event, Failed, Finished, Scored, compare
from uniremoval.ui.engine import Engine
from uniremoval.ui.record import Output, Record
from uniremoval.ui.status import busy, error, idle
from uniremoval.ui.visits import Visit, Visits

BETWEEN_UPDATES = 0.2
Update = dict[str, Any]


class Restoring:
    """The listener of the Restore button."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def restore_chosen(
        self, teachers: list[str], students: list[str], adapted: list[str], ensemble: bool, request: gr.Request
    ) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer) as outputs and scores come in."""
        visit = self.visits.of(request.session_hash)
        names = [*(teachers or []), *(students or []), *(adapted or [])]
        if visit.opened is None:
            yield error(text.NO_PHOTO), gr.skip()
        elif not names:
            yield error(text.NONE_SELECTED), gr.skip()
        elif not visit.opened.source.exists():
            yield error(text.GONE), gr.skip()
        else:
            try:
                yield from self._restore(visit, names, bool(ensemble))
            except UniremovalError as problem:
                yield error(self.engine.told(problem)), gr.skip()

    def _restore(self, visit: Visit, names: list[str], ensemble: bool) -> Iterator[tuple[Any, Any]]:
        stop, opened = visit.stop, visit.opened
        engine = self.engine.for_visitor(visit.additions.entries)
        titles = {card.name: text.title_of(card) for card in engine.cards()}
        outputs = {name: Output(name, titles.get(name, name)) for name in names}
        record = visit.record = Record(opened, outputs, visit.reference)
        yield busy(text.STARTING), record.shown()
        folder = visit.new_folder("run")
        targets = {name: folder / opened.download_name(name) for name in names}
        started, done, updated = time.perf_counter(), 0, 0.0
        for event in self._events(engine, record, targets, stop, ensemble):
            match event:
                case None:
                    yield gr.skip(), gr.skip()
                case int(ahead):
                    started = time.perf_counter()
                    yield busy(text.waiting(ahead)), gr.skip()
                case Advanced(name, index, tile, tiles, left):
                    share = (index + tile / tiles) / len(names)
                    words = text.progress(titles.get(name, name), index + 1, len(names), tile, tiles, left)
                    if outputs[name].state == "waiting":
                        outputs[name].state, outputs[name].message = "working", "Restoring"
                        yield busy(words, share), record.shown()
                    elif time.perf_counter() - updated > BETWEEN_UPDATES:
                        yield busy(words, share), gr.skip()
                    else:
                        continue
                    updated = time.perf_counter()
                case Finished(name):
                    done += 1
                    outputs[name].state, outputs[name].message, outputs[name].done = "done", "", event
                    yield busy("Scoring" if done == len(names) else "Restoring", done / len(names)), record.shown()
                case Failed(name, sentence):
                    outputs[name].state, outputs[name].message = "failed", sentence
                    yield gr.skip(), record.shown()
                case Scored(name, found):
                    record.scores[name] = found
                    yield gr.skip(), record.shown()
        for output in outputs.values():
            if output.state in ("waiting", "working"):
                output.state, output.message = "stopped", "Cancelled"
        if done:
            visit.keep(record)
        visit.sweep()
        seconds = time.perf_counter() - started
        stopped = any(output.state == "stopped" for output in outputs.values())
        yield idle(text.summary(done, len(names), seconds, stopped)), record.shown()

    def _events(
        self, engine: Engine, record: Record, targets: dict[str, Path], stop: threading.Event, ensemble: bool
    ) -> Iterator[int | Event | None]:
        """How many are before this visitor, as long as somebody is; then the photo is read, and `compare` tells."""
        with engine.machine.join() as turn:
            while not turn.wait(BETWEEN_UPDATES):
                if stop.is_set():
                    return
                yield turn.ahead
            photo = engine.read(record.opened.source, record.opened.name)
            clean = engine.read(record.reference.picture, record.reference.name) if record.reference else None
            yield from compare(engine, photo, targets, stop, clean, ensemble, turn)

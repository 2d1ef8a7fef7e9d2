"""Restore, on the page: the photo goes through the chosen checkpoints, and what happens is shown as it happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.ui import text
from uniremoval.ui.parts.pickers import recommended
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.visit.events import Advanced, Beat, Event, Finished, Waiting
from uniremoval.ui.visit.record import Opened, Record, output_of
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.comparison import Job, compare
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.first_look import first_look
from uniremoval.ui.work.turns import Turn

if TYPE_CHECKING:
    from uniremoval.catalog import Entry
    from uniremoval.ui.visit.region import Region

BETWEEN_UPDATES = 0.2
Update = dict[str, Any]


class Restoring:
    """The listeners that restore: when a photo has been opened, and when the visitor asks for a comparison."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def restore_recommended(self, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """The photo just opened, through the one checkpoint that does most. Yields (status, viewer)."""
        visit = self.visits.of(request.session_hash)
        if visit.fresh is visit.stop:
            visit.fresh = None
            yield from self._guarded(visit, None, False)
        else:
            yield gr.skip(), gr.skip()

    def restore_chosen(
        self, ensemble: bool, request: gr.Request, *ticked: list[str] | None
    ) -> Iterator[tuple[Any, Any]]:
        """Yields (status, viewer) as outputs and scores come in. ticked: names, one list per stage."""
        visit = self.visits.of(request.session_hash)
        *method, others = ticked
        names = [name for stage in (*reversed(method), others) for name in stage or []]
        yield from self._guarded(visit, names, bool(ensemble))

    def _guarded(self, visit: Visit, names: list[str] | None, ensemble: bool) -> Iterator[tuple[Any, Any]]:
        """names: of the checkpoints; None stands for the recommended one.

        What cannot be done is told in a sentence. Once other work has begun on the page, this stays silent.
        """
        stop = visit.stop
        try:
            with self.engine.machine.join(visit.token) as turn:
                for update in self._told(visit, turn, names, ensemble):
                    yield update if visit.stop is stop else (gr.skip(), gr.skip())
        finally:
            visit.end(stop)

    def _told(self, visit: Visit, turn: Turn, names: list[str] | None, ensemble: bool) -> Iterator[tuple[Any, Any]]:
        if visit.opened is None:
            yield error(text.NO_PHOTO), gr.skip()
        elif names == []:
            yield error(text.NONE_SELECTED), gr.skip()
        elif not visit.opened.source.exists():
            yield error(text.GONE), gr.skip()
        else:
            try:
                engine = self.engine.for_visitor(visit.additions.entries)
                entries = {entry.name: entry for entry in engine.catalog().entries()}
                if names is None and not entries:
                    yield error(text.NO_CHECKPOINTS), gr.skip()
                    return
                chosen = names or [recommended(entries.values())]
                record = _record(visit, visit.opened, entries, chosen, ensemble)
                before = "" if names else f"{visit.opened.words} "
                yield from self._restore(engine, visit, turn, record, ensemble, before)
            except UniremovalError as problem:
                yield error(self.engine.told(problem)), gr.skip()

    def _restore(
        self, engine: Engine, visit: Visit, turn: Turn, record: Record, ensemble: bool, before: str
    ) -> Iterator[tuple[Any, Any]]:
        """before: what the last words begin with."""
        stop, opened, outputs = visit.stop, record.opened, record.outputs
        visit.record = record
        yield busy(text.STARTING), record.shown()
        folder = visit.new_folder("run")
        targets = {name: folder / opened.download_name(name) for name, output in outputs.items() if not output.done}
        started, done, updated = time.perf_counter(), 0, 0.0
        looked_at = partial(visit.region_of, opened)
        for event in self._events(engine, turn, record, targets, stop, ensemble, looked_at):
            begins = isinstance(event, Advanced) and outputs[event.name].state == "waiting"
            record.take(event)
            match event:
                case Beat():
                    yield busy("Cancelling") if stop.is_set() else gr.skip(), gr.skip()
                case Waiting(ahead):
                    started = time.perf_counter()
                    yield busy(text.waiting(ahead)), gr.skip()
                case Advanced(name, index, progress, left):
                    if begins or time.perf_counter() - updated > BETWEEN_UPDATES:
                        updated = time.perf_counter()
                        share = (index + progress.share) / len(targets)
                        words = text.progress(outputs[name].title, index + 1, len(targets), progress, left)
                        yield busy(words, share), record.shown() if begins else gr.skip()
                case Finished():
                    done += 1
                    words = text.SCORING if done == len(targets) else text.RESTORING
                    yield busy(words, done / len(targets)), record.shown()
                case _:
                    yield gr.skip(), record.shown()
        record.stop()
        finished = sum(output.done is not None for output in outputs.values())
        if finished:
            visit.keep(record)
        visit.sweep()
        seconds = time.perf_counter() - started
        stopped = any(output.state == "stopped" for output in outputs.values())
        words = text.summary(opened.name, finished, len(outputs), seconds, stopped)
        yield idle(before + words), record.shown()

    def _events(
        self,
        engine: Engine,
        turn: Turn,
        record: Record,
        targets: dict[str, Path],
        stop: threading.Event,
        ensemble: bool,
        looked_at: Callable[[], Region | None],
    ) -> Iterator[Event]:
        """How many are before this visitor, as long as somebody is; then a first look at what becomes of a large photo,
        while that is read, and what `compare` tells."""
        while not turn.wait(BETWEEN_UPDATES):
            if stop.is_set():
                return
            yield Waiting(turn.ahead)
        turn.kept = True
        opened, looks = record.opened, {}
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(engine.read_and_keep if opened.draft else engine.read, opened.source, opened.name)
            if opened.draft and targets and not ensemble:
                checkpoint, target = next(iter(targets.items()))
                if look := first_look(engine, opened.source, opened.name, checkpoint, target, stop):
                    yield look.event
                    looks[checkpoint] = look.side
            photo = reading.result()
        clean = engine.read(record.reference.picture, record.reference.name) if record.reference else None
        job = Job(photo, targets, clean, ensemble, for_page=True, looked_at=looked_at, looks=looks)
        yield from compare(engine, job, stop, turn)


def _record(visit: Visit, opened: Opened, entries: Mapping[str, Entry], names: list[str], ensemble: bool) -> Record:
    """Of these checkpoints; with the outputs that are on the page already and would come out the same."""
    outputs = {name: output_of(name, entries.get(name), ensemble) for name in names}
    record = Record(opened, outputs, visit.reference, extras=visit.extras)
    before = visit.record
    if before and before.opened is opened and before.reference is visit.reference:
        for name, output in before.outputs.items():
            same = name in outputs and output.made_by == outputs[name].made_by
            if same and output.done and name in before.scores:
                outputs[name] = output
                record.scores[name] = before.scores[name]
    return record

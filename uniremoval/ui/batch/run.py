"""Work on a batch: one photo after another through the chosen checkpoints, whatever is wrong with some of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.ui import text
from uniremoval.ui.batch.report import report
from uniremoval.ui.parts.courier import parcel
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.parts.thumbnails import save_thumbnail
from uniremoval.ui.visit.batch_record import Batch, Item, items_of
from uniremoval.ui.visit.events import INPUT, Advanced, Beat, Finished
from uniremoval.ui.visit.record import Opened, Output, Record, output_of
from uniremoval.ui.visit.uploads import uploaded
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.comparison import Job, compare
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.export import FORMATS, rows_of, surroundings, write_zip
from uniremoval.ui.work.strength import labelled, strength_of

BETWEEN_UPDATES = 0.4


class Batching:
    """The listeners of the Batch tab."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine, self.limits = engine, engine.settings.limits
        self.visits = visits

    def choose(self, uploads: list[dict[str, Any]] | None, request: gr.Request) -> tuple[Any, Any]:
        visit = self.visits.of(request.session_hash)
        if visit.batch and visit.batch.running and not visit.batch.stop.is_set():
            return error(text.BATCH_UNDER_WAY), gr.skip()
        if not uploads:
            return error(text.BATCH_EMPTY), gr.skip()
        if len(uploads) > self.limits.batch_photos:
            return error(text.BATCH_TOO_MANY.format(given=len(uploads), limit=self.limits.batch_photos)), gr.skip()
        try:
            items = items_of([uploaded(each) for each in uploads])
        except UniremovalError as problem:
            return error(self.engine.told(problem)), gr.skip()
        visit.batch = Batch(items)
        return idle(text.BATCH_CHOSEN.format(photos=text.count(len(items), "photo"))), visit.batch.shown()

    def come_back(self, request: gr.Request) -> tuple[Any, Any]:
        """(status, table) of a page that was loaded again."""
        visit = self.visits.of(request.session_hash)
        batch = visit.batch
        if not visit.back or batch is None:
            return gr.skip(), gr.skip()
        if batch.folder and not batch.running:
            batch.cancel_the_rest()
        return idle(text.BATCH_BACK), batch.shown()

    def start(self, request: gr.Request) -> tuple[Any, Any, Any, Any]:
        """At once, before the queue."""
        batch = self.visits.of(request.session_hash).batch
        if batch:
            batch.stop.clear()
        return (
            busy(text.STARTING),
            gr.update(interactive=False),
            gr.update(interactive=True),
            gr.update(interactive=False),
        )

    def run(self, names: list[str], format: str, percent: float, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, table). format: one of FORMATS. percent: the outputs' strength."""
        visit = self.visits.of(request.session_hash)
        batch = visit.batch
        if batch is None:
            yield error(text.BATCH_EMPTY), gr.skip()
        elif not names:
            yield error(text.NONE_SELECTED), gr.skip()
        else:
            folder = batch.folder = visit.new_folder("batch")
            batch.suffix, batch.strength = FORMATS.get(format, ".png"), strength_of(percent / 100)
            batch.running = True
            try:
                with self.engine.batches.join() as turn:
                    while not turn.wait(BETWEEN_UPDATES) and not batch.stop.is_set():
                        yield busy(text.waiting(turn.ahead)), gr.skip()
                    engine = self.engine.for_visitor(visit.additions.entries)
                    for update in self._run(engine, batch, folder, names):
                        turn.wait(0)  # not forgotten, as long as somebody looks
                        yield update
            except UniremovalError as problem:
                yield error(self.engine.told(problem)), gr.skip()
            finally:
                batch.running = False

    def _run(self, engine: Engine, batch: Batch, folder: Path, names: list[str]) -> Iterator[tuple[Any, Any]]:
        started, updated = time.perf_counter(), 0.0
        entries = {entry.name: entry for entry in engine.catalog().entries()}
        for item in batch.items:
            item.record, item.problem = None, None
        for index, item in enumerate(batch.items):
            if batch.stop.is_set():
                break
            outputs = {name: output_of(name, entries.get(name), ensemble=False) for name in names}
            for progress in self._restore(engine, batch, folder, item, index, outputs):
                passed = time.perf_counter() - started
                if progress is None:
                    yield busy("Cancelling") if batch.stop.is_set() else gr.skip(), gr.skip()
                elif time.perf_counter() - updated > BETWEEN_UPDATES:
                    share = (index + progress) / len(batch.items)
                    left = passed * (1 - share) / share if share > 0.02 else None
                    words = text.batch_progress(index + 1, len(batch.items), item.name, left)
                    yield busy(words, share), batch.shown()
                    updated = time.perf_counter()
        stopped = batch.stop.is_set()
        if stopped:
            batch.cancel_the_rest()
        bad = sum(item.problem is not None and not stopped for item in batch.items)
        words = text.batch_summary(len(batch.done()), bad, time.perf_counter() - started, stopped)
        yield idle(words), batch.shown()

    def _restore(
        self, engine: Engine, batch: Batch, folder: Path, item: Item, index: int, outputs: dict[str, Output]
    ) -> Iterator[float | None]:
        """Yields how much of this photo's work is done, or None as a heartbeat."""
        try:
            if batch.bytes() > self.limits.batch_bytes:
                item.problem = text.BATCH_FULL.format(limit=self.limits.batch_bytes / 1e9)
                return
            photo = self.engine.read(item.source, item.name)
        except UniremovalError as problem:
            item.problem = self.engine.told(problem)
            return
        thumbnail = save_thumbnail(photo.on_white, folder / f"{index}-input.jpg")
        item.thumbnails = {INPUT: thumbnail}
        opened = Opened(item.source, item.name, thumbnail, photo.size)
        item.record = Record(opened, outputs)
        targets = {
            name: folder / opened.download_name(labelled(name, batch.strength), batch.suffix) for name in outputs
        }
        share = 0.0
        for event in compare(engine, Job(photo, targets, strength=batch.strength), batch.stop):
            item.record.take(event)
            match event:
                case Beat():
                    yield None
                    continue
                case Advanced(_, place, progress, _):
                    share = (place + progress.share) / len(outputs)
                case Finished(name, path):
                    pixels = self.engine.read(path, path.name).on_white
                    item.thumbnails[name] = save_thumbnail(pixels, path.with_suffix(".thumbnail.jpg"))
            yield share

    def cancel(self, request: gr.Request) -> None:
        """Outside the queue: the work ends within a tile. Its own listener says so, whose last words must stand."""
        batch = self.visits.of(request.session_hash).batch
        if batch:
            batch.stop.set()

    def finish(self) -> tuple[Any, Any, Any]:
        return gr.update(interactive=True), gr.update(interactive=False), gr.update(interactive=True)

    def fail(self) -> tuple[Any, Any, Any, Any]:
        return error(text.UNEXPECTED), *self.finish()

    def fetch(self, request: gr.Request) -> tuple[Any, Any]:
        """Everything there is, as one ZIP."""
        batch = self.visits.of(request.session_hash).batch
        done = batch.done() if batch else []
        if batch is None or batch.folder is None or not done:
            return error(text.NOTHING_TO_SAVE), gr.skip()
        files = {path.name: path for _, _, path in done}
        rows = [row for item in batch.items for row in (rows_of(item.record) if item.record else [_bad(item)])]
        settings = {
            "photos": [item.name for item in batch.items],
            "strength": batch.strength,
            "outputs": [
                {
                    "file": path.name, "photo": record.opened.name, "checkpoint": name,
                    "precision": made.precision, "seconds": round(made.seconds, 3), "tiles": made.tiles,
                    "notes": made.notes,
                }
                for record, name, path in done if (made := record.outputs[name].done)
            ],
            **surroundings(self.engine),
        }  # fmt: skip
        path = batch.folder / text.BATCH_ZIP
        try:
            write_zip(path, files, rows, settings, report(batch))
        except UniremovalError as problem:
            return error(self.engine.told(problem)), gr.skip()
        return idle(text.SAVED.format(name=path.name)), parcel(path, path.name)


def _bad(item: Item) -> dict[str, Any]:
    return {"photo": item.name, "problem": item.problem or text.WAITING}

"""What happens on the page: a photo is opened, restored by the chosen checkpoints and scored; or work is stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.photo import Photo, save
from uniremoval.ui import text
from uniremoval.ui.compare import comparison, pane, show_file
from uniremoval.ui.comparing import INPUT, Advanced, Failed, Finished, Scored, compare
from uniremoval.ui.engine import Engine
from uniremoval.ui.examples import Example
from uniremoval.ui.status import busy, error, idle
from uniremoval.ui.visits import Opened, Visit, Visits

BETWEEN_UPDATES = 0.2
Update = dict[str, Any]


class Handlers:
    """The listeners of one page layout; all they know of a visitor is in `visits`."""

    def __init__(self, engine: Engine, shown: list[Example]) -> None:
        self.engine = engine
        self.shown = shown
        self.visits = Visits()
        self.restoring = False

    def fill_pickers(self) -> list[Update]:
        """When a page opens: the catalog's checkpoints by stage, all ticked, and a sentence if there are none."""
        try:
            stages = self.engine.catalog().by_stage()
        except UniremovalError as problem:
            return [*(gr.update() for _ in text.STAGES), error(str(problem))]
        pickers = []
        for stage in text.STAGES:
            cards = sorted((entry.card for entry in stages[stage]), key=text.picker_order)
            choices = [(text.choice_of(card), card.name) for card in cards]
            pickers.append(gr.update(choices=choices, value=[name for _, name in choices], visible=bool(choices)))
        none = not any(stages.values())
        return [*pickers, error(text.NO_CHECKPOINTS) if none else gr.skip()]

    def announce_photo(self, request: gr.Request) -> Update:
        """At once: stop what runs for this visitor and say that the photo is being read."""
        self.visits.of(request.session_hash).begin()
        return busy("Reading the photo")

    def open_upload(self, upload: dict[str, Any] | None, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """upload: Gradio's description of a file that it has checked to be an upload."""
        if upload is None:
            yield error(text.NO_PHOTO), gr.skip()
            return
        path = Path(upload["path"])
        yield from self._open(path, upload.get("orig_name") or path.name, request)

    def open_example(self, index: int, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        example = self.shown[int(index)]
        yield from self._open(example.path, example.path.name, request)

    def _open(self, path: Path, name: str, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        visit = self.visits.of(request.session_hash)
        try:
            photo = self.engine.read(path, name)
            picture = save(photo, visit.emptied("photo") / "input.png")
        except UniremovalError as problem:
            yield error(str(problem)), gr.skip()
            return
        visit.opened = Opened(path, name, picture, photo.size)
        yield idle(self._described(photo, name)), self._input_alone(visit.opened)

    def _described(self, photo: Photo, name: str) -> str:
        height, width = photo.size
        words = [f"{name}: {width} x {height} pixels, {photo.bits} bits a channel.", *photo.notes, text.READY]
        return " ".join(words)

    def _input_alone(self, opened: Opened) -> Update:
        item = pane(INPUT, "Input")
        show_file(item, opened.picture)
        return comparison(str(opened.picture), opened.size, [item])

    def start(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """At once, before the queue: a sign of life, and Cancel in place of Restore."""
        self.visits.of(request.session_hash).begin()
        return (
            busy(text.QUEUED if self.restoring else text.STARTING),
            gr.update(interactive=False),
            gr.update(interactive=True),
        )

    def restore_chosen(
        self, teachers: list[str], students: list[str], adapted: list[str], request: gr.Request
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
            self.restoring = True
            try:
                yield from self._restore(visit, visit.opened, names)
            except UniremovalError as problem:
                yield error(str(problem)), gr.skip()
            finally:
                self.restoring = False

    def _restore(self, visit: Visit, opened: Opened, names: list[str]) -> Iterator[tuple[Any, Any]]:
        stop = visit.stop
        started = time.perf_counter()
        yield busy(text.STARTING), self._input_alone(opened)
        titles = {card.name: text.title_of(card) for card in self.engine.cards()}
        photo = self.engine.read(opened.source, opened.name)
        panes = {INPUT: pane(INPUT, "Input")} | {name: pane(name, titles.get(name, name)) for name in names}
        show_file(panes[INPUT], opened.picture)
        scores: dict[str, Any] = {}
        done, updated = 0, 0.0

        def drawn() -> Update:
            for key, item in panes.items():
                if item["state"] == "done":
                    item["scores"] = text.score_cells(scores, key)
            return comparison(str(opened.picture), opened.size, list(panes.values()))

        yield gr.skip(), drawn()
        folder = visit.emptied("run")
        targets = {name: folder / opened.download_name(name) for name in names}
        for event in compare(self.engine, photo, targets, stop):
            match event:
                case None:
                    yield gr.skip(), gr.skip()
                case Advanced(name, index, tile, tiles, left):
                    share = (index + tile / tiles) / len(names)
                    words = text.progress(panes[name]["title"], index + 1, len(names), tile, tiles, left)
                    if panes[name]["state"] == "waiting":
                        panes[name] |= {"state": "working", "message": "Restoring"}
                        yield busy(words, share), drawn()
                    elif time.perf_counter() - updated > BETWEEN_UPDATES:
                        yield busy(words, share), gr.skip()
                    else:
                        continue
                    updated = time.perf_counter()
                case Finished(name, path, seconds, notes):
                    done += 1
                    show_file(panes[name], path, path.name)
                    panes[name] |= {"time": text.duration(seconds), "remark": " ".join(notes)}
                    yield busy("Scoring" if done == len(names) else "Restoring", done / len(names)), drawn()
                case Failed(name, sentence):
                    panes[name] |= {"state": "failed", "message": sentence}
                    yield gr.skip(), drawn()
                case Scored(name, found):
                    scores[name] = found
                    yield gr.skip(), drawn()
        for item in panes.values():
            if item["state"] in ("waiting", "working"):
                item |= {"state": "stopped", "message": "Cancelled"}
        seconds = time.perf_counter() - started
        stopped = done + sum(item["state"] == "failed" for item in panes.values()) < len(names)
        yield idle(text.summary(done, len(names), seconds, stopped)), drawn()

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

    def leave(self, request: gr.Request) -> None:
        self.visits.leave(request.session_hash)

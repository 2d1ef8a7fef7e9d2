"""One photo through several checkpoints: what happens is told as it happens, restorations and scores side by side.

A restoring thread hands each output to a scoring thread and goes on, so that scores never hold up a picture.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING

from uniremoval.errors import Cancelled, UniremovalError
from uniremoval.photo import Photo, save
from uniremoval.tiling import Tile
from uniremoval.ui import text
from uniremoval.ui.parts.thumbnails import save_jpeg
from uniremoval.ui.viewer.zoom_tiles import is_large, save_smaller, save_whole
from uniremoval.ui.visit.events import (
    INPUT,
    REFERENCE,
    Advanced,
    Beat,
    Drafted,
    Event,
    Failed,
    Finished,
    Scored,
    Sharpened,
)
from uniremoval.ui.visit.region import Region
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.scoring import all_scores
from uniremoval.ui.work.turns import Turn

if TYPE_CHECKING:
    import numpy as np

    from uniremoval.coarse_to_fine import Draft, Part, Progress

BEAT_SECONDS = 0.2
SMALLEST_DRAFT = 96
"""Pixels per side below which a draft shows too little to be worth the while."""
UNSCORED_KEPT = 2
"""Outputs that may wait for their scores in memory: a 12-megapixel one takes 144 MB."""


@dataclass(frozen=True)
class Job:
    """A photo and the work to do on it.

    targets: where the output of each checkpoint goes, by its name.
    reference: a clean photo of the same size; it is scored too, and all others are compared with it.
    ensemble: each output is the mean over mirror images, see `restore_ensemble`.
    strength: of the outputs, from 0, the photo as it was, to 1.
    for_page: also write, beside the targets, what a page shows: drafts of what is restored up to each coarser scale,
        and of large outputs a smaller picture and tiles.
    looked_at: the region of the photo that somebody looks at closely by now, which is restored and written first.
    looks: the shorter side of the draft that is shown already, by checkpoint; smaller ones are left out.
    """

    photo: Photo
    targets: Mapping[str, Path]
    reference: Photo | None = None
    ensemble: bool = False
    strength: float = 1
    for_page: bool = False
    looked_at: Callable[[], Region | None] | None = None
    looks: Mapping[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """Facts that every output records."""
        return () if self.strength == 1 else (text.AT_STRENGTH.format(percent=round(100 * self.strength)),)


def compare(engine: Engine, job: Job, stop: threading.Event, turn: Turn | None = None) -> Iterator[Event]:
    """Restore the photo with each checkpoint, write the outputs to their targets, and score the input and them.

    turn: that on the machine if it has come already; it is ended with the work.

    A `Beat` comes whenever nothing else does, so that closing the iterator takes effect soon. Closing it, or setting
    `stop`, ends all work within a tile; no thread outlives the iterator.
    """
    turn = turn or engine.machine.join()
    events: Queue[Event | Exception | None] = Queue()
    unscored: Queue[tuple[str, np.ndarray] | None] = Queue(UNSCORED_KEPT)
    threads = [
        threading.Thread(target=_restore_all, args=(engine, job, stop, events, unscored)),
        threading.Thread(target=_score_all, args=(engine, job, stop, events, unscored, turn)),
    ]
    try:
        while not turn.wait(BEAT_SECONDS):
            if stop.is_set():
                return
            yield Beat()
        turn.kept = True
    finally:
        if not turn.kept:
            turn.end()
    finished = False
    try:
        for thread in threads:
            thread.start()
        while True:
            try:
                event = events.get(timeout=BEAT_SECONDS)
            except Empty:
                yield Beat()
                continue
            if event is None:
                finished = True
                return
            if isinstance(event, Exception):
                raise event
            yield event
    finally:
        if not finished:
            stop.set()
        for thread in threads:
            thread.join()


def _restore_all(
    engine: Engine,
    job: Job,
    stop: threading.Event,
    events: Queue[Event | Exception | None],
    unscored: Queue[tuple[str, np.ndarray] | None],
) -> None:
    start = time.perf_counter()

    def show(name: str, target: Path, draft: Draft) -> None:
        height, width = draft.pixels.shape[:2]
        if min(height, width) >= max(SMALLEST_DRAFT, job.looks.get(name, 0) + 1) and not is_large((height, width)):
            path = target.with_name(f"{target.stem}-{draft.scale}.jpg")
            save_jpeg(draft.pixels, path)
            events.put(Drafted(name, path))

    def sharpen(name: str, target: Path, part: Part) -> None:
        tile = part.tile
        path = target.with_name(f"{target.stem}-{tile.left}-{tile.top}-{tile.right}-{tile.bottom}.jpg")
        save_jpeg(part.pixels, path)
        events.put(Sharpened(name, path, Region(tile.left, tile.top, tile.width, tile.height)))

    def wanted() -> Tile | None:
        at = job.looked_at() if job.looked_at else None
        return Tile(at.y, at.x, at.y + at.height, at.x + at.width) if at else None

    def report(name: str, index: int, progress: Progress) -> None:
        done = index + progress.share
        left = (len(job.targets) - done) * (time.perf_counter() - start) / done if done else None
        events.put(Advanced(name, index, progress, left))

    try:
        unscored.put((INPUT, job.photo.on_white))
        if job.reference is not None:
            unscored.put((REFERENCE, job.reference.on_white))
        for index, (name, target) in enumerate(job.targets.items()):
            try:
                restored = engine.restore(
                    name,
                    job.photo,
                    job.ensemble,
                    on_progress=partial(report, name, index),
                    on_scale=partial(show, name, target) if job.for_page else None,
                    on_part=partial(sharpen, name, target),
                    wanted=wanted,
                    should_stop=stop.is_set,
                )
                if stop.is_set():
                    return
                output = job.photo.towards(restored.photo.pixels, job.strength)
                if job.for_page and is_large(output.size):
                    events.put(Drafted(name, save_smaller(output, target)))
                (save_whole if job.for_page else save)(output, target)
            except Cancelled:
                return
            except UniremovalError as error:
                events.put(Failed(name, engine.told(error)))
                continue
            notes = (*restored.notes, *job.notes)
            events.put(Finished(name, target, restored.seconds, restored.tiles, restored.precision, notes))
            unscored.put((name, output.on_white))
    except Exception as error:
        events.put(error)
    finally:
        unscored.put(None)


def _score_all(
    engine: Engine,
    job: Job,
    stop: threading.Event,
    events: Queue[Event | Exception | None],
    unscored: Queue[tuple[str, np.ndarray] | None],
    turn: Turn,
) -> None:
    try:
        while (item := unscored.get()) is not None:
            if stop.is_set():
                continue
            name, pixels = item
            try:
                clean = job.reference.on_white if job.reference and name != REFERENCE else None
                events.put(Scored(name, all_scores(engine, pixels, clean)))
            except Exception as error:
                events.put(error)
                stop.set()
        events.put(None)
    finally:
        turn.end()  # here, so that an iterator that nobody closes cannot keep it

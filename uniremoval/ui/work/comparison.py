"""One photo through several checkpoints: what happens is told as it happens, restorations and scores side by side.

A restoring thread hands each output to a scoring thread and goes on, so that scores never hold up a picture.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING

from uniremoval.errors import Cancelled, UniremovalError
from uniremoval.photo import Photo, save
from uniremoval.ui.parts.thumbnails import save_jpeg
from uniremoval.ui.viewer.zoom_tiles import is_large, saved_for_view
from uniremoval.ui.visit.events import INPUT, REFERENCE, Advanced, Drafted, Event, Failed, Finished, Scored
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.turns import Turn

if TYPE_CHECKING:
    import numpy as np

    from uniremoval.restore import Draft, Progress

BEAT_SECONDS = 0.2
SMALLEST_DRAFT = 96
"""Pixels a side below which a draft shows too little to be worth the while."""
UNSCORED_KEPT = 2
"""Outputs that may wait for their scores in memory: a 12-megapixel one takes 144 MB."""


def compare(
    engine: Engine,
    photo: Photo,
    targets: Mapping[str, Path],
    stop: threading.Event,
    reference: Photo | None = None,
    ensemble: bool = False,
    turn: Turn | None = None,
    for_page: bool = False,
    strength: float = 1,
) -> Iterator[Event | None]:
    """Restore `photo` with each checkpoint, write the output to its target, and score the input and every output.

    With a `reference`, a clean photo of the same size, that is scored too, and all others are compared with it.
    ensemble: each output is the mean over mirror images, see `restore_ensemble`.
    turn: that on the machine if it has come already; it is ended with the work.
    for_page: also write, beside the targets, what a page shows: drafts of what is restored up to each coarser scale,
    and of large outputs a smaller picture and tiles.
    strength: of the outputs, from 0, the photo as it was, to 1.

    None is a heartbeat, so that closing the iterator takes effect soon. Closing it, or setting `stop`, ends all work
    within a tile; no thread outlives the iterator.
    """
    turn = turn or engine.machine.join()
    events: Queue[Event | Exception | None] = Queue()
    unscored: Queue[tuple[str, np.ndarray] | None] = Queue(UNSCORED_KEPT)
    threads = [
        threading.Thread(
            target=_restore_all,
            args=(engine, photo, targets, stop, events, unscored, reference, ensemble, for_page, strength),
        ),
        threading.Thread(target=_score_all, args=(engine, stop, events, unscored, reference, turn)),
    ]
    try:
        while not turn.wait(BEAT_SECONDS):
            if stop.is_set():
                return
            yield None
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
                yield None
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
    photo: Photo,
    targets: Mapping[str, Path],
    stop: threading.Event,
    events: Queue[Event | Exception | None],
    unscored: Queue[tuple[str, np.ndarray] | None],
    reference: Photo | None,
    ensemble: bool,
    for_page: bool,
    strength: float,
) -> None:
    start = time.perf_counter()

    def show(name: str, target: Path, draft: Draft) -> None:
        height, width = draft.pixels.shape[:2]
        if min(height, width) >= SMALLEST_DRAFT and not is_large((height, width)):
            path = target.with_name(f"{target.stem}-{draft.scale}.jpg")
            save_jpeg(draft.pixels, path)
            events.put(Drafted(name, path))

    def report(name: str, index: int, progress: Progress) -> None:
        done = index + progress.share
        left = (len(targets) - done) * (time.perf_counter() - start) / done if done else None
        events.put(Advanced(name, index, progress, left))

    try:
        unscored.put((INPUT, photo.on_white))
        if reference is not None:
            unscored.put((REFERENCE, reference.on_white))
        for index, (name, target) in enumerate(targets.items()):
            try:
                restored = engine.restore(
                    name,
                    photo,
                    ensemble,
                    on_progress=partial(report, name, index),
                    on_scale=partial(show, name, target) if for_page else None,
                    should_stop=stop.is_set,
                )
                if stop.is_set():
                    return
                output = photo.towards(restored.photo.pixels, strength)
                for path in saved_for_view(output, target) if for_page else [save(output, target)]:
                    if path != target:
                        events.put(Drafted(name, path))
            except Cancelled:
                return
            except UniremovalError as error:
                events.put(Failed(name, engine.told(error)))
                continue
            events.put(Finished(name, target, restored.seconds, restored.tiles, restored.precision, restored.notes))
            unscored.put((name, output.on_white))
    except Exception as error:
        events.put(error)
    finally:
        unscored.put(None)


def _score_all(
    engine: Engine,
    stop: threading.Event,
    events: Queue[Event | Exception | None],
    unscored: Queue[tuple[str, np.ndarray] | None],
    reference: Photo | None,
    turn: Turn,
) -> None:
    try:
        while (item := unscored.get()) is not None:
            if stop.is_set():
                continue
            name, pixels = item
            try:
                scores = engine.score(pixels) | engine.cue(pixels)
                if reference is not None and name != REFERENCE:
                    scores |= engine.compare(pixels, reference.on_white)
                events.put(Scored(name, scores))
            except Exception as error:
                events.put(error)
                stop.set()
        events.put(None)
    finally:
        turn.end()  # here, so that an iterator that nobody closes cannot keep it

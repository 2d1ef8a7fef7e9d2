"""Self-ensemble: the mean over a photo and its mirror images (Timofte et al. 2016, "Seven ways to improve")."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from uniremoval.coarse_to_fine import Progress, Restored
from uniremoval.photo import Photo, decode
from uniremoval.restore import Restorer, no_room

MIRRORS = ((), (0,), (1,), (0, 1))
"""The axes of an HxWx3 photo that each member of a self-ensemble is mirrored along."""


def restore_ensemble(
    restorer: Restorer,
    photo: Photo | str | Path,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    tile: int | None = None,
) -> Restored:
    """The mean of what the network makes of a photo and of its three mirror images, mirrored back.

    Four times the work; a mirrored photo gives the mirrored result, but for the last digits. Arguments and errors are
    those of `Restorer.restore`.
    """
    if not isinstance(photo, Photo):
        photo = decode(photo)
    start, tiles, notes = time.perf_counter(), 0, [f"The mean over the photo and {len(MIRRORS) - 1} mirror images."]

    def report(index: int, progress: Progress) -> None:
        if on_progress:
            share, seconds = (index + progress.share) / len(MIRRORS), time.perf_counter() - start
            on_progress(replace(progress, share=share, seconds=seconds))

    try:
        mean = np.zeros_like(photo.pixels)
        for index, axes in enumerate(MIRRORS):
            restored = restorer.restore(
                photo.with_pixels(np.flip(photo.pixels, axes).copy()),  # PyTorch takes no negative strides
                on_progress=partial(report, index),
                should_stop=should_stop,
                tile=tile,
            )
            mean += np.flip(restored.photo.pixels, axes) / len(MIRRORS)
            tiles += restored.tiles
            notes += restored.notes
    except MemoryError as error:
        raise no_room(photo) from error
    seconds = time.perf_counter() - start
    return Restored(photo.with_pixels(mean), seconds, tiles, restored.precision, tuple(dict.fromkeys(notes)))

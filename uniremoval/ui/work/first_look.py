"""A first look at what a checkpoint makes of a large photo, before that is decoded in full."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

from uniremoval.errors import UniremovalError
from uniremoval.ui.parts.thumbnails import save_jpeg
from uniremoval.ui.visit.events import Drafted
from uniremoval.ui.work.engine import Engine

LEAST = 512
"""The shorter side, at least, of what is restored for it."""


class FirstLook(NamedTuple):
    """side: the shorter one of the draft, in pixels."""

    event: Drafted
    side: int


def first_look(
    engine: Engine, source: Path, name: str, checkpoint: str, target: Path, stop: threading.Event
) -> FirstLook | None:
    """The preview of the photo at `source`, restored, as a draft beside `target`.

    None where there is no preview, the GPU is lent, or the network sees a photo at its own size alone, so that a
    smaller one tells little; and where it fails or is stopped, as what follows will say.
    """
    if engine.lent:
        return None
    try:
        preview = engine.preview(source, name, LEAST)
        if not preview or engine.restorer(checkpoint).network.scale_count(*preview.size) == 1:
            return None
        restored = engine.restore(checkpoint, preview.photo, should_stop=stop.is_set)
        path = save_jpeg(restored.photo.pixels, target.with_name(f"{target.stem}-first.jpg"))
    except UniremovalError:
        return None
    return FirstLook(Drafted(checkpoint, path), min(preview.photo.size))

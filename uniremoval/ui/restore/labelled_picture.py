"""The labelled picture of a comparison: the panes side by side, whole or the part in view, with names and scores."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from uniremoval.photo import Photo
from uniremoval.ui import text
from uniremoval.ui.restore.score_view import MOST_MEGAPIXELS
from uniremoval.ui.restore.sheet import Panel, columns_for, draw, fitted
from uniremoval.ui.viewer.scores import score_cells, score_lines
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.record import Record
from uniremoval.ui.visit.region import Region, place
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.scoring import all_scores
from uniremoval.ui.work.strength import blended

if TYPE_CHECKING:
    from uniremoval.quality import Score


def labelled_picture(
    engine: Engine, record: Record, chosen: Collection[str], region: Region | None, strength: float
) -> Photo:
    """The input and the `chosen` panes that have a picture; all of it, or the region only.

    Scores are those of what is drawn: known ones, or computed now. Raises PhotoError where a picture is gone.
    """
    keys = [key for key in record.files() if key == INPUT or key in chosen]
    known = _known(record, region, strength)
    height, width = record.opened.size
    part = region or Region(0, 0, width, height)
    columns = columns_for(len(keys), upright=part.height > part.width)
    drawn: dict[str, Image.Image] = {}
    scores: dict[str, dict[str, Score]] = {}
    for key in keys:
        pixels = part.of(blended(engine, record, key, strength).on_white)
        if key in known:
            scores[key] = known[key]
        else:
            scores[key] = _scored(engine, record, key, part, pixels, as_it_is=region is not None)
        drawn[key] = fitted(Image.fromarray(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)), len(keys), columns)
    titles = {INPUT: text.INPUT_TITLE, REFERENCE: text.REFERENCE_TITLE}
    titles |= {name: output.title for name, output in record.outputs.items()}
    compared = record.reference is not None
    panels = [
        Panel(titles[key], score_lines(score_cells(scores, key, compared, record.extras)), drawn[key]) for key in keys
    ]
    picture = draw(panels, columns, footer(record.opened.name, region, strength))
    return Photo(np.asarray(picture, np.float32) / 255)


def _known(record: Record, region: Region | None, strength: float) -> dict[str, dict[str, Score]]:
    if region is None:
        return record.scores_at(strength)
    view = record.view
    return view.scores if view and (view.region, view.strength) == (region, strength) else {}


def _scored(
    engine: Engine, record: Record, key: str, part: Region, pixels: np.ndarray, as_it_is: bool
) -> dict[str, Score]:
    """As "Score this view" does; a part too large for that, and a whole photo, scaled down as ever."""
    clean = None
    if record.reference and key != REFERENCE:
        clean = part.of(engine.read(record.reference.picture, record.reference.name).on_white)
    if not as_it_is:
        return all_scores(engine, pixels, clean, record.extras)
    small = part.pixels <= MOST_MEGAPIXELS * 1e6
    scores = engine.score_as_it_is(pixels) if small else engine.score(pixels)
    scores |= engine.extras(record.extras, pixels, clean, as_it_is=small)
    return scores if clean is None else scores | engine.compare(pixels, clean)


def footer(name: str, region: Region | None, strength: float) -> list[str]:
    """The line of text beneath a labelled picture."""
    weaker = "" if strength == 1 else f", outputs at {round(100 * strength)} % strength"
    shown = f"{name}, the whole photo" if region is None else f"{name}, {place(region)}"
    return [f"{shown}{weaker}.", text.SCORES_OF_PICTURE]

"""Outputs at less than full strength: blended with the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uniremoval.photo import Photo
from uniremoval.ui.visit.events import INPUT
from uniremoval.ui.visit.record import Record
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.scoring import all_scores

if TYPE_CHECKING:
    from uniremoval.quality import Score


def strength_of(given: Any) -> float:
    """A number from 0 (the input) to 1 (the output); 1 for anything else."""
    return round(float(given), 2) if isinstance(given, int | float) and 0 <= given <= 1 else 1.0


def labelled(name: str, strength: float) -> str:
    """With the strength where it is less than full: "student-70"."""
    return name if strength == 1 else f"{name}-{round(100 * strength)}"


def blended(engine: Engine, record: Record, key: str, strength: float) -> Photo:
    """The picture of pane `key`; an output at that strength. Raises PhotoError where it is gone."""
    files = record.files()
    photo = engine.read(files[key], files[key].name)
    if strength == 1 or key not in record.outputs:
        return photo
    given = engine.read(files[INPUT], files[INPUT].name)
    return given.towards(photo.pixels, strength)


def scores_of(engine: Engine, record: Record, photo: Photo) -> dict[str, Score]:
    """The scores of an output, with the record's reference if there is one. Raises PhotoError."""
    clean = engine.read(record.reference.picture, record.reference.name).on_white if record.reference else None
    return all_scores(engine, photo.on_white, clean, record.extras)

"""The state a run resumes from: one file, written whole or not at all."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from train.config import flag_of
from uniremoval.errors import CheckpointError
from uniremoval.whole_files import whole_file

FILE = "state.pt"
MAY_DIFFER = frozenset(
    [
        "resume",
        "steps",
        "max_minutes",
        "out",
        "workers",
        "threads",
        "log_every",
        "eval_every",
        "eval_views",
        "save_minutes",
        "cpu",
    ]
)
"""Options that a run may be resumed with other values of: how long, where, and what it reports."""


def write(folder: Path, state: dict[str, Any]) -> None:
    """Replace the state in `folder`. Raises OSError when it cannot be written; the old one then stays."""
    with whole_file(folder / FILE, alone=True) as partial:
        try:
            torch.save(state, partial)
        except RuntimeError as error:  # torch's writer reports a full disk as one
            raise OSError(f"{folder / FILE} cannot be written ({error})") from error


def read(folder: Path) -> dict[str, Any]:
    """The state in `folder`, on the CPU. Raises CheckpointError when there is none or it is damaged."""
    path = folder / FILE
    if not path.is_file():
        raise CheckpointError(f"--resume: {path} does not exist. Leave --resume out to start a new run.")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"--resume: {path} is damaged ({error}). Start from the last checkpoint with --init-from instead."
        ) from error


def check_same_run(folder: Path, began: dict[str, Any], given: dict[str, Any]) -> None:
    """Raises CheckpointError where the options (as on a card) that a run is to go on with are not those it began
    with."""
    differ = [name for name in given if name not in MAY_DIFFER and began.get(name) != given[name]]
    if not differ:
        return
    named = "; ".join(f"{flag_of(name)} was {_shown(began.get(name))}, not {_shown(given[name])}" for name in differ)
    raise CheckpointError(
        f"--resume: the run in {folder} began with other options ({named}). Give those it began with, or start another "
        "run in another folder."
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "not given"
    return "not given" if value in (None, "", False) else str(value)

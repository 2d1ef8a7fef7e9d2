"""The state a run resumes from: one file, written whole or not at all."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from uniremoval.errors import CheckpointError

FILE = "state.pt"


def write(folder: Path, state: dict[str, Any]) -> None:
    """Replace the state in `folder`. Raises OSError when it cannot be written; the old one then stays."""
    temporary = folder / f".{FILE}.part"
    try:
        torch.save(state, temporary)
        os.replace(temporary, folder / FILE)
    except RuntimeError as error:  # torch's writer reports a full disk as one
        raise OSError(f"{folder / FILE} cannot be written ({error})") from error
    finally:
        temporary.unlink(missing_ok=True)


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

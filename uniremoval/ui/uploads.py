"""Files that a request names: only what was uploaded to this server is ever opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder, is_in_or_equal

from uniremoval.errors import CheckpointError, PhotoError


def uploaded(described: Any) -> tuple[Path, str]:
    """Path and original name of an uploaded photo that Gradio describes. Raises PhotoError where it is none."""
    if not (found := _uploaded(described)):
        raise PhotoError("The photo must be an uploaded file: with gradio_client, pass handle_file(path).")
    return found


def uploaded_checkpoint(described: Any) -> tuple[Path, str]:
    """As `uploaded`. Raises CheckpointError."""
    if not (found := _uploaded(described)):
        raise CheckpointError("The checkpoint must be an uploaded file: choose one on the page.")
    return found


def _uploaded(described: Any) -> tuple[Path, str] | None:
    path = described.get("path") if isinstance(described, dict) else None
    if not isinstance(path, str) or not is_in_or_equal(path, get_upload_folder()):
        return None
    return Path(path), str(described.get("orig_name") or Path(path).name)

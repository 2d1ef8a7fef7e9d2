"""Files that a request names: only what was uploaded to this server is ever opened."""

from __future__ import annotations

import shutil
import time
import unicodedata
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder, is_in_or_equal

from uniremoval.errors import CheckpointError, PhotoError
from uniremoval.ui.text import UPLOADS_ONLY

LONGEST = 255


def uploaded(described: Any) -> tuple[Path, str]:
    """Path and name of an uploaded photo that Gradio describes; the name is as a browser sent it, made `readable`.

    Raises PhotoError where it is none.
    """
    if not (found := _uploaded(described)):
        raise PhotoError(UPLOADS_ONLY)
    return found


def uploaded_checkpoint(described: Any) -> tuple[Path, str]:
    """As `uploaded`. Raises CheckpointError."""
    if not (found := _uploaded(described)):
        raise CheckpointError("The checkpoint must be an uploaded file: choose one on the page.")
    return found


def readable(name: str) -> str:
    """The last part of `name` on one line, of at most LONGEST characters, without what is not seen: control characters
    and those that turn the direction of writing."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp"))
    return seen.strip()[:LONGEST] or "photo"


def sweep(folder: Path, names: str, seconds: float) -> None:
    """Remove what lies in `folder`, under names of that pattern, and was not written to for so long."""
    for path in folder.glob(names):
        try:
            if time.time() - path.stat().st_mtime > seconds:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        except FileNotFoundError:
            continue  # another request was faster


def _uploaded(described: Any) -> tuple[Path, str] | None:
    path = described.get("path") if isinstance(described, dict) else None
    if not isinstance(path, str) or not is_in_or_equal(path, get_upload_folder()):
        return None
    return Path(path), readable(str(described.get("orig_name") or Path(path).name))

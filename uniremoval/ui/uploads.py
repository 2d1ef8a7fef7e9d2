"""Files that a request names: only what was uploaded to this server is ever opened."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder, is_in_or_equal

from uniremoval.errors import PhotoError

LONGEST = 255


def uploaded(described: Any) -> tuple[Path, str]:
    """Path and name of an upload that Gradio describes; the name is as a browser sent it, made `readable`.

    Raises PhotoError where it is none.
    """
    path = described.get("path") if isinstance(described, dict) else None
    if not isinstance(path, str) or not is_in_or_equal(path, get_upload_folder()):
        raise PhotoError("The photo must be an uploaded file: with gradio_client, pass handle_file(path).")
    return Path(path), readable(str(described.get("orig_name") or Path(path).name))


def readable(name: str) -> str:
    """The last part of `name` on one line, of at most LONGEST characters, without what is not seen: control characters
    and those that turn the direction of writing."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp"))
    return seen.strip()[:LONGEST] or "photo"

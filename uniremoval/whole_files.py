"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path, alone: bool = False) -> Iterator[Path]:
    """A hidden place beside `path` to write to, moved to `path` at the end unless an error is raised.

    alone: no other process writes this file, so the place has always the same name, and what a process that was killed
    has left there is overwritten. Raises OSError.
    """
    partial = path.with_name(f".{path.name if alone else uuid.uuid4().hex}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)

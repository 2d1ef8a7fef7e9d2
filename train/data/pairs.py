"""Folders of ready pairs: degraded photos and their ground truth."""

from __future__ import annotations

from pathlib import Path

from uniremoval.errors import PhotoError
from uniremoval.photo import photos_in


def pairs_in(folder: Path) -> list[tuple[Path, Path]]:
    """(degraded, clean) files of `folder/input` and `folder/target`, matched by name without suffix, sorted.

    Raises PhotoError when a side is missing or a degraded photo has no partner; it names the first one.
    """
    inputs = photos_in(folder / "input")
    targets = {path.stem: path for path in photos_in(folder / "target")}
    if not inputs:
        raise PhotoError(f"'{folder / 'input'}' holds no photos; put the degraded ones there, the clean in target/.")
    for path in inputs:
        if path.stem not in targets:
            raise PhotoError(f"'{path}' has no partner called {path.stem}.* in '{folder / 'target'}'.")
    return [(path, targets[path.stem]) for path in inputs]

"""Folders of ready pairs in the layouts that the field publishes them in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from uniremoval.errors import PhotoError
from uniremoval.photo import photos_in


@dataclass(frozen=True)
class Layout:
    """Names of the folders that hold degraded and clean photos side by side, and how a degraded photo's name (without
    suffix) leads to its clean partner's."""

    name: str
    degraded: str
    clean: str
    partner: Callable[[str], str] = str


LAYOUTS = (
    Layout("plain", "input", "target"),
    Layout("RESIDE", "hazy", "clear", lambda stem: stem.split("_")[0]),
    Layout("RESIDE", "hazy", "GT", lambda stem: stem.split("_")[0]),
    Layout("Rain100", "rainy", "norain", lambda stem: re.sub(r"^rain-", "norain-", stem)),
    Layout("Rain100", "rain", "norain", lambda stem: re.sub(r"^rain-", "norain-", stem)),
    Layout("Rain1400", "rainy_image", "ground_truth", lambda stem: stem.rsplit("_", 1)[0]),
    Layout("SPA", "real_world", "real_world_gt", lambda stem: f"{stem}gt"),
    Layout("GoPro", "blur", "sharp"),
    Layout("RealBlur", "blur", "gt", lambda stem: re.sub(r"^blur_", "gt_", stem)),
)


def pairs_in(folder: Path) -> list[tuple[Path, Path]]:
    """(degraded, clean) files of a pair set, sorted; scenes may be subfolders.

    Raises PhotoError when the folder follows no known layout, or names the first degraded photo without partner.
    """
    pairs = _pairs_here(folder)
    if not pairs and folder.is_dir():
        for scene in sorted(path for path in folder.iterdir() if path.is_dir()):
            pairs += _pairs_here(scene)
    if not pairs:
        known = ", ".join(f"{layout.degraded}/ + {layout.clean}/" for layout in LAYOUTS)
        raise PhotoError(f"'{folder}' holds no pairs; put them in two folders called as in one of: {known}.")
    return pairs


def _pairs_here(folder: Path) -> list[tuple[Path, Path]]:
    for layout in LAYOUTS:
        degraded, clean = folder / layout.degraded, folder / layout.clean
        if degraded.is_dir() and clean.is_dir():
            targets = {path.stem: path for path in photos_in(clean)}
            return [(path, _partner(path, targets, layout, clean)) for path in photos_in(degraded)]
    return []


def _partner(path: Path, targets: dict[str, Path], layout: Layout, clean: Path) -> Path:
    for stem in (path.stem, layout.partner(path.stem)):
        if stem in targets:
            return targets[stem]
    raise PhotoError(f"'{path}' has no partner called {layout.partner(path.stem)}.* in '{clean}'; add or remove one.")

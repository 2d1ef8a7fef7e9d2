"""Check data before hours are spent on it: count it, find missing partners, and keep test photos out of training.

    python -m train.prepare --root DATA

Below DATA, folders called `train` are training data and folders called `test` are never trained on. A folder that holds
two folders of a published pair layout is a pair set; every other folder with photos is a plain one. Ends with exit code
1 when a pair has no partner or when a training photo shows the same picture as a test photo.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from train.data.duplicates import near_duplicates
from train.data.layouts import LAYOUTS, pairs_in
from train.engine.start import command
from uniremoval.errors import PhotoError
from uniremoval.photo import photos_in


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, metavar="DIR", help="folder with everything in it")
    root = parser.parse_args(argv).root
    if not root.is_dir():
        raise PhotoError(f"--root {root}: there is no such folder.")
    training: list[Path] = []
    test: list[Path] = []
    for folder, photos, pairs in survey(root):
        role = _role(folder.relative_to(root))
        counted = f"{len(pairs):6} pairs " if pairs else f"{len(photos):6} photos"
        print(f"{counted}  {role:8}  {folder.relative_to(root)}")
        paths = [path for pair in pairs for path in pair] if pairs else photos
        (test if role == "test" else training).extend(path for path in paths if not _is_depth(path))
    if not training and not test:
        raise PhotoError(f"--root {root}: holds no photos; put them into subfolders, such as train/clean.")
    copies = near_duplicates(training, test)
    for ours, theirs in copies:
        print(f"same picture: {ours.relative_to(root)} and {theirs.relative_to(root)}")
    if copies:
        raise PhotoError(f"{len(copies)} training photos show test photos (listed above); remove them from training.")
    print(f"no test photo among {len(training)} training photos")


def survey(root: Path) -> list[tuple[Path, list[Path], list[tuple[Path, Path]]]]:
    """(folder, its photos, its pairs) of every plain folder and pair set below `root`, root included.

    Raises PhotoError naming the first degraded photo without a partner.
    """
    found: list[tuple[Path, list[Path], list[tuple[Path, Path]]]] = []
    for folder in sorted([root, *(path for path in root.rglob("*") if path.is_dir())]):
        names = {path.name for path in folder.iterdir() if path.is_dir()}
        if any({layout.degraded, layout.clean} <= names for layout in LAYOUTS):
            found.append((folder, [], pairs_in(folder)))
        elif not any(folder.is_relative_to(known) for known, _, pairs in found if pairs):
            photos = photos_in(folder)
            if photos:
                found.append((folder, photos, []))
    return found


def _role(folder: Path) -> str:
    return "test" if "test" in folder.parts else "training"


def _is_depth(path: Path) -> bool:
    return path.parent.name.endswith("_depth") or path.stem.endswith("_depth")


if __name__ == "__main__":
    command(main)

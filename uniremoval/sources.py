"""Which photos the inputs of a batch amount to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.photo import SUFFIXES

RESTORED = "-restored"
"""Suffix of a result's name where it lies beside its photo."""
NAMED = 5
"""Skipped files that are named; of more, the number is told."""

_NO_SUFFIX = f"not named as photos are ({', '.join(SUFFIXES)}); give one by its name to have it read all the same"
_HIDDEN = "hidden; give one by its name to have it read all the same"
_NO_FILE = "no ordinary file; give a pipe by its name"
_LINK = "a link to a folder; give that folder, too"
_OUTPUT = "the folder of the results"


@dataclass(frozen=True)
class Source:
    """A photo to restore. under: the subfolder of the output folder that its result goes to."""

    path: Path
    under: Path = Path()


@dataclass(frozen=True)
class Found:
    """The photos that inputs name. skipped: sentences on files in their folders that are left out, and why. errors: on
    inputs that are no use at all. results: of earlier runs, left where they are."""

    sources: list[Source] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    errors: list[UniremovalError] = field(default_factory=list)
    results: list[Path] = field(default_factory=list)


def expand(inputs: Iterable[Path], output: Path | None = None, *, recursive: bool = False) -> Found:
    """The files, and the photos in the folders, each once.

    recursive: subfolders, too, but for hidden ones and the output folder. Results that an earlier run wrote beside
    their photos are skipped and told apart.
    """
    files: dict[Path, Source] = {}
    found = Found()
    for path in inputs:
        if not os.path.isdir(path):  # which takes any path; Path.is_dir raises for some
            files.setdefault(real(path), Source(path))
            continue
        problems = len(found.errors)
        photos = _contents(path, output, recursive, found)
        if not photos and len(found.errors) == problems:
            found.errors.append(PhotoError(f"'{path}' holds no photos; give a folder that does."))
        for photo in photos:
            files.setdefault(real(photo), Source(photo, photo.parent.relative_to(path)))
    names = {(real(source.path.parent), source.path.stem) for source in files.values()}
    for source in files.values():
        here, stem = real(source.path.parent), source.path.stem
        original = re.sub(rf"{RESTORED}(-\d+)?$", "", stem)
        beside = output is not None and here == real(output / source.under)
        if beside and original != stem and (here, original) in names:
            found.results.append(source.path)
        else:
            found.sources.append(source)
    if found.results:
        what = _listed([str(path) for path in found.results])
        found.skipped.append(f"Skipped {what}, by their names results of an earlier run; -o DIR keeps them apart.")
    return found


def _contents(folder: Path, output: Path | None, recursive: bool, found: Found) -> list[Path]:
    """The photos in a folder, sorted. Sentences on other files and on unreadable folders are added to `found`."""
    photos, subfolders = [], 0
    skipped: dict[str, list[str]] = {}

    def unreadable(error: OSError) -> None:
        found.errors.append(PhotoError(f"'{error.filename}' cannot be read ({error.strerror}); check its permissions."))

    for root, names, files in os.walk(folder, onerror=unreadable):
        for name in sorted(files):
            path = Path(root, name)
            is_photo = path.suffix.lower() in SUFFIXES
            if is_photo and name.startswith("."):
                reason = _HIDDEN
            elif not is_photo:
                reason = "" if name.startswith(".") else _NO_SUFFIX
            else:  # a link that leads nowhere is told of as a photo that cannot be opened
                reason = "" if os.path.isfile(path) or os.path.islink(path) else _NO_FILE
                if not reason:
                    photos.append(path)
            if reason:
                skipped.setdefault(reason, []).append(str(path.relative_to(folder)))
        if not recursive:
            subfolders = len(names)
        taken = []
        for name in sorted(names) if recursive else []:
            path = Path(root, name)
            if output is not None and real(path) == real(output):
                reason = _OUTPUT
            elif os.path.islink(path):
                reason = _LINK
            else:
                reason = _HIDDEN if name.startswith(".") else ""
            if reason:
                skipped.setdefault(reason, []).append(str(path.relative_to(folder)))
            else:
                taken.append(name)
        names[:] = taken
    found.skipped.extend(f"'{folder}': skipped {_listed(names)}: {reason}." for reason, names in skipped.items())
    if subfolders:
        plural = "subfolder" if subfolders == 1 else "subfolders"
        found.skipped.append(f"'{folder}': skipped {subfolders} {plural}; --recursive takes them, too.")
    return sorted(photos)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def real(path: Path) -> Path:
    """Without symbolic links; a circle of them stays as it is."""
    return Path(os.path.realpath(path))

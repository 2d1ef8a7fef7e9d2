"""Many photos at once: from files and folders into one folder, whatever is wrong with some of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from uniremoval.coarse_to_fine import Progress, Restored
from uniremoval.ensemble import restore_ensemble
from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.photo import decode, save
from uniremoval.photo.encode import own_format
from uniremoval.photo.formats import WRITTEN, WRITTEN_AS
from uniremoval.photo.metadata import left_out
from uniremoval.restore import Restorer
from uniremoval.sources import RESTORED, Source, real


@dataclass(frozen=True)
class Outcome:
    """Result of one photo: `path` and `restored`, the latter None where the result was there; or the `error`."""

    source: Path
    path: Path | None = None
    restored: Restored | None = None
    error: UniremovalError | None = None


def restore_files(
    restorer: Restorer,
    sources: Sequence[Source],
    folder: Path,
    *,
    format: str | None = None,
    quality: int = 95,
    tile: int | None = None,
    ensemble: bool = False,
    strength: float = 1.0,
    skip_existing: bool = False,
    max_megapixels: float = 50.0,
    keep: Sequence[Path] = (),
    on_progress: Callable[[Path, Progress], None] = lambda source, progress: None,
) -> Iterator[Outcome]:
    """Restore each of `sources` into `folder`, which is made if missing, and yield what became of it.

    Outputs keep name and format (see `own_format`); format (a key of `formats.WRITTEN`) overrides. Beside its photo, an
    output is called after it with RESTORED at the end. No source and none of `keep` is ever overwritten, and no two
    outputs share a name; outputs of an earlier run are replaced, or with skip_existing left alone, their photos not
    even read. strength: from 0, the photo as it was, to 1. Errors that concern one photo are yielded; PhotoError is
    raised where the folder cannot be made.
    """
    _make(folder)
    run = partial(restore_ensemble, restorer) if ensemble else restorer.restore
    protected = {real(path) for path in (*(source.path for source in sources), *keep)}
    taken: set[str] = set()
    for source in sources:
        path = source.path
        if skip_existing and (there := _result_of(source, format, folder, taken, protected)):
            taken.add(str(there).casefold())
            yield Outcome(path, there)
            continue
        try:
            photo = decode(path, max_megapixels=max_megapixels, name=(source.under / path.name).as_posix())
            restored = run(photo, tile=tile, on_progress=partial(on_progress, path))
            place = folder / source.under
            _make(place)
            target = _free_path(path, format or own_format(photo), place, taken, protected)
            restored = replace(restored, photo=photo.towards(restored.photo.pixels, strength))
            save(restored.photo, target, quality=quality)
        except UniremovalError as error:
            yield Outcome(path, error=error)
        else:
            taken.add(str(target).casefold())
            lost = left_out(restored.photo, WRITTEN_AS[target.suffix.lower()])
            restored = replace(restored, notes=(*restored.notes, *lost))
            yield Outcome(path, target, restored)


def _result_of(source: Source, format: str | None, folder: Path, taken: set[str], protected: set[Path]) -> Path | None:
    """Where an earlier run has put the result, in the photo's own format, or in one that a format only read becomes.

    Not in any other: a result beside it may be that of another photo of the same name.
    """
    known = format or WRITTEN_AS.get(source.path.suffix.lower())
    formats = [known] if known else ["PNG", "JPEG"]
    paths = (_free_path(source.path, kind, folder / source.under, taken, protected) for kind in formats)
    return next((path for path in paths if path.is_file()), None)


def shared(sources: Sequence[Source], processes: int) -> list[list[Source]]:
    """One list per process. Photos whose results could get the same name stay together, in their order, so that all
    processes together name results as one alone does."""
    numbers: dict[tuple[str, str], int] = {}
    lists: list[list[Source]] = [[] for _ in range(processes)]
    for source in sources:
        stem = re.sub(rf"(-[0-9]+|{RESTORED})*$", "", source.path.stem)
        number = numbers.setdefault((str(source.under).casefold(), stem.casefold()), len(numbers))
        lists[number % processes].append(source)
    return lists


def check_output(folder: Path) -> None:
    """Raises PhotoError where results could not be written into `folder`, which need not exist yet."""
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not os.path.isdir(there):
        raise PhotoError(f"'{there}' is no folder, so no results can be written into it; choose another with -o.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise PhotoError(f"'{there}' may not be written into; correct its permissions, or choose another with -o.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"'{folder}' cannot be made a folder ({error.strerror}); choose another with -o.") from error


def _free_path(source: Path, format: str, folder: Path, taken: set[str], protected: set[Path]) -> Path:
    suffixes = WRITTEN[format].suffixes
    suffix = source.suffix if source.suffix.lower() in suffixes else suffixes[0]
    stem = source.stem + (RESTORED if real(folder) == real(source.parent) else "")
    paths = (folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}" for number in count(1))
    return next(path for path in paths if str(path).casefold() not in taken and real(path) not in protected)

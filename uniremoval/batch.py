"""Many photos at once: from files and folders into one folder, whatever is wrong with some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.photo import decode, photos_in, save
from uniremoval.restore import Progress, Restored, Restorer, restore_ensemble

SUFFIXES_OF = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp",),
    "AVIF": (".avif",),
}
"""Formats that can be written, by Pillow's name, and their suffixes, the usual one first."""


@dataclass(frozen=True)
class Outcome:
    """What became of one photo: `path` and `restored`, or the `error`."""

    source: Path
    path: Path | None = None
    restored: Restored | None = None
    error: UniremovalError | None = None


def expand(inputs: Iterable[Path]) -> tuple[list[Path], list[UniremovalError]]:
    """The files, and the photos in the folders (not in their subfolders), each once; an error an empty folder."""
    files: dict[Path, Path] = {}
    errors: list[UniremovalError] = []
    for path in inputs:
        found = photos_in(path) if path.is_dir() else [path]
        if not found:
            errors.append(PhotoError(f"'{path}' holds no photos; give a folder that does."))
        for file in found:
            files.setdefault(file.resolve(), file)
    return list(files.values()), errors


def restore_files(
    restorer: Restorer,
    sources: Sequence[Path],
    folder: Path,
    *,
    format: str | None = None,
    quality: int = 95,
    tile: int | None = None,
    ensemble: bool = False,
    max_megapixels: float = 50.0,
    on_progress: Callable[[Path, Progress], None] = lambda source, progress: None,
) -> Iterator[Outcome]:
    """Restore each of `sources` into `folder`, which is made if missing, and yield what became of it.

    Outputs keep name and format, a GIF becomes a PNG; format (a key of SUFFIXES_OF) overrides. No source is
    ever overwritten, and no two outputs share a name; outputs of an earlier run are replaced. Errors that
    concern one photo are yielded; PhotoError is raised where the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"'{folder}' cannot be made a folder ({error.strerror}); choose another with -o.") from error
    run = partial(restore_ensemble, restorer) if ensemble else restorer.restore
    protected = {source.resolve() for source in sources}
    taken: set[str] = set()
    for source in sources:
        try:
            photo = decode(source, max_megapixels=max_megapixels)
            restored = run(photo, tile=tile, on_progress=lambda p, source=source: on_progress(source, p))
            path = _free_path(source, format or photo.format, folder, taken, protected)
            save(restored.photo, path, quality=quality)
        except UniremovalError as error:
            yield Outcome(source, error=error)
        else:
            taken.add(path.name.casefold())
            yield Outcome(source, path, restored)


def _free_path(source: Path, format: str, folder: Path, taken: set[str], protected: set[Path]) -> Path:
    suffixes = SUFFIXES_OF.get(format, SUFFIXES_OF["PNG"])
    suffix = source.suffix if source.suffix.lower() in suffixes else suffixes[0]
    stem = source.stem
    if (folder / f"{stem}{suffix}").resolve() in protected:
        stem += "-restored"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{suffix}" for number in count(1))
    return next(
        folder / name for name in names if name.casefold() not in taken and (folder / name).resolve() not in protected
    )

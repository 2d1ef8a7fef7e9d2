"""Which files are photos that can be read, and which can be written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from uniremoval.errors import PhotoError


@dataclass(frozen=True)
class Format:
    """A kind of file. name: Pillow's; words: what people call it; suffixes: the usual one first; written: whether
    photos are written in it, too."""

    name: str
    words: str
    suffixes: tuple[str, ...]
    written: bool = True


FORMATS = (
    Format("JPEG", "JPEG", (".jpg", ".jpeg")),
    Format("PNG", "PNG", (".png",)),
    Format("WEBP", "WebP", (".webp",)),
    Format("TIFF", "TIFF", (".tif", ".tiff")),
    Format("BMP", "BMP", (".bmp",)),
    Format("GIF", "GIF", (".gif",), written=False),
    Format("AVIF", "AVIF", (".avif",)),
    Format("HEIF", "HEIC", (".heic", ".heif", ".hif"), written=False),
)


def _listed(formats: Iterable[Format]) -> str:
    *others, last = (format.words for format in formats)
    return f"{', '.join(others)} or {last}"


WRITTEN = {format.name: format for format in FORMATS if format.written}
"""Formats that can be written, by Pillow's name."""
WRITTEN_AS = {suffix: format.name for format in WRITTEN.values() for suffix in format.suffixes}
"""Suffix -> Pillow's name of the format written to such files."""
SUFFIXES = tuple(suffix for format in FORMATS for suffix in format.suffixes)
READABLE = _listed(FORMATS)
WRITABLE = _listed(WRITTEN.values())


def photos_in(folder: str | Path) -> list[Path]:
    """The files in `folder` with one of SUFFIXES (any case), sorted; hidden files are left out.

    Raises PhotoError if `folder` is not a folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PhotoError(f"'{folder}' is not a folder; give a folder of photos.")
    wanted = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(path for path in wanted if path.is_file())

"""Which files are photos that can be read."""

from __future__ import annotations

from pathlib import Path

from uniremoval.errors import PhotoError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif", ".hif")
READABLE = "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC"


def photos_in(folder: str | Path) -> list[Path]:
    """The files in `folder` with one of SUFFIXES (any case), sorted; hidden files are left out.

    Raises PhotoError if `folder` is not a folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PhotoError(f"'{folder}' is not a folder; give a folder of photos.")
    wanted = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(path for path in wanted if path.is_file())

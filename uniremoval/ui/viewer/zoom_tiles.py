"""A large photo for browsers: a smaller picture, and tiles at full resolution for zooming.

They lie beside the photo's own PNG: for `a/photo.png`, `a/photo.small.png` and `a/photo.tiles/ROW-COLUMN.png`. All have
8 bits per channel, the colours of the photo's profile, and its alpha.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from uniremoval.errors import PhotoError
from uniremoval.photo import Photo, as_image, save

LARGEST_WHOLE = 2560
"""Pixels of the longer side of what a browser is given as it is. Six panes of that size take it some 120 MB."""
TILE = 1024
"""Pixels per side of a tile; those at the right and at the bottom are smaller."""


def is_large(size: tuple[int, int]) -> bool:
    """size: height and width."""
    return max(size) > LARGEST_WHOLE


def smaller_of(picture: Path) -> Path:
    """Where the smaller picture of the PNG at `picture` lies, if it is large."""
    return picture.with_suffix(".small.png")


def tiles_of(picture: Path) -> Path:
    """The folder of its tiles."""
    return picture.with_suffix(".tiles")


def bytes_of(picture: Path) -> int:
    """Of the PNG and of what lies beside it for the browser; 0 where all is gone."""
    files = (picture, smaller_of(picture), *tiles_of(picture).glob("*"))
    return sum(path.stat().st_size for path in files if path.exists())


def save_for_view(photo: Photo, picture: Path) -> Path:
    """Write a photo as PNG to `picture`, and beside it what is shown of it if it is large.

    Raises PhotoError if the disk refuses.
    """
    *_, path = saved_for_view(photo, picture)
    return path


def saved_for_view(photo: Photo, picture: Path) -> Iterator[Path]:
    """The same, step by step: yields the smaller picture of a large photo as soon as it is there, and at last
    `picture`."""
    if not is_large(photo.size):
        yield save(photo, picture)
        return
    with ThreadPoolExecutor(1) as pool:
        whole = pool.submit(save, photo, picture)
        image = as_image(photo)
        smaller = image.copy()
        smaller.thumbnail((LARGEST_WHOLE, LARGEST_WHOLE), Image.Resampling.BOX)
        _save(smaller, photo.profile, smaller_of(picture))
        yield smaller_of(picture)
        for row, top in enumerate(range(0, image.height, TILE)):
            for column, left in enumerate(range(0, image.width, TILE)):
                box = (left, top, min(left + TILE, image.width), min(top + TILE, image.height))
                _save(image.crop(box), photo.profile, tiles_of(picture) / f"{row}-{column}.png")
        yield whole.result()


def _save(image: Image.Image, profile: bytes, path: Path) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        image.save(path, "PNG", compress_level=1, icc_profile=profile or None)
    except OSError as error:
        raise PhotoError(f"'{path.name}' cannot be stored ({error.strerror}); try again later.") from error

"""A large photo for browsers: a smaller picture, and tiles at full resolution for zooming.

They lie beside the photo's own PNG: for `a/photo.png`, `a/photo.small.png` and `a/photo.tiles/ROW-COLUMN.png`. All have
8 bits per channel, the colours of the photo's profile, and its alpha.
"""

from __future__ import annotations

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


def first_of(picture: Path) -> Path:
    """Where a preview of the photo lies, to be shown until the smaller picture is written."""
    return picture.with_suffix(".first.jpg")


def tiles_of(picture: Path) -> Path:
    """The folder of its tiles."""
    return picture.with_suffix(".tiles")


def bytes_of(picture: Path) -> int:
    """Of the PNG and of what lies beside it for the browser; 0 where all is gone."""
    files = (picture, smaller_of(picture), first_of(picture), *tiles_of(picture).glob("*"))
    return sum(path.stat().st_size for path in files if path.exists())


def save_for_view(photo: Photo, picture: Path) -> Path:
    """Write a photo as PNG to `picture`, and beside it what is shown of it if it is large.

    Raises PhotoError if the disk refuses.
    """
    if is_large(photo.size):
        save_smaller(photo, picture)
    return save_whole(photo, picture)


def save_smaller(photo: Photo, picture: Path) -> Path:
    """Only the smaller picture of a large photo, which can be shown until all is there. Raises PhotoError, too."""
    image = as_image(photo)
    image.thumbnail((LARGEST_WHOLE, LARGEST_WHOLE), Image.Resampling.BOX)
    _save(image, photo.profile, smaller_of(picture))
    return smaller_of(picture)


def save_whole(photo: Photo, picture: Path) -> Path:
    """All but the smaller picture: the tiles of a large photo, and at last `picture`. Raises PhotoError, too."""
    if not is_large(photo.size):
        return save(photo, picture)
    with ThreadPoolExecutor(1) as pool:
        whole = pool.submit(save, photo, picture.with_suffix(".part.png"))
        image = as_image(photo)
        for row, top in enumerate(range(0, image.height, TILE)):
            for column, left in enumerate(range(0, image.width, TILE)):
                box = (left, top, min(left + TILE, image.width), min(top + TILE, image.height))
                _save(image.crop(box), photo.profile, tiles_of(picture) / f"{row}-{column}.png")
        return whole.result().replace(picture)


def _save(image: Image.Image, profile: bytes, path: Path) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        image.save(path, "PNG", compress_level=1, icc_profile=profile or None)
    except OSError as error:
        raise PhotoError(f"'{path.name}' cannot be stored ({error.strerror}); try again later.") from error

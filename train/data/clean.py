"""Folders of photos, decoded once and kept in memory, and random views of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.degradations.fields import Array
from uniremoval.errors import PhotoError
from uniremoval.photo import photos_in

LONGEST_SIDE = 1000


class PhotoFolder:
    """The photos of a folder as 8-bit arrays, with relative depth where a sibling folder has it.

    Raises PhotoError when the folder holds no photos.
    """

    def __init__(self, paths: list[Path], depth: Path | None = None) -> None:
        self.paths = paths
        self.depth = depth
        self._pixels: dict[int, NDArray[np.uint8]] = {}
        self._depths: dict[int, NDArray[np.uint8] | None] = {}

    def __len__(self) -> int:
        return len(self.paths)

    def view(self, index: int, side: int, rng: np.random.Generator) -> tuple[Array, Array | None]:
        """A random square of photo `index`, scaled down to side x side, perhaps mirrored.

        Returns float32 (side, side, 3) in [0, 1] and, where there is depth, float32 (side, side) in [0, 1]. Photos
        smaller than `side` are scaled up.
        """
        pixels = self._photo(index)
        depth = self._depth(index)
        height, width = pixels.shape[:2]
        shortest = min(height, width)
        square = shortest if shortest <= side else rng.uniform(side, min(shortest, 3 * side))
        top, left = rng.uniform(0, height - square), rng.uniform(0, width - square)
        mirror = rng.random() < 0.5

        def cut(image: Image.Image) -> np.ndarray:
            fy, fx = image.height / height, image.width / width
            box = (left * fx, top * fy, (left + square) * fx, (top + square) * fy)
            array = np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box=box), np.float32) / 255
            return array[:, ::-1] if mirror else array

        photo = np.clip(cut(Image.fromarray(pixels)), 0, 1)
        return photo, None if depth is None else np.clip(cut(Image.fromarray(depth)), 0, 1)

    def _photo(self, index: int) -> NDArray[np.uint8]:
        if index not in self._pixels:
            path = self.paths[index]
            try:
                with Image.open(path) as image:
                    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
                    self._pixels[index] = np.asarray(image.convert("RGB"))
            except OSError as error:
                raise PhotoError(f"{path}: cannot be read for training ({error}). Remove or replace it.") from error
        return self._pixels[index]

    def _depth(self, index: int) -> NDArray[np.uint8] | None:
        if self.depth is None:
            return None
        if index not in self._depths:
            path = self.depth / f"{self.paths[index].stem}.png"
            self._depths[index] = np.asarray(Image.open(path).convert("L")) if path.is_file() else None
        return self._depths[index]


def photo_folder(folder: Path) -> PhotoFolder:
    """The photos of `folder`; depth maps are taken from the folder beside it called `<name>_depth`, if it exists.

    Raises PhotoError when there are no photos.
    """
    paths = photos_in(folder)
    if not paths:
        raise PhotoError(f"{folder}: holds no photos; training needs at least one. Name a folder of JPEG or PNG files.")
    depth = folder.parent / f"{folder.name}_depth"
    return PhotoFolder(paths, depth if depth.is_dir() else None)


def split(photos: PhotoFolder, every: int = 25) -> tuple[PhotoFolder, PhotoFolder]:
    """Training and validation photos: every 25th is held out; with fewer photos than that, both parts are the whole."""
    held_out = photos.paths[::every] if len(photos) >= every else photos.paths
    training = [path for path in photos.paths if path not in set(held_out)] or photos.paths
    return PhotoFolder(training, photos.depth), PhotoFolder(held_out, photos.depth)

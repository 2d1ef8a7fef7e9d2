"""Folders of photos and of ready pairs, and random square views of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.data.layouts import pairs_in
from uniremoval.errors import PhotoError
from uniremoval.photo import decode, photos_in

Pixels = NDArray[np.uint8]

LONGEST_SIDE, MOST_MEGAPIXELS = 1000, 200
KEPT = 1500
"""Photos kept decoded in memory by each process, at most 3 MB each."""


class PhotoFolder:
    """Clear photos, with relative depth where a sibling folder has it."""

    def __init__(self, paths: Sequence[Path], depth: Path | None = None) -> None:
        self.paths = list(paths)
        self.depth = depth

    def __len__(self) -> int:
        return len(self.paths)

    def view(self, index: int, side: int, rng: np.random.Generator) -> tuple[Pixels, Pixels | None]:
        """A random square of photo `index`: 8-bit (side, side, 3) and, where there is depth, 8-bit (side, side), 0 near
        and 255 far. Raises PhotoError when the photo cannot be read."""
        path = self.paths[index]
        depth = self.depth / f"{path.stem}.png" if self.depth else None
        if depth is None or not depth.is_file():
            return square_views([decoded(path)], side, rng)[0], None
        photo, far = square_views([decoded(path), decoded(depth, "L")], side, rng)
        return photo, far


class PairFolder:
    """Ready pairs of degraded and clean photos."""

    def __init__(self, pairs: Sequence[tuple[Path, Path]]) -> None:
        self.pairs = list(pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def view(self, index: int, side: int, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
        """The same random square of both photos of pair `index`: degraded, clean; 8-bit (side, side, 3)."""
        degraded, clean = square_views([decoded(path) for path in self.pairs[index]], side, rng)
        return degraded, clean


def square_views(images: Sequence[Pixels], side: int, rng: np.random.Generator) -> list[Pixels]:
    """The same random square of images of one scene (HxW or HxWx3, of any sizes), each scaled to side x side.

    The square is up to three times as large as `side`, and down to half as large: cameras' photos at full size are as
    soft as what is scaled up. It is the whole of what is smaller. Half of the views are mirrored.
    """
    height, width = images[0].shape[:2]
    shortest = min(height, width)
    smallest, largest = min(shortest, side / 2), min(shortest, 3 * side)
    square = smallest * (largest / smallest) ** rng.random()
    top, left = rng.uniform(0, height - square), rng.uniform(0, width - square)
    mirror = rng.random() < 0.5
    views = []
    for image in images:
        fy, fx = image.shape[0] / height, image.shape[1] / width
        box = (left * fx, top * fy, (left + square) * fx, (top + square) * fy)
        scaled = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC, box=box)
        view = np.asarray(scaled)
        views.append(view[:, ::-1] if mirror else view)
    return views


@lru_cache(maxsize=KEPT)
def decoded(path: Path, mode: str = "RGB") -> Pixels:
    """A photo as 8-bit array, read as the app reads it, and scaled down to 1000 pixels where it is larger.

    mode: "RGB", or "L" for HxW, as depth is. Raises PhotoError.
    """
    try:
        pixels = decode(path, max_megapixels=MOST_MEGAPIXELS).pixels
    except PhotoError as error:
        raise PhotoError(f"{path}: cannot be used for training. {error}") from error
    image = Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).convert(mode)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
    return np.asarray(image)


def photo_folder(folder: Path) -> PhotoFolder:
    """The photos of `folder`; depth maps are taken from the folder beside it called `<name>_depth`, if it exists.

    Raises PhotoError when there are no photos.
    """
    paths = photos_in(folder)
    if not paths:
        raise PhotoError(f"{folder}: holds no photos; training needs at least one. Name a folder of JPEG or PNG files.")
    depth = folder.parent / f"{folder.name}_depth"
    return PhotoFolder(paths, depth if depth.is_dir() else None)


def pair_folder(folder: Path) -> PairFolder:
    """The ready pairs of `folder`, in any layout of `train.data.layouts`. Raises PhotoError."""
    return PairFolder(pairs_in(folder))


def split(photos: PhotoFolder, every: int = 25) -> tuple[PhotoFolder, PhotoFolder]:
    """Training and validation photos: every 25th is held out; with fewer photos than that, both parts are the whole."""
    held_out = photos.paths[::every] if len(photos) >= every else photos.paths
    training = [path for path in photos.paths if path not in set(held_out)] or photos.paths
    return PhotoFolder(training, photos.depth), PhotoFolder(held_out, photos.depth)

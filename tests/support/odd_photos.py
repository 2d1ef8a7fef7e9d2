"""Photos of odd shapes and kinds, sound ones and hopeless ones; each function writes one file to a folder."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.support import files

Draw = Callable[[Path], Path]


def wide(folder: Path) -> Path:
    return files.png(folder, files.noise(3, 20_000, 3, 8), name="wide.png")


def tall(folder: Path) -> Path:
    return files.png(folder, files.noise(12_000, 5, 1), name="tall.png")


def pixel(folder: Path) -> Path:
    return files.png(folder, files.noise(1, 1, 4, 8), name="pixel.png")


def turned(folder: Path) -> Path:
    return files.turned(folder, 6, ".jpg")


def linear_light(folder: Path) -> Path:
    """A PNG whose gAMA chunk says that its samples are linear light."""
    gamma = files.chunk(b"gAMA", (100_000).to_bytes(4, "big"))
    return files.png(folder, files.gradient(30, 50), gamma, name="linear-light.png")


def long_text(folder: Path) -> Path:
    """A PNG with 2 MiB of text, as editors write."""
    text = files.chunk(b"zTXt", b"history\0\0" + zlib.compress(b"stroke " * 300_000))
    return files.png(folder, files.gradient(40, 30), text, name="long-text.png")


def other_primaries(folder: Path) -> Path:
    profile = files.matrix_profile("GRB", 1.8, "Other primaries")
    return files.with_profile(folder, profile, files.noise(25, 35, 3), name="other-primaries.png")


def deep_tiff(folder: Path) -> Path:
    return files.tiff(folder, files.noise(30, 40, 3), order=">")


def phone(folder: Path) -> Path:
    path = folder / "phone.heic"
    path.write_bytes(files.heif(Image.fromarray(files.gradient(60, 80))))
    return path


def avif(folder: Path) -> Path:
    path = folder / "photo.avif"
    Image.fromarray(files.gradient(60, 80)).save(path, quality=90)
    return path


def raw(folder: Path) -> Path:
    """A TIFF that is the preview of a camera's raw file."""
    path = folder / "raw.tif"
    Image.fromarray(files.gradient()).save(path, tiffinfo={50706: b"\x01\x04\x00\x00"})
    return path


SOUND: tuple[Draw, ...] = (
    wide, tall, pixel, turned, linear_light, long_text, other_primaries, deep_tiff, phone, avif,
    files.damaged_exif, files.cmyk, files.palette, files.animation,
)  # fmt: skip
HOPELESS: tuple[Draw, ...] = (
    raw, files.bomb, files.truncated, files.empty, files.text, files.svg, files.eps, files.no_pixels
)  # fmt: skip

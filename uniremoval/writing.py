"""Encoding photos and saving them atomically."""

from __future__ import annotations

import io
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, PngImagePlugin

from uniremoval.colour import srgb_profile
from uniremoval.errors import PhotoError
from uniremoval.file_writers import encode_png, encode_tiff
from uniremoval.image_file import BAND_PIXELS

if TYPE_CHECKING:
    from uniremoval.photo import Photo

_FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
    ".bmp": "BMP", ".avif": "AVIF",
}  # fmt: skip
_LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 65536}
_WITH_ALPHA = ("PNG", "WEBP", "TIFF", "AVIF")
_LONGEST_JPEG_EXIF = 65533
_PNG_LEVEL = 1
"""A 12-megapixel photo in 0.7 s instead of the 2.9 s of Pillow's default, 6 per cent larger."""


def encode(photo: Photo, format: str | None = None, *, quality: int = 95) -> bytes:
    """The photo as a file's bytes, in `format` (Pillow's name; default: the photo's own, and PNG for a GIF).

    PNG and TIFF are lossless and keep 16 bits; the others are 8-bit. `quality` (1..100) counts for JPEG
    (always without chroma subsampling), WebP (100 is lossless) and AVIF. Grey photos stay grey as long as
    their channels are equal. JPEG and BMP hold no alpha: it is left out and the colours stay as they are, not
    blended. EXIF is kept where the format has it (all but BMP; in JPEG up to 64 KB).

    Raises PhotoError if the format cannot be written, or not at this size; ValueError if `quality` is out of
    range.
    """
    name = "PNG" if format is None and photo.format == "GIF" else (format or photo.format).upper()
    name = "JPEG" if name == "JPG" else name
    if name not in _FORMATS.values():
        raise PhotoError(f"Photos cannot be written as {name}; choose PNG, JPEG, WebP, TIFF, BMP or AVIF.")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality is {quality}, not within 1..100")
    longest = max(photo.size)
    if longest > _LONGEST_SIDE.get(name, longest):
        limit = _LONGEST_SIDE[name]
        raise PhotoError(f"{name} holds at most {limit} pixels a side, this photo has {longest}; choose PNG.")
    bits = 16 if photo.bits == 16 and name in ("PNG", "TIFF") else 8
    with_alpha = photo.alpha is not None and name in _WITH_ALPHA
    keep_grey = photo.grey and not (name == "TIFF" and with_alpha)  # few programs read TIFF's grey with alpha
    samples = _samples(photo, bits, with_alpha, keep_grey)
    if name == "TIFF":
        return encode_tiff(samples, photo.exif)
    if bits == 16:
        return encode_png(samples, photo.exif)
    return _with_pillow(samples, name, photo.exif, quality)


def _samples(photo: Photo, bits: int, with_alpha: bool, keep_grey: bool) -> np.ndarray:
    """Quantised HxWxC samples: C is 1 (grey), 2 (grey, alpha), 3 or 4."""
    height, width = photo.size
    kind, white = (np.uint16, 65535) if bits == 16 else (np.uint8, 255)
    alpha = photo.alpha if with_alpha else None
    samples = np.empty((height, width, 3 if alpha is None else 4), kind)
    step = max(1, BAND_PIXELS // width)
    for rows in (slice(top, top + step) for top in range(0, height, step)):
        samples[rows, :, :3] = np.rint(np.clip(photo.pixels[rows], 0, 1) * np.float32(white))
        if alpha is not None:
            samples[rows, :, 3] = np.rint(np.clip(alpha[rows], 0, 1) * np.float32(white))
    if keep_grey and all((samples[..., 0] == samples[..., channel]).all() for channel in (1, 2)):
        return np.ascontiguousarray(samples[..., :1] if alpha is None else samples[..., ::3])
    return samples


def _with_pillow(samples: np.ndarray, name: str, exif: bytes, quality: int) -> bytes:
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    options: dict[str, object] = {"exif": exif} if exif and name != "BMP" else {}
    if name == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add(b"sRGB", b"\x00")
        options["compress_level"] = _PNG_LEVEL
    elif name == "JPEG":
        options |= {"quality": quality, "subsampling": 0}
        if len(exif) > _LONGEST_JPEG_EXIF:
            del options["exif"]
    elif name == "WEBP":
        options |= {"quality": quality, "lossless": quality == 100, "exact": True}
    elif name == "AVIF":
        options |= {"quality": quality, "subsampling": "4:4:4"}
    if name in ("JPEG", "WEBP") and image.mode in ("RGB", "RGBA"):
        options["icc_profile"] = srgb_profile()
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def save(photo: Photo, path: str | Path, *, quality: int = 95) -> Path:
    """Write the photo to `path` in the format of its suffix (see `encode`) and return the path.

    The file appears whole or not at all: it is written beside its place and moved there. Raises PhotoError if
    the suffix is none that can be written, memory does not suffice, or the disk refuses.
    """
    path = Path(path)
    format = _FORMATS.get(path.suffix.lower())
    if format is None:
        raise PhotoError(f"'{path.name}' has no suffix that can be written; use one of {', '.join(_FORMATS)}.")
    try:
        data = encode(photo, format, quality=quality)
    except MemoryError as error:
        raise PhotoError(f"'{path}' cannot be written (memory does not suffice); close other programs.") from error
    partial = path.with_name(f".{uuid.uuid4().hex}.partial")
    try:
        try:
            partial.write_bytes(data)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise PhotoError(f"'{path}' cannot be written ({reason}); check the folder and its space.") from error
    return path

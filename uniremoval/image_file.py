"""Opening image files safely: allowed formats and a size limit, both checked before any pixel is decoded."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ImageFile import ImageFile

from uniremoval.errors import PhotoError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif")
READABLE = "JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF"

# What Pillow's decoders raise on damaged input (warnings, if the user has made them errors).
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, AttributeError,
    AssertionError, RuntimeError, Warning, struct.error, zlib.error,
)  # fmt: skip

# Raw files are TIFF files in which Pillow would find only the small preview.
_RAW_SUFFIXES = (".3fr", ".arw", ".cr2", ".dng", ".iiq", ".nef", ".nrw", ".orf", ".pef", ".rw2", ".srw")

_REFUSED = (
    (b"8BPS", "a Photoshop file"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"%PDF", "a PDF file"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL file"),
    (b"\xff\x0a", "a JPEG XL file"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 file"),
    (b"PK\x03\x04", "a ZIP archive"),
)
_CLEARER = {"not identified by this driver": "its header gives it no pixels"}

BAND_PIXELS = 1 << 18
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"mif1", b"msf1")


def _decoder(head: bytes) -> type[ImageFile] | None:
    """Pillow's decoder for a file that starts with `head`, chosen by content and never by suffix."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if head.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return TiffImagePlugin.TiffImageFile
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return GifImagePlugin.GifImageFile
    if head[:2] == b"BM":
        return BmpImagePlugin.BmpImageFile
    if head[4:8] == b"ftyp" and (head[8:12] in (b"avif", b"avis") or b"avif" in head[16:64]):
        return AvifImagePlugin.AvifImageFile
    return None


def _what_it_is(head: bytes) -> str:
    for signature, description in _REFUSED:
        if head.startswith(signature):
            return description
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "a HEIC file"
    if b"<svg" in head.lower():
        return "an SVG drawing"
    return "text" if _is_text(head) else "not an image that can be recognised"


def _is_text(head: bytes) -> bool:
    return all(byte in b"\t\n\f\r" or (byte >= 32 and byte != 127) for byte in head)


def bands(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Cut a loaded image into strips of whole rows, so that converting them needs little memory."""
    rows = max(1, BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        yield slice(top, bottom), image.crop((0, top, image.width, bottom))


@contextmanager
def _stream(source: str | Path | bytes, name: str) -> Iterator[BinaryIO]:
    """Open `source` for reading."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 (closed below: only opening may become a PhotoError)
    except FileNotFoundError:
        raise PhotoError(f"'{name}' does not exist; check the path.") from None
    except IsADirectoryError:
        raise PhotoError(f"'{name}' is a folder; give a file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"'{name}' cannot be opened ({reason}); check its permissions.") from error
    with file:
        yield file


@contextmanager
def opened(source: str | Path | bytes, name: str, max_megapixels: float) -> Iterator[ImageFile]:
    """Yield the image with only its header read; PhotoError if its format, size or header cannot be handled.

    The decoder is called directly, because `Image.open` applies Pillow's process-wide pixel limit: it would
    warn, or refuse a photo that the caller allows.
    """
    with _stream(source, name) as stream:
        head = stream.read(512)
        if not head:
            raise PhotoError(f"'{name}' is empty (0 bytes); copy or download it again.")
        decoder = _decoder(head)
        if decoder is None:
            raise PhotoError(f"'{name}' is {_what_it_is(head)}; convert it to {READABLE}.")
        if name.lower().endswith(_RAW_SUFFIXES) or head[8:10] == b"CR":
            raise PhotoError(f"'{name}' is a camera's raw file; develop it and export it as TIFF or JPEG.")
        stream.seek(0)
        with decoding(name):
            image = decoder(stream, name)
        _check_size(image.size, name, max_megapixels)
        yield image


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever Pillow's decoders raise inside the block into a PhotoError about the file `name`."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise PhotoError(f"'{name}' is beyond Pillow's limit ({limit:.0f} megapixels); scale it down.") from error
    except DECODER_ERRORS as error:
        reason = str(error).rstrip(".") or type(error).__name__
        if reason.startswith("unknown "):
            raise PhotoError(f"'{name}' is of an unusual kind ({reason}); export it as 8- or 16-bit RGB.") from error
        reason = _CLEARER.get(reason, reason)
        raise PhotoError(f"'{name}' is damaged or cut short ({reason}); copy or export it again.") from error


def _check_size(size: tuple[int, int], name: str, max_megapixels: float) -> None:
    width, height = size
    if width * height > max_megapixels * 1e6:
        raise PhotoError(
            f"'{name}' has {width * height / 1e6:.1f} megapixels ({width} wide, {height} high), "
            f"over the limit of {max_megapixels:g}; scale it down first."
        )

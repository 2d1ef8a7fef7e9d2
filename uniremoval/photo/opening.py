"""Opening image files safely: allowed formats and a size limit, both checked before any pixel is decoded."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
from uniremoval.photo.formats import READABLE
from uniremoval.photo.heif import BRANDS, heif_file
from uniremoval.photo.isobmff import nclx_of
from uniremoval.photo.png_chunks import without_hazards
from uniremoval.photo.streams import HEAD_BYTES, reading, stream
from uniremoval.photo.tiff_pages import show_photo

# What Pillow's decoders raise on damaged input (warnings, if the user has made them errors).
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, AttributeError,
    AssertionError, RuntimeError, Warning, struct.error, zlib.error,
)  # fmt: skip

# Raw files are TIFF files in which Pillow would find only the small preview.
_RAW_SUFFIXES = (
    ".3fr", ".arw", ".cap", ".cr2", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".kdc", ".mef", ".mos", ".nef",
    ".nrw", ".orf", ".pef", ".rw2", ".rwl", ".sr2", ".srw",
)  # fmt: skip

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
_RAW = "'{name}' is a camera's raw file; develop it and export it as TIFF or JPEG."
_CLEARER = {"not identified by this driver": "its header gives it no pixels"}

BAND_PIXELS = 1 << 18
_AVIF_HEADER_BYTES = 1 << 20
_BIG_ENDIAN_BIG_TIFF = b"MM\x00+"  # which Pillow takes for a classic TIFF file
_UNUSUAL = ("unknown ", "cannot handle ")


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """Without Pillow's look into the EXIF for a resolution while it opens: it warns of damage that is mended later."""

    def _read_dpi_from_exif(self) -> None:
        pass


def _decoder(head: bytes) -> Callable[[Any, str], ImageFile] | None:
    """The decoder of a file that starts with `head`, chosen by content and never by suffix."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if head.startswith(b"\xff\xd8\xff"):
        return _Jpeg
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00"):
        return TiffImagePlugin.TiffImageFile
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return GifImagePlugin.GifImageFile
    if head[:2] == b"BM":
        return BmpImagePlugin.BmpImageFile
    if head[4:8] == b"ftyp" and (head[8:12] in (b"avif", b"avis") or b"avif" in head[16:64]):
        return AvifImagePlugin.AvifImageFile
    if head[4:8] == b"ftyp" and head[8:12] in BRANDS:
        return heif_file
    return None


def _what_it_is(head: bytes) -> str:
    for signature, description in _REFUSED:
        if head.startswith(signature):
            return description
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


def may_be_photo(head: bytes) -> bool:
    """Whether a file that starts with `head` is of a format that can be read."""
    return _decoder(head) is not None


@contextmanager
def opened(source: str | Path | bytes, name: str, max_megapixels: float) -> Iterator[ImageFile]:
    """Yield the image with only its header read; PhotoError if its format, size or header cannot be handled.

    The decoder is called directly, because `Image.open` applies Pillow's process-wide pixel limit: it would
    warn, or refuse a photo that the caller allows.
    """
    with stream(source, name) as file:
        with reading(name):
            head = file.read(HEAD_BYTES)
        if not head:
            raise PhotoError(f"'{name}' is empty (0 bytes); copy or download it again.")
        if head.startswith(_BIG_ENDIAN_BIG_TIFF):
            raise PhotoError(
                f"'{name}' is of an unusual kind (BigTIFF, big-endian); export it as an ordinary 8- or 16-bit TIFF."
            )
        decoder = _decoder(head)
        if decoder is None:
            raise PhotoError(f"'{name}' is {_what_it_is(head)}; convert it to {READABLE}.")
        if name.lower().endswith(_RAW_SUFFIXES) or head[8:10] == b"CR":
            raise PhotoError(_RAW.format(name=name))
        facts = None
        with reading(name):
            file.seek(0)
            if decoder is PngImagePlugin.PngImageFile:
                file, facts = without_hazards(file)
        with decoding(name):
            image = decoder(file, name)
            is_raw = isinstance(image, TiffImagePlugin.TiffImageFile) and not show_photo(image)
        if is_raw:
            raise PhotoError(_RAW.format(name=name))
        if facts is not None:
            image.info["png_facts"] = facts
        elif decoder is AvifImagePlugin.AvifImageFile:
            image.info["nclx"] = _nclx(source, name)
        _check_size(image.size, name, max_megapixels)
        yield image


def _nclx(source: str | Path | bytes, name: str) -> tuple[int, int] | None:
    with stream(source, name) as file, reading(name):
        return nclx_of(file.read(_AVIF_HEADER_BYTES))


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever Pillow's decoders raise inside the block into a PhotoError about the file `name`."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise PhotoError(f"'{name}' is beyond Pillow's limit ({limit:.0f} megapixels); scale it down.") from error
    except DECODER_ERRORS as error:
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        if reason.startswith(_UNUSUAL):
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

"""Metadata besides EXIF: resolution, XMP, IPTC; and the losses of each format."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, TiffImagePlugin
from PIL.ImageFile import ImageFile

if TYPE_CHECKING:
    from uniremoval.photo.model import Photo

_IPTC_BLOCK, _IPTC_TAG = 0x0404, 33723
LONGEST_JPEG_XMP, _LONGEST_JPEG_IPTC = 65502, 65000
_GAIN_MAP = re.compile(
    rb'\s+(?:xmlns:)?hdrgm(?::\w+)?\s*=\s*"[^"]*"|<Container:Directory>.*?</Container:Directory>', re.DOTALL
)
_TURNED = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]")
_INCH = 2


def resolution_of(image: ImageFile) -> tuple[float, float] | None:
    """Pixels an inch, across and down, or None."""
    found = image.info.get("dpi")
    try:
        across, down = (float(value) for value in found or ())
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 <= across <= 60000 and 1 <= down <= 60000 else None


def xmp_of(image: ImageFile) -> bytes:
    """The XMP packet, turned upright as the pixels are and without what told of a gain map; b"" if none."""
    facts = image.info.get("png_facts")
    packet = facts.xmp if facts is not None else image.info.get("xmp", b"")
    if not isinstance(packet, bytes):
        return b""
    return _TURNED.sub(rb"\g<1>1", _GAIN_MAP.sub(b"", packet))


def iptc_of(image: ImageFile) -> bytes:
    """The IPTC-IIM records of a JPEG or TIFF file; b"" if none."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        found = image.tag_v2.get(_IPTC_TAG)
    else:
        blocks = image.info.get("photoshop")
        found = blocks.get(_IPTC_BLOCK) if isinstance(blocks, dict) else None
    return found if isinstance(found, bytes) else b""


def picture_note(image: ImageFile) -> str | None:
    """A note on further pictures in a JPEG or HEIC file, such as the gain map of an HDR photo."""
    gain_map = b"hdrgm:" in (image.info.get("xmp") or b"")
    if "mp" in image.info or gain_map:
        return "Only the first of several pictures in the file was read; previews and HDR gain maps are left out."
    if any("gainmap" in kind.lower() for kind in image.info.get("aux") or {}):
        return "Only the picture itself was read; the HDR gain map beside it is left out."
    return None


def with_resolution(exif: bytes, resolution: tuple[float, float] | None) -> bytes:
    """The EXIF, with the resolution if it has none; for formats that hold it nowhere else."""
    if resolution is None:
        return exif
    tags = Image.Exif()
    tags.load(exif)
    if ExifTags.Base.XResolution in tags:
        return exif
    tags[ExifTags.Base.XResolution], tags[ExifTags.Base.YResolution] = resolution
    tags[ExifTags.Base.ResolutionUnit] = _INCH
    return tags.tobytes()


def jpeg_iptc(iptc: bytes) -> bytes:
    """The APP13 segment that holds IPTC-IIM records; b"" for none or too many."""
    if not iptc or len(iptc) > _LONGEST_JPEG_IPTC:
        return b""
    block = b"8BIM" + struct.pack(">HHI", _IPTC_BLOCK, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)
    data = b"Photoshop 3.0\x00" + block
    return b"\xff\xed" + struct.pack(">H", len(data) + 2) + data


def left_out(photo: Photo, format: str) -> tuple[str, ...]:
    """A sentence on the metadata that a file of `format` (Pillow's name) cannot hold, if there is any."""
    lost = []
    if photo.exif and (format == "BMP" or (format == "JPEG" and len(photo.exif) > LONGEST_JPEG_XMP + 31)):
        lost.append("EXIF")
    if photo.xmp and (format == "BMP" or (format == "JPEG" and len(photo.xmp) > LONGEST_JPEG_XMP)):
        lost.append("XMP")
    if photo.iptc and not (format == "TIFF" or (format == "JPEG" and len(photo.iptc) <= _LONGEST_JPEG_IPTC)):
        lost.append("IPTC")
    return (f"The {' and '.join(lost)} data does not fit into a {format} file and was left out.",) if lost else ()

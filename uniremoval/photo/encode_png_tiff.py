"""Writing what Pillow cannot: 16-bit PNG files in colour, and TIFF files in 16-bit colour or with EXIF."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

from uniremoval.photo.colour import srgb_profile

_PNG_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
_UP = 2
_LEVEL = 4
_METRES_AN_INCH = 0.0254
XMP_KEYWORD = b"XML:com.adobe.xmp"
_XMP_TAG, _IPTC_TAG = 700, 33723
_ADOBE_DEFLATE, _BLACK_IS_ZERO, _RGB, _HORIZONTAL, _STRAIGHT_ALPHA = 8, 1, 2, 2, 2


def encode_png(
    samples: np.ndarray,
    exif: bytes,
    dpi: tuple[float, float] | None = None,
    xmp: bytes = b"",
    profile: bytes = b"",
) -> bytes:
    """A PNG file (W3C PNG, third edition) of HxWxC uint16 samples (grey, grey+alpha, RGB or RGBA), in sRGB or in the
    space of an ICC profile."""
    height, width, channels = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 16, _PNG_COLOUR_TYPE[channels], 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header)]
    parts.append(_chunk(b"iCCP", b"ICC\0\0" + zlib.compress(profile)) if profile else _chunk(b"sRGB", b"\x00"))
    if dpi:
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", *(round(value / _METRES_AN_INCH) for value in dpi), 1)))
    if xmp:
        parts.append(_chunk(b"iTXt", XMP_KEYWORD + bytes(5) + xmp))
    if exif:
        parts.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\x00\x00")))
    compressor = zlib.compressobj(_LEVEL)
    above = np.zeros((1, width * channels * 2), np.uint8)
    for band in _strips(samples):
        rows = band.astype(">u2").view(np.uint8).reshape(len(band), -1)
        filtered = np.full((len(band), 1 + rows.shape[1]), _UP, np.uint8)
        np.subtract(rows, np.concatenate([above, rows[:-1]]), out=filtered[:, 1:])
        above = rows[-1:]
        parts.append(_chunk(b"IDAT", compressor.compress(filtered.data)))
    parts += [_chunk(b"IDAT", compressor.flush()), _chunk(b"IEND", b"")]
    return b"".join(parts)


def encode_tiff(samples: np.ndarray, exif: bytes, xmp: bytes = b"", iptc: bytes = b"", profile: bytes = b"") -> bytes:
    """A TIFF 6.0 file of HxWxC uint8 or uint16 samples, deflated with prediction, in sRGB or in the space of an ICC
    profile."""
    height, width, channels = samples.shape
    strips = []
    for band in _strips(samples):
        differences = band.astype(band.dtype.newbyteorder("<"))
        differences[:, 1:] -= band[:, :-1]
        strips.append(zlib.compress(differences.tobytes(), _LEVEL))
    lengths = [len(strip) for strip in strips]
    directory = TiffImagePlugin.ImageFileDirectory_v2(b"II*\x00\x00\x00\x00\x00")
    if exif:
        _add_exif(directory, exif)
    for tag, data, kind in ((_XMP_TAG, xmp, TiffTags.BYTE), (_IPTC_TAG, iptc, TiffTags.UNDEFINED)):
        if data:
            directory.tagtype[tag] = kind
            directory[tag] = data
    colours = 1 if channels < 3 else 3
    directory[TiffImagePlugin.IMAGEWIDTH] = width
    directory[TiffImagePlugin.IMAGELENGTH] = height
    directory[TiffImagePlugin.BITSPERSAMPLE] = (8 * samples.itemsize,) * channels
    directory[TiffImagePlugin.COMPRESSION] = _ADOBE_DEFLATE
    directory[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = _BLACK_IS_ZERO if colours == 1 else _RGB
    directory[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    directory[TiffImagePlugin.PREDICTOR] = _HORIZONTAL
    directory[TiffImagePlugin.ROWSPERSTRIP] = _rows_per_strip(samples)
    directory.tagtype[TiffImagePlugin.STRIPOFFSETS] = TiffTags.LONG
    directory[TiffImagePlugin.STRIPOFFSETS] = tuple(sum(lengths[:index]) for index in range(len(lengths)))
    directory.tagtype[TiffImagePlugin.STRIPBYTECOUNTS] = TiffTags.LONG
    directory[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(lengths)
    if channels > colours:
        directory[TiffImagePlugin.EXTRASAMPLES] = (_STRAIGHT_ALPHA,)
    if colours == 3:
        directory.tagtype[TiffImagePlugin.ICCPROFILE] = TiffTags.UNDEFINED
        directory[TiffImagePlugin.ICCPROFILE] = profile or srgb_profile()
    buffer = io.BytesIO()
    directory.save(buffer)  # shifts the strips' offsets past itself
    for strip in strips:
        buffer.write(strip)
    return buffer.getvalue()


def _add_exif(directory: TiffImagePlugin.ImageFileDirectory_v2, exif: bytes) -> None:
    source = Image.Exif()
    source.load(exif)
    for tag in source:
        directory[tag] = source.get_ifd(tag) if tag in TiffTags.TAGS_V2_GROUPS else source[tag]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _rows_per_strip(samples: np.ndarray) -> int:
    return max(1, (1 << 20) // samples.shape[1])


def _strips(samples: np.ndarray) -> Iterator[np.ndarray]:
    step = _rows_per_strip(samples)
    return (samples[top : top + step] for top in range(0, len(samples), step))

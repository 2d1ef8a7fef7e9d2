"""The chunks of a PNG file (W3C PNG, third edition): what they say of colour, and the file without what can harm."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

_SIGNATURE = 8
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_COLOUR = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_KEPT = (b"eXIf", b"pHYs", b"tRNS", b"acTL")
_LARGEST_TEXT, _LARGEST_PROFILE, _LARGEST_XMP = 1 << 16, 1 << 24, 1 << 26
_XMP = b"XML:com.adobe.xmp"


@dataclass(frozen=True)
class PngFacts:
    """colour: the data of the first sound chunk of each kind that describes colour. xmp: a packet, or b""."""

    colour: dict[bytes, bytes]
    xmp: bytes = b""


def without_hazards(stream: BinaryIO) -> tuple[BinaryIO, PngFacts]:
    """The PNG without text, colour and unknown ancillary chunks and those with a wrong checksum, and what they said.

    Decoders ignore such chunks (13.2 of the standard) where Pillow gives the file up. Small text stays.
    """
    colour: dict[bytes, bytes] = {}
    out, xmp = io.BytesIO(), b""
    stream.seek(0)
    out.write(stream.read(_SIGNATURE))
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        ancillary = bool(kind[0] & 32)
        data = stream.read(length + 4)
        if not ancillary or kind in (b"fcTL", b"fdAT"):
            out.write(head + data)
            continue
        body, sound = data[:-4], len(data) == length + 4 and zlib.crc32(kind + data[:-4]) == _number(data[-4:])
        if not sound:
            continue
        if kind in _COLOUR:
            colour.setdefault(kind, body)
        elif kind == b"iTXt" and body.startswith(_XMP + b"\x00"):
            xmp = xmp or _international_text(body)
        elif kind in _KEPT or (kind in _TEXT and _is_small(kind, body)):
            out.write(head + data)
    out.write(head)
    out.seek(0)
    return out, PngFacts(colour, xmp)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _is_small(kind: bytes, body: bytes) -> bool:
    """Whether a text is short, decompressed too."""
    if len(body) > _LARGEST_TEXT:
        return False
    try:
        text = body.partition(b"\x00")[2]
        if kind == b"zTXt":
            return inflated(text[1:], 1 << 19) is not None
        return kind == b"tEXt" or _international_text(body, 1 << 19) != b""
    except (zlib.error, IndexError):
        return False


def _international_text(body: bytes, limit: int = _LARGEST_XMP) -> bytes:
    """The text of an iTXt chunk as UTF-8; b"" if it is damaged or longer than `limit` bytes."""
    flags = body.partition(b"\x00")[2]
    packed = flags[:1] == b"\x01"
    text = flags[2:].partition(b"\x00")[2].partition(b"\x00")[2]
    try:
        return (inflated(text, limit) or b"") if packed else text[:limit]
    except zlib.error:
        return b""


def inflated(data: bytes, limit: int) -> bytes | None:
    """`data` decompressed (zlib), or None if that is more than `limit` bytes. Raises zlib.error."""
    decompressor = zlib.decompressobj()
    result = decompressor.decompress(data, limit)
    return None if decompressor.unconsumed_tail else result


def profile_in(chunk: bytes) -> bytes:
    """The ICC profile in an iCCP chunk; something that is no profile where it is damaged."""
    try:
        return inflated(chunk.partition(b"\x00")[2][1:], _LARGEST_PROFILE) or b"too large"
    except zlib.error:
        return b"damaged"

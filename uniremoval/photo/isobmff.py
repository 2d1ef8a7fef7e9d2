"""Boxes of AVIF files (ISO/IEC 14496-12 and 23008-12): the code points of the primary picture's colours."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def nclx_of(data: bytes) -> tuple[int, int] | None:
    """(primaries, transfer) of the primary item's nclx colour box, or None if there is none, or it is damaged."""
    try:
        meta = _first(data, b"meta")[4:]
        kind = _first(meta, b"pitm")
        primary = int.from_bytes(kind[4:6] if kind[0] == 0 else kind[4:8], "big")
        properties = _first(meta, b"iprp")
        boxes = list(_boxes(_first(properties, b"ipco")))
        wanted = _associated(_first(properties, b"ipma"), primary)
        for index in wanted:
            name, body = boxes[index - 1]
            if name == b"colr" and body[:4] == b"nclx":
                return struct.unpack(">HH", body[4:8])
    except (LookupError, struct.error):
        return None
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        end = len(data) if size == 0 else at + size
        if end < start:
            return
        yield name, data[start:end]
        at = end


def _first(data: bytes, name: bytes) -> bytes:
    """The contents of the first box of that name; LookupError if there is none."""
    for found, body in _boxes(data):
        if found == name:
            return body
    raise LookupError(name)


def _associated(body: bytes, item: int) -> list[int]:
    """The 1-based indices of an item's properties, from an ipma box."""
    wide, large = body[0] >= 1, body[3] & 1
    (count,) = struct.unpack_from(">I", body, 4)
    at = 8
    for _ in range(count):
        found = int.from_bytes(body[at : at + (4 if wide else 2)], "big")
        at += 4 if wide else 2
        links, at = body[at], at + 1
        step = 2 if large else 1
        mask = 0x7FFF if large else 0x7F
        indices = [int.from_bytes(body[at + step * n : at + step * (n + 1)], "big") & mask for n in range(links)]
        if found == item:
            return [index for index in indices if index]
        at += step * links
    return []

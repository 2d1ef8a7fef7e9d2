"""Damage to files, drawn from a random generator: the same generator state gives the same damage."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.files import PNG_SIGNATURE

HEADER = 96
"""Bytes at the start of a file, where most formats say how large everything is."""
NUMBERS = (0, 1, 2, 3, 7, 8, 16, 255, 256, 32767, 32768, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 10**6, 2**31, 2**63, 10**30, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    "", "x", "coarse-to-fine", "discriminator", "teacher", "\x00", "\u202e", "<script>", "../x", "9" * 400,
    [], {}, [[]], [None], [0], [1, 1], [10**9], {"a": {}}, [1.5], ["haze"],
)  # fmt: skip


def damaged(draw: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """`data` after one to four changes; `others`: files that parts may be taken from."""
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 3, 4))):
        draw.choice(CHANGES)(draw, data, others)
    return bytes(data)


def _place(draw: random.Random, data: bytearray) -> int:
    """Anywhere, but half of the time in the header."""
    return draw.randrange(min(HEADER, len(data)) if draw.random() < 0.5 else len(data)) if data else 0


def _flip(draw: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    for _ in range(draw.choice((1, 1, 2, 8))):
        if data:
            data[_place(draw, data)] ^= 1 << draw.randrange(8)


def _set(draw: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(draw, data)
    data[at : at + 1] = bytes([draw.choice((0, 1, 127, 128, 255, draw.randrange(256)))])


def _number(draw: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """A field of two, four or eight bytes, such as a length, becomes another number."""
    at, order, value = _place(draw, data), draw.choice("<>"), draw.choice(NUMBERS)
    kind, limit = draw.choice((("H", 2**16), ("I", 2**32), ("I", 2**32), ("Q", 2**64)))
    field = struct.pack(f"{order}{kind}", value % limit)
    data[at : at + len(field)] = field


def _truncate(draw: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[draw.randrange(len(data) + 1) :]


def _remove(draw: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(draw, data)
    del data[at : at + draw.choice((1, 2, 4, 16, 200))]


def _duplicate(draw: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at, length = _place(draw, data), draw.choice((1, 2, 4, 12, 64, 500))
    data[at:at] = data[at : at + length] * draw.choice((1, 1, 2, 30))


def _splice(draw: random.Random, data: bytearray, others: Sequence[bytes]) -> None:
    other = draw.choice(others)
    start, at, length = draw.randrange(len(other)), _place(draw, data), draw.choice((4, 16, 64, 400))
    piece = other[start : start + length]
    data[at : at + draw.choice((0, len(piece)))] = piece


def _checksums(_: random.Random, data: bytearray, others: Sequence[bytes]) -> None:
    """A PNG's checksums are made right, so that the damage gets past them."""
    at = len(PNG_SIGNATURE)
    while data.startswith(PNG_SIGNATURE) and at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            return
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4


CHANGES: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip, _flip, _set, _number, _number, _truncate, _remove, _duplicate, _splice, _checksums, _checksums,
)  # fmt: skip


def damaged_header(draw: random.Random, data: bytes, card_key: str) -> bytes:
    """A safetensors file whose JSON header, or the JSON card inside that, says something else; its length fits."""
    (length,) = struct.unpack_from("<Q", data)
    header, weights = json.loads(data[8 : 8 + length]), data[8 + length :]
    for _ in range(draw.choice((1, 1, 2, 3))):
        if draw.random() < 0.75:
            card = json.loads(header["__metadata__"][card_key])
            card = _changed(draw, card)
            header["__metadata__"][card_key] = json.dumps(card)
        else:
            header = (
                {key: value if key == "__metadata__" else _changed(draw, value) for key, value in header.items()}
                if draw.random() < 0.2
                else {**header, **_one_tensor(draw, header)}
            )
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + weights


def _one_tensor(draw: random.Random, header: dict[str, Any]) -> dict[str, Any]:
    name = draw.choice([key for key in header if key != "__metadata__"])
    return {draw.choice((name, name, name + "x")): _changed(draw, header[name])}


def _changed(draw: random.Random, value: Any) -> Any:
    """`value` with something in it replaced, removed or added."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key, copy = draw.choice(list(value)), dict(value)
        action = draw.random()
        if action < 0.1:
            del copy[key]
        elif action < 0.2:
            copy[draw.choice((str(draw.choice(VALUES)), key.upper()))] = draw.choice(VALUES)
        else:
            copy[key] = _changed(draw, value[key])
        return copy
    if isinstance(value, list) and value and draw.random() < 0.7:
        at = draw.randrange(len(value))
        piece = draw.choice(([], [_changed(draw, value[at])], [_changed(draw, value[at])], [value[at]] * 3))
        return [*value[:at], *piece, *value[at + 1 :]]
    if isinstance(value, int) and draw.random() < 0.5:
        return value + draw.choice((-1, 1, 8, 2**16, -value, 10**12))
    if value == "F16":
        return draw.choice(("BF16", "F32", "F64", "I8", "U8", "I16", "BOOL", "F8_E4M3", "F8_E5M2", "U16", "C64", "F4"))
    return draw.choice(VALUES)

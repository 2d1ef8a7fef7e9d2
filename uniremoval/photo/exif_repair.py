"""EXIF with entries that point nowhere: the sound entries are kept, the others removed."""

from __future__ import annotations

import struct

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_DIRECTORIES = (34665, 34853, 40965)
_PREFIX = b"Exif\x00\x00"


def repaired(exif: bytes) -> tuple[bytes, bool]:
    """(EXIF without its damaged entries and without thumbnail, whether there were any); b"" if nothing is sound.

    An entry (TIFF 6.0, section 2) is damaged if its type is unknown or its value lies beyond the end. EXIF without
    damage comes back as it is.
    """
    block = bytearray(exif.removeprefix(_PREFIX))
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(bytes(block[:4]))
    if order is None or len(block) < 8:
        return b"", bool(exif)
    seen: set[int] = set()
    pending, damaged = [struct.unpack_from(f"{order}I", block, 4)[0]], False
    first = pending[0]
    while pending:
        start = pending.pop()
        if start in seen or start + 2 > len(block):
            damaged = True
            if start == first and not seen:
                return b"", True
            continue
        seen.add(start)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        places = range(start + 2, start + 2 + 12 * count, 12)
        whole = [bytes(block[at : at + 12]) for at in places if at + 12 <= len(block)]
        sound = [entry for entry in whole if _is_sound(entry, order, len(block))]
        for entry in sound:
            tag, _, _, value = struct.unpack(f"{order}HHII", entry)
            if tag in _DIRECTORIES:
                pending.append(value)
        if len(sound) < count:
            damaged = True
            body = struct.pack(f"{order}H", len(sound)) + b"".join(sound) + bytes(4)
            block[start : start + len(body)] = body
    return (_PREFIX + bytes(block), True) if damaged else (exif, False)


def _is_sound(entry: bytes, order: str, length: int) -> bool:
    tag, kind, count, value = struct.unpack(f"{order}HHII", entry)
    size = _SIZES.get(kind, 0) * count
    if kind not in _SIZES:
        return False
    if tag in _DIRECTORIES:
        return value + 2 <= length
    return size <= 4 or value + size <= length

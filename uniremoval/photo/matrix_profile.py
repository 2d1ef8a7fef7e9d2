"""ICC profiles made from primaries and a transfer function, for photos that describe their colours otherwise."""

from __future__ import annotations

import struct

import numpy as np

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""CIE 1931 xy of white, red, green and blue."""

D65 = (0.3127, 0.3290)
SRGB: Chromaticities = (D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE_RGB: Chromaticities = (D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_CURVE_POINTS = 4096
RAMP = np.linspace(0, 1, _CURVE_POINTS)
"""Where a transfer function is sampled for a profile."""


def matrix_profile(name: str, chromaticities: Chromaticities, curve: np.ndarray) -> bytes:
    """An ICC profile (ICC.1:2022, 8.4.3) of an RGB space, adapted to D50 by the Bradford transform.

    `name` is ASCII; `curve` is linear light in [0, 1] at RAMP. Raises ValueError if the primaries span no space.
    """
    if any(y <= 0 for _, y in chromaticities):
        raise ValueError("a chromaticity lies on or below the axis")
    white, *primaries = ([x / y, 1.0, (1 - x - y) / y] for x, y in chromaticities)
    matrix = np.array(primaries).T
    if abs(np.linalg.det(matrix)) < 1e-6:
        raise ValueError("the primaries span no space")
    matrix = matrix * np.linalg.solve(matrix, np.array(white))
    cone = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ np.array(white)))
    columns = np.linalg.inv(_BRADFORD) @ cone @ _BRADFORD @ matrix
    if not np.isfinite(columns).all() or np.abs(columns).max() > 100:
        raise ValueError("the primaries are out of range")
    levels = np.rint(np.clip(curve, 0, 1) * 65535).astype(">u2").tobytes()
    tone = b"curv" + bytes(4) + struct.pack(">I", _CURVE_POINTS) + levels
    tags = {b"desc": _text(name), b"cprt": _text("CC0"), b"wtpt": _xyz(_D50)}
    for letter, column in zip((b"r", b"g", b"b"), columns.T, strict=True):
        tags[letter + b"XYZ"] = _xyz(column)
    tags |= {b"rTRC": tone, b"gTRC": tone, b"bTRC": tone}
    return _profile(tags)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    start = 132 + 12 * len(tags)
    table, body, places = struct.pack(">I", len(tags)), b"", {}
    for key, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", key, places[data], len(data))
    head = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(_D50)[8:]
    return head + bytes(128 - len(head)) + table + body


def _text(words: str) -> bytes:
    data = words.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(float(value) * 65536) for value in values))

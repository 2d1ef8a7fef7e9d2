"""Colours described by code points (ITU-T H.273), as in PNG's cICP chunk and AVIF's nclx box, as an ICC profile."""

from __future__ import annotations

import numpy as np

from uniremoval.photo.matrix_profile import D65, RAMP, SRGB, Chromaticities, matrix_profile

_C = (0.310, 0.316)
_PRIMARIES: dict[int, tuple[str, Chromaticities]] = {
    1: ("sRGB primaries", SRGB),
    4: ("BT.470 M", (_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08))),
    5: ("BT.601 625", (D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06))),
    6: ("BT.601 525", (D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    7: ("SMPTE 240M", (D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    9: ("BT.2020", (D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
    11: ("DCI P3", ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    12: ("Display P3", (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    22: ("EBU 3213", (D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077))),
}
_UNSPECIFIED, _PQ, _HLG = 2, 16, 18
_SRGB_CURVES = (1, 6, 13, 14, 15)  # the camera curves of video are shown as sRGB, as browsers do
_POWERS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
_REFERENCE_WHITE, _PEAK, _KNEE = 203.0, 1000.0, 0.75  # cd/m2 (ITU-R BT.2408), and the share left as it is


def profile_of(primaries: int, transfer: int, full_range: bool = True) -> tuple[bytes | None, tuple[str, ...]]:
    """(ICC profile, notes); no profile where the colours are sRGB, unspecified or of an unknown kind.

    HDR (PQ and HLG) comes tone-mapped: reference white of 203 cd/m2 is white, and highlights are compressed.
    """
    primaries = 1 if primaries == _UNSPECIFIED else primaries
    transfer = 13 if transfer == _UNSPECIFIED else transfer
    curve = _curve(transfer, RAMP if full_range else np.clip((RAMP * 255 - 16) / 219, 0, 1))
    if curve is None or primaries not in _PRIMARIES:
        return None, (f"The colour description (code points {primaries}/{transfer}) is unknown; sRGB was assumed.",)
    if primaries == 1 and transfer in _SRGB_CURVES and full_range:
        return None, ()
    name, chromaticities = _PRIMARIES[primaries]
    notes: tuple[str, ...] = ()
    if transfer in (_PQ, _HLG):
        notes = ("The photo is HDR and was tone-mapped: its brightest parts were made darker.",)
        name += " PQ" if transfer == _PQ else " HLG"
    return matrix_profile(name, chromaticities, curve), notes


def srgb_curve(ramp: np.ndarray) -> np.ndarray:
    """Linear light of sRGB's coded values (IEC 61966-2-1); both in [0, 1]."""
    return np.where(ramp <= 0.04045, ramp / 12.92, ((ramp + 0.055) / 1.055) ** 2.4)


def _curve(transfer: int, ramp: np.ndarray) -> np.ndarray | None:
    if transfer in _SRGB_CURVES:
        return srgb_curve(ramp)
    if transfer in _POWERS:
        return ramp ** _POWERS[transfer]
    if transfer == _PQ:  # SMPTE ST 2084
        root = ramp ** (32 / 2523)
        light = (np.maximum(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610)
        return _tone_mapped(light * 10000)
    if transfer == _HLG:  # ITU-R BT.2100, on a display of 1000 cd/m2
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(ramp <= 0.5, ramp**2 / 3, (np.exp((ramp - c) / a) + b) / 12)
        return _tone_mapped(_PEAK * scene**1.2)
    return None


def _tone_mapped(light: np.ndarray) -> np.ndarray:
    """Light in cd/m2 to [0, 1]: linear up to the knee, then a rational curve that reaches 1 at the peak."""
    level = light / _REFERENCE_WHITE
    span, room = _PEAK / _REFERENCE_WHITE - _KNEE, 1 - _KNEE
    over = np.clip(level - _KNEE, 0, span)
    strength = (span - room) / (span * room)
    return np.where(level <= _KNEE, level, _KNEE + over / (1 + strength * over))

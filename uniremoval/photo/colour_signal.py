"""The colour space that a file declares, as an ICC profile: each format's declarations in the order of its standard."""

from __future__ import annotations

import struct

import numpy as np
from PIL.ImageFile import ImageFile

from uniremoval.photo.cicp import profile_of, srgb_curve
from uniremoval.photo.exif import says_adobe_rgb
from uniremoval.photo.matrix_profile import ADOBE_RGB, RAMP, SRGB, Chromaticities, matrix_profile
from uniremoval.photo.png_chunks import PngFacts, profile_in

_SRGB_GAMMA, _NEAR_GAMMA, _NEAR_PRIMARIES = 0.45455, 0.02, 0.01
_ADOBE_GAMMA = 563 / 256
_PNG_UNIT = 100000


def profile_described(image: ImageFile) -> tuple[bytes | None, tuple[str, ...]]:
    """(ICC profile, notes) of an opened image; no profile where the colours are sRGB, or not described.

    PNG: cICP, iCCP, sRGB, then gAMA and cHRM (PNG, third edition, 4.3). AVIF and HEIC: an ICC profile, then nclx. JPEG,
    WebP and TIFF: an ICC profile, then Adobe RGB by EXIF (DCF 2.0).
    """
    facts = image.info.get("png_facts")
    if facts is not None:
        return _of_png(facts)
    if icc := image.info.get("icc_profile"):
        return icc, ()
    if nclx := image.info.get("nclx"):
        return profile_of(*nclx)
    if image.format in ("JPEG", "WEBP", "TIFF") and image.mode != "CMYK" and says_adobe_rgb(image):
        return matrix_profile("Adobe RGB (1998)", ADOBE_RGB, RAMP**_ADOBE_GAMMA), ()
    return None, ()


def _of_png(facts: PngFacts) -> tuple[bytes | None, tuple[str, ...]]:
    colour = facts.colour
    points = colour.get(b"cICP", b"")
    if len(points) == 4 and points[2] == 0:  # RGB is the one matrix PNG allows
        return profile_of(points[0], points[1], full_range=points[3] == 1)
    if b"iCCP" in colour:
        return profile_in(colour[b"iCCP"]), ()
    if b"sRGB" in colour:
        return None, ()
    gamma = _gamma(colour.get(b"gAMA", b""))
    chromaticities = _chromaticities(colour.get(b"cHRM", b""))
    of_srgb = chromaticities is None or np.abs(np.subtract(chromaticities, SRGB)).max() < _NEAR_PRIMARIES
    if of_srgb and (gamma is None or abs(gamma - _SRGB_GAMMA) < _NEAR_GAMMA):
        return None, ()
    curve = srgb_curve(RAMP) if gamma is None else RAMP ** (1 / gamma)
    try:
        return matrix_profile("PNG gAMA and cHRM", chromaticities or SRGB, curve), ()
    except ValueError:
        return None, ("The colour description (cHRM) is damaged and was ignored.",)


def _gamma(data: bytes) -> float | None:
    value = struct.unpack(">I", data)[0] / _PNG_UNIT if len(data) == 4 else 0
    return value if 0.1 <= value <= 10 else None


def _chromaticities(data: bytes) -> Chromaticities | None:
    if len(data) != 32:
        return None
    values = [number / _PNG_UNIT for number in struct.unpack(">8I", data)]
    white, red, green, blue = zip(values[::2], values[1::2], strict=True)
    return white, red, green, blue

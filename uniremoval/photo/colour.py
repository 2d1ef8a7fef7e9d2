"""ICC profiles to sRGB: with LittleCMS at 8 bit, in numpy at 16 bit (which Pillow's binding cannot do)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageCms

# Columns: red, green and blue of sRGB in the profile connection space (CIE XYZ adapted to D50), from the
# ICC's own profile.
_SRGB_TO_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]], dtype=np.float64
)
_XYZ_TO_SRGB = np.linalg.inv(_SRGB_TO_XYZ)
_BEYOND = 0.005
_DARKEST, _BRIGHTEST = 0.12, 0.35  # linear light of the middle coded value: 0.21 in sRGB, 0.29 in ProPhoto RGB
_LEVELS = np.arange(65536, dtype=np.float64) / 65535


@cache
def srgb_profile() -> bytes:
    """A small sRGB profile to embed, its creation date blanked so that equal photos give equal files."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data[:24] + bytes(12) + data[36:]


def eight_bit_transform(icc: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform | None, str]:
    """The transform of a `mode` image ("L", "RGB" or "CMYK") to sRGB, and the profile's name.

    The transform is None where it would move no level by more than one, as for photos that are sRGB already.
    Raises ValueError if the profile is damaged or describes another kind of image.
    """
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        expected = {"L": ("GRAY", "RGB"), "RGB": ("RGB",), "CMYK": ("CMYK",)}[mode]
        if space not in expected:
            raise ValueError(f"a {space} profile in a {mode} image")
        source_mode = "RGB" if space == "RGB" else mode
        target = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
        transform = ImageCms.buildTransform(profile, target, source_mode, "RGB")
        name = _brief(ImageCms.getProfileDescription(profile))
    except (OSError, ImageCms.PyCMSError) as error:
        raise ValueError(str(error)) from error
    return (None if _is_identity(transform, source_mode) else transform), name or "unnamed"


def _brief(description: str) -> str:
    """Description in a profile, on one line that fits a sentence."""
    return " ".join("".join(c if c.isprintable() else " " for c in description).split())[:60]


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    if mode == "CMYK":
        return False
    ramp = np.linspace(0, 255, 17 if mode == "RGB" else 256).astype(np.uint8)
    cube = np.stack(np.meshgrid(ramp, ramp, ramp), axis=-1).reshape(1, -1, 3) if mode == "RGB" else ramp[None, :]
    probe = Image.fromarray(np.ascontiguousarray(cube))
    moved = np.asarray(ImageCms.applyTransform(probe, transform)).astype(np.int16)
    still = np.asarray(probe.convert("RGB")).astype(np.int16)
    return int(np.abs(moved - still).max()) <= 1


@dataclass(frozen=True)
class MatrixSpace:
    """An RGB or grey space of the matrix or grey-curve kind (ICC.1:2022, 8.3.3 and 8.3.4).

    curves: linear light at 65536 coded values, one per channel.
    to_linear_srgb: what a row of linear light is multiplied with.
    """

    curves: tuple[np.ndarray, np.ndarray, np.ndarray]
    to_linear_srgb: np.ndarray

    @property
    def is_wide(self) -> bool:
        """Whether it holds colours beyond sRGB, at coded values that look evenly spaced, as sRGB's do."""
        middle = [curve[len(curve) // 2] for curve in self.curves]
        return self.to_linear_srgb.min() < -_BEYOND and min(middle) >= _DARKEST and max(middle) <= _BRIGHTEST

    def to_srgb(self, coded: np.ndarray) -> np.ndarray:
        """HxWx3 coded values in [0, 1] -> sRGB, float32; below 0 and above 1 where the colour lies beyond sRGB."""
        index = np.rint(coded * 65535).astype(np.uint16)
        linear = np.stack([curve[index[..., channel]] for channel, curve in enumerate(self.curves)], axis=-1)
        return _encode(linear @ self.to_linear_srgb)

    def levels_to_srgb(self, levels: np.ndarray) -> np.ndarray:
        """HxWx3 samples, float32 holding 0..65535 -> the same in sRGB, clipped to it."""
        return np.clip(self.to_srgb(levels / 65535), 0, 1) * np.float32(65535)

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """The inverse of `to_srgb`; colours outside this space are clipped to [0, 1]."""
        linear = _decode(pixels) @ np.linalg.inv(self.to_linear_srgb)
        coded = [np.interp(linear[..., channel], curve, _LEVELS) for channel, curve in enumerate(self.curves)]
        return np.stack(coded, axis=-1).astype(np.float32)


def matrix_space(icc: bytes) -> MatrixSpace | None:
    """The space that a profile describes; None where it is of another kind, or damaged."""
    try:
        tags = _tags(icc)
        if icc[20:24] != b"XYZ " or b"A2B0" in tags:
            return None
        if icc[16:20] == b"GRAY":
            red = green = blue = _curve(tags[b"kTRC"])
            matrix = np.eye(3)
        else:
            red, green, blue = (_curve(tags[key]) for key in (b"rTRC", b"gTRC", b"bTRC"))
            primaries = np.array([_xyz(tags[key]) for key in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
            matrix = _XYZ_TO_SRGB @ primaries
    except (LookupError, struct.error, ValueError, OverflowError):
        return None
    curves = red.astype(np.float32), green.astype(np.float32), blue.astype(np.float32)
    return MatrixSpace(curves, matrix.T.astype(np.float32))


def _encode(linear: np.ndarray) -> np.ndarray:
    """The sRGB transfer function (IEC 61966-2-1), mirrored at 0 for colours beyond sRGB."""
    size = np.abs(linear)
    curved = np.where(size <= 0.0031308, 12.92 * size, 1.055 * size ** np.float32(1 / 2.4) - 0.055)
    return np.copysign(curved, linear).astype(np.float32)


def _decode(encoded: np.ndarray) -> np.ndarray:
    """The inverse of `_encode`, float64."""
    size = np.abs(encoded).astype(np.float64)
    linear = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.copysign(linear, encoded)


def _tags(icc: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", icc, 128)
    entries = (struct.unpack_from(">4sII", icc, 132 + 12 * index) for index in range(min(count, 100)))
    return {key: icc[offset : offset + length] for key, offset, length in entries}


def _xyz(tag: bytes) -> list[float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("not an XYZ tag")
    return [value / 65536 for value in struct.unpack_from(">3i", tag, 8)]


def _curve(tag: bytes) -> np.ndarray:
    """The tone curve of a `curv` or `para` tag (ICC.1:2022, 10.6 and 10.18) at all 65536 levels."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return _LEVELS
        coded = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
        if count == 1:
            return _LEVELS ** (coded[0] / 256)
        return np.interp(_LEVELS, np.linspace(0, 1, count), coded / 65535)
    if tag[:4] != b"para":
        raise ValueError("not a curve tag")
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    values = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b, c, d, e, f = values + [0.0] * (7 - count)
    if kind == 0:
        return _LEVELS**g
    if kind in (1, 2):
        split, offset, slope, foot = -b / a, (c if kind == 2 else 0.0), 0.0, (c if kind == 2 else 0.0)
    else:
        split, offset, slope, foot = d, e, c, f
    power = np.maximum(a * _LEVELS + b, 0) ** g + offset
    return np.clip(np.where(split <= _LEVELS, power, slope * _LEVELS + foot), 0, 1)

"""Colours that are described otherwise than by an ICC profile, against values worked out by hand."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from tests.support import files
from uniremoval.photo import decode
from uniremoval.photo.cicp import profile_of
from uniremoval.photo.matrix_profile import SRGB, matrix_profile

PATCHES = np.array([[[220, 40, 80], [30, 170, 90], [70, 90, 210], [120, 120, 120], [250, 250, 250]]], np.uint8)
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
ADOBE_TO_SRGB = np.array([[1.3984, -0.3984, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429, 1.0429]])


def linear(coded: np.ndarray) -> np.ndarray:
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def coded(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255


def png(*chunks: tuple[bytes, bytes], bits: int = 8) -> np.ndarray:
    """The patches read from a PNG file with these chunks, x 255."""
    samples = PATCHES if bits == 8 else PATCHES.astype(np.uint16) * 257
    return decode(files.png_bytes(samples, b"".join(files.chunk(*chunk) for chunk in chunks))).pixels * 255


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100000))


P3 = (b"cICP", bytes([12, 13, 0, 1]))
P3_PRIMARIES = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
SRGB_CHUNK = (b"sRGB", b"\x00")
SWAPPED = (b"iCCP", b"icc\x00\x00" + zlib.compress(files.matrix_profile("GRB")))
AS_P3 = coded(linear(PATCHES / 255) @ P3_TO_SRGB.T)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("value", [1.0, 0.55556])
def test_png_gamma(value: float, bits: int) -> None:
    wanted = coded((PATCHES / 255) ** (1 / value))
    assert np.abs(png(gamma(value), bits=bits) - wanted).max() < 1.6


def test_png_gamma_of_srgb_changes_nothing() -> None:
    assert (np.rint(png(gamma(0.45455))) == PATCHES).all()


def test_png_primaries_alone_go_with_the_curve_of_srgb() -> None:
    assert np.abs(png(P3_PRIMARIES) - AS_P3).max() < 2


@pytest.mark.parametrize("bits", [8, 16])
def test_png_code_points_come_first(bits: int) -> None:
    assert np.abs(png(gamma(1.0), SRGB_CHUNK, SWAPPED, P3, bits=bits) - AS_P3).max() < 2


def test_png_profile_comes_before_srgb_and_gamma() -> None:
    assert np.abs(png(gamma(1.0), SRGB_CHUNK, SWAPPED) - PATCHES[..., [1, 0, 2]]).max() < 1.5


def test_png_srgb_comes_before_gamma() -> None:
    assert (np.rint(png(gamma(1.0), P3_PRIMARIES, SRGB_CHUNK)) == PATCHES).all()


def test_png_of_narrow_range() -> None:
    wanted = np.clip((PATCHES.astype(float) - 16) / 219, 0, 1) * 255
    assert np.abs(png((b"cICP", bytes([1, 13, 0, 0]))) - wanted).max() < 1.6


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_tone_mapped_with_a_note(transfer: int) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    photo = decode(files.png_bytes(ramp, files.chunk(b"cICP", bytes([9, transfer, 0, 1]))))
    assert "HDR" in " ".join(photo.notes)
    row = photo.pixels[0, :, 1]
    assert (np.diff(row) >= 0).all() and row[0] == 0 and row[-1] == 1
    white = {16: 148, 18: 191}[transfer]  # 203 cd/m2 (ITU-R BT.2408, table 1)
    assert 0.85 < row[white] < 0.99


def test_unknown_code_points_give_a_note() -> None:
    photo = decode(files.png_bytes(PATCHES, files.chunk(b"cICP", bytes([77, 13, 0, 1]))))
    assert (np.rint(photo.pixels * 255) == PATCHES).all() and "77" in photo.notes[0]


@pytest.mark.parametrize(
    "by, format",
    [("index", "JPEG"), ("index", "WEBP"), ("space", "JPEG"), ("space", "TIFF")],  # Pillow writes no index to TIFF
)
def test_adobe_rgb_by_exif(by: str, format: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ColorSpace: 65535 if by == "index" else 2}
    if by == "index":
        exif[ExifTags.IFD.Exif][ExifTags.IFD.Interop] = {1: "R03", 2: b"0100"}
    pixels = np.repeat(np.repeat(PATCHES, 16, axis=0), 16, axis=1)
    buffer = io.BytesIO()
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(format, {})
    Image.fromarray(pixels).save(buffer, format, exif=exif.tobytes(), **options)
    photo = decode(buffer.getvalue())
    wanted = coded((PATCHES / 255) ** (563 / 256) @ ADOBE_TO_SRGB.T)
    assert np.abs(photo.pixels[8, 8::16] * 255 - wanted[0]).max() < 5
    assert "Adobe RGB" in " ".join(photo.notes)


def test_avif_code_points() -> None:
    pixels = np.repeat(np.repeat(PATCHES, 16, axis=0), 16, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "AVIF", quality=100, subsampling="4:4:4")
    plain = buffer.getvalue()
    at = plain.index(b"nclx") + 4
    photo = decode(plain[:at] + struct.pack(">HH", 12, 13) + plain[at + 4 :])
    assert np.abs(photo.pixels[8, 8::16] * 255 - AS_P3[0]).max() < 6
    assert np.abs(decode(plain).pixels[8, 8::16] * 255 - PATCHES[0]).max() < 4


def test_profile_agrees_with_littlecms() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_of(12, 13)[0]))
    assert ImageCms.getProfileDescription(profile).strip() == "Display P3"
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    found = np.asarray(ImageCms.applyTransform(Image.fromarray(PATCHES), transform)).astype(float)
    assert np.abs(found - AS_P3).max() < 2


def test_primaries_that_span_no_space_are_refused() -> None:
    with pytest.raises(ValueError, match="space"):
        matrix_profile("flat", (SRGB[0], SRGB[1], SRGB[1], SRGB[1]), np.linspace(0, 1, 4096))

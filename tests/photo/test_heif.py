"""HEIC files, as phones and cameras write them."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms

from tests.support import files
from tests.support.photo_checks import assert_sound, levels
from uniremoval.errors import PhotoError
from uniremoval.paths import ROOT
from uniremoval.photo import decode, encode
from uniremoval.photo.encode import own_format
from uniremoval.photo.exif import as_stored

MODES = {"RGB;16": 3, "RGBA;16": 4, "I;16": 1}


def deep(channels: int) -> np.ndarray:
    """64x96xC smooth samples of 10 bits."""
    rows, columns = np.mgrid[0:64, 0:96]
    planes = [columns * 1023 // 95, rows * 1023 // 63, 1023 - (rows + columns) * 1023 // 158, columns * 1023 // 95]
    return np.stack(planes[:channels], axis=-1).astype(np.uint16)


def heif_of(samples: np.ndarray, mode: str, bits: int = 10, **options: object) -> bytes:
    height, width = samples.shape[:2]
    buffer = io.BytesIO()
    picture = pillow_heif.from_bytes(mode, (width, height), (samples << (16 - bits)).tobytes())
    picture.save(buffer, quality=-1, chroma=444, **options)
    return buffer.getvalue()


def with_header_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def premultiplied(picture: pillow_heif.HeifFile) -> bytes:
    """The file of a picture whose colours are multiplied by its alpha."""
    picture[0].premultiplied_alpha = True
    buffer = io.BytesIO()
    picture.save(buffer, quality=-1, chroma=444)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", MODES)
def test_ten_bits_are_kept(mode: str) -> None:
    samples = deep(MODES[mode])
    photo = decode(heif_of(samples, mode), name="deep.heic")
    assert_sound(photo)
    assert (photo.bits, photo.grey, photo.format) == (16, mode == "I;16", "HEIF")
    off = np.abs(photo.pixels * 1023 - samples[..., :3])
    assert off.mean() < 1.5 and off.max() < 12
    assert len(np.unique(photo.pixels[0, :, 0])) > 80, "more levels than 8 bits of such a ramp would have"
    assert (photo.alpha is not None) == (mode == "RGBA;16")
    if photo.alpha is not None:
        assert np.abs(photo.alpha * 1023 - samples[..., 3]).max() < 3 and photo.alpha.max() == 1
    assert own_format(photo) == "PNG" and decode(encode(photo)).bits == 16


def test_twelve_bits_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", True)
    ramp = np.tile(np.arange(0, 4096, 2, dtype=np.uint16), (16, 1))
    photo = decode(heif_of(ramp, "I;16", 12))
    assert photo.bits == 16 and np.abs(photo.pixels[..., 0] * 4095 - ramp).max() < 3
    assert len(np.unique(photo.pixels[0, :, 0])) > 1024, "more levels than 10 bits have"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_ten_bits_are_turned_once(orientation: int) -> None:
    samples, exif = deep(3), Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    upright = np.empty(samples.shape if orientation < 5 else (96, 64, 3))
    as_stored(upright, orientation)[...] = samples
    photo = decode(heif_of(samples, "RGB;16", exif=exif.tobytes()))
    assert photo.size == upright.shape[:2] and np.abs(photo.pixels * 1023 - upright).max() < 12


def test_exif_alone_turns_nothing() -> None:
    """As HEIF says: only irot and imir do."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = files.heif(Image.fromarray(files.gradient(48, 64)), exif=exif.tobytes())
    assert decode(data).size == (64, 48) and decode(data.replace(b"irot", b"free")).size == (48, 64)


@pytest.mark.parametrize("bits", [8, 10])
def test_premultiplied_colours_are_made_straight(bits: int) -> None:
    alpha, white = np.tile(np.linspace(0.25, 1, 96), (64, 1))[..., None], (1 << bits) - 1
    colour = np.array([0.8, 0.5, 1.0])
    samples = np.rint(np.concatenate([colour * alpha, alpha], axis=-1) * white)
    if bits == 8:
        data = premultiplied(pillow_heif.from_pillow(Image.fromarray(samples.astype(np.uint8))))
    else:
        raw = (samples.astype(np.uint16) << 6).tobytes()
        data = premultiplied(pillow_heif.from_bytes("RGBA;16", (96, 64), raw))
    photo = decode(data)
    assert_sound(photo)
    assert photo.bits == (8 if bits == 8 else 16)
    assert np.abs(photo.pixels - colour).max() < 0.05 and np.abs(photo.alpha - alpha[..., 0]).max() < 0.02


def test_a_grid_is_one_picture() -> None:
    image = Image.fromarray(files.gradient(300, 400))
    data = files.heif(image, tile_size=128)
    assert b"grid" in data, "the encoder wrote tiles"
    photo = decode(data)
    assert photo.size == (300, 400) and np.abs(levels(photo) - files.gradient(300, 400)).max() <= 12
    with pytest.raises(PhotoError, match="400 wide, 300 high"):
        decode(data, max_megapixels=0.1)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_grey_and_alpha(mode: str) -> None:
    image = Image.fromarray(files.gradient(48, 64)).convert(mode)
    if mode != "L":
        image.putalpha(Image.fromarray(files.gradient(48, 64)[..., 0]))
    photo = decode(files.heif(image))
    assert_sound(photo)
    assert photo.bits == 8 and photo.grey == (mode != "RGBA")
    assert own_format(photo) == ("JPEG" if mode == "L" else "PNG")
    if photo.alpha is not None:
        assert np.abs(photo.alpha * 255 - files.gradient(48, 64)[..., 0]).max() < 6


def test_code_points_and_profiles_say_the_colours() -> None:
    image = Image.new("RGB", (64, 48), (200, 60, 60))
    plain, wide = decode(files.heif(image)), decode(files.heif(image, color_primaries=12, transfer_characteristics=13))
    assert np.abs(plain.pixels[24, 32] * 255 - (200, 60, 60)).max() < 3
    assert wide.pixels[24, 32, 0] * 255 > 210 and wide.profile, "in Display P3 the same numbers are a stronger red"
    described = files.heif(image, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert np.abs(decode(described).pixels[24, 32] * 255 - (200, 60, 60)).max() < 3
    bright = decode(files.heif(image, color_primaries=9, transfer_characteristics=16))
    assert "HDR" in " ".join(bright.notes)


def test_the_primary_picture_is_read() -> None:
    several = pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red"))
    several.add_from_pillow(Image.new("RGB", (40, 32), "blue"))
    buffer = io.BytesIO()
    several.save(buffer, primary_index=1)
    photo = decode(buffer.getvalue())
    assert photo.size == (32, 40) and levels(photo)[16, 20, 2] > 240
    assert "main picture" in " ".join(photo.notes)


def test_metadata_is_kept() -> None:
    exif = Image.Exif()
    exif[271] = "Removal"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    photo = decode(files.heif(Image.fromarray(files.gradient(48, 64)), exif=exif.tobytes(), xmp=xmp))
    written = Image.open(io.BytesIO(encode(photo)))
    assert (written.format, written.getexif()[271]) == ("JPEG", "Removal")
    assert xmp in photo.xmp


def test_size_is_known_before_anything_is_decoded() -> None:
    data = files.heif(Image.fromarray(files.gradient(48, 64)))
    with pytest.raises(PhotoError, match=r"64 wide, 48 high"):
        decode(data, max_megapixels=0.003)
    with pytest.raises(PhotoError):
        decode(with_header_size(data, 60000, 60000))


@pytest.mark.parametrize("deep_file", [False, True])
def test_a_stream_larger_than_its_header_is_refused(deep_file: bool) -> None:
    """Else a small header would get a bomb past the limit; libheif before 1.23 decoded such files in full."""
    plain = np.full((1500, 2000, 3), 90, np.uint16)
    data = heif_of(plain, "RGB;16") if deep_file else files.heif(Image.fromarray(plain.astype(np.uint8)))
    with pytest.raises(PhotoError, match="2000x150"):
        decode(with_header_size(data, 64, 48), max_megapixels=1)


def test_a_file_cut_anywhere_is_refused() -> None:
    data = files.heif(Image.fromarray(files.gradient(48, 64)), exif=Image.Exif().tobytes())
    for length in range(len(data)):
        with pytest.raises(PhotoError, match=r"^'photo' .*\.$"):
            decode(data[:length])


def test_libheif_is_loaded_for_heic_alone(tmp_path: Path) -> None:
    avif = files.turned(tmp_path, 1, ".avif")
    program = f"""
import sys, uniremoval.cli
from uniremoval.photo import decode
assert decode({str(avif)!r}).format == "AVIF" and "pillow_heif" not in sys.modules
decode({str(files.turned(tmp_path, 1, ".heic"))!r})
assert "pillow_heif" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_a_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.mov"
    path.write_bytes(b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + bytes(100))
    with pytest.raises(PhotoError, match=r"clip\.mov.*not an image"):
        decode(path)


def test_a_gain_map_is_told_of() -> None:
    photo = decode(files.heif_with_gain_map(), name="IMG_0001.HEIC")
    assert photo.notes == ("Only the picture itself was read; the HDR gain map beside it is left out.",)
    assert photo.size == (64, 80) and photo.alpha is None
    assert np.abs(photo.pixels * 255 - files.gradient(64, 80)).mean() < 3
    assert decode(files.heif(Image.fromarray(files.gradient()))).notes == ()

from __future__ import annotations

import io
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from tests.support import files
from tests.support.photo_checks import exif_of, levels
from uniremoval.errors import PhotoError
from uniremoval.photo import Photo, decode, encode, save


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG", "WEBP", "AVIF"])
def test_exif_is_written(tmp_path, format, bits):
    photo = replace(decode(files.turned(tmp_path, 6)), bits=bits)
    main, camera = exif_of(encode(photo, format))
    assert main[ExifTags.Base.Make] == "Removal"
    assert camera[ExifTags.Base.ISOSpeedRatings] == 400


def test_exif_too_long_for_jpeg_is_left_out_there():
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "x" * 70000
    photo = Photo(np.zeros((8, 8, 3), np.float32), exif=exif.tobytes())
    assert exif_of(encode(photo, "JPEG"))[0] == {}
    assert len(exif_of(encode(photo, "PNG"))[0][ExifTags.Base.ImageDescription]) == 70000


@settings(max_examples=40)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.integers(1, 4),
    bits=st.sampled_from([8, 16]),
    seed=st.integers(0, 1 << 20),
)
def test_png_and_tiff_round_trips_are_exact(height, width, channels, bits, seed):
    samples = files.noise(height, width, channels, bits, seed)
    photo = decode(files.png_bytes(samples))
    assert photo.bits == bits
    for format in ("PNG", "TIFF"):
        again = decode(encode(photo, format))
        assert (again.bits, again.exif, again.notes) == (bits, photo.exif, ())
        assert again.grey == photo.grey or (format, channels) == ("TIFF", 2)
        assert again.pixels.tobytes() == photo.pixels.tobytes()
        assert (photo.alpha is None) == (again.alpha is None)
        assert photo.alpha is None or again.alpha.tobytes() == photo.alpha.tobytes()


def test_photo_of_several_strips_is_exact(tmp_path):
    samples = files.noise(1100, 1500, 3)
    photo = decode(files.png(tmp_path, samples))
    assert (levels(photo) == samples).all()
    for format in ("PNG", "TIFF"):
        assert decode(encode(photo, format)).pixels.tobytes() == photo.pixels.tobytes()


def test_grey_photo_becomes_rgb_once_it_has_colour(tmp_path):
    photo = decode(files.png(tmp_path, files.noise(6, 7, 1, bits=8)))
    assert photo.grey
    assert Image.open(io.BytesIO(encode(photo))).mode == "L"
    tinted = photo.with_pixels(photo.pixels * np.float32([1, 0.5, 1]))
    assert Image.open(io.BytesIO(encode(tinted))).mode == "RGB"
    with pytest.raises(ValueError, match="shape"):
        photo.with_pixels(photo.pixels[:3])


def test_a_gif_is_written_as_png(tmp_path):
    assert encode(decode(files.animation(tmp_path))).startswith(files.PNG_SIGNATURE)
    with pytest.raises(PhotoError, match=r"\.png"):
        save(decode(files.animation(tmp_path)), tmp_path / "out.gif")


def test_alpha_in_each_format(tmp_path):
    photo = decode(files.png(tmp_path, files.noise(16, 16, 4, bits=8)))
    for format in ("PNG", "TIFF", "WEBP"):
        again = decode(encode(photo, format, quality=100))
        assert again.pixels.tobytes() == photo.pixels.tobytes()
        assert again.alpha.tobytes() == photo.alpha.tobytes()
    assert np.abs(decode(encode(photo, "AVIF", quality=100)).alpha - photo.alpha).max() < 0.02
    bmp = decode(encode(photo, "BMP"))
    assert bmp.alpha is None
    assert bmp.pixels.tobytes() == photo.pixels.tobytes()
    jpeg = decode(encode(photo, "JPEG", quality=100))
    assert jpeg.alpha is None
    assert np.abs(jpeg.pixels - photo.pixels).max() < 0.05


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif"])
def test_save_takes_the_format_from_the_suffix(tmp_path, suffix):
    photo = decode(files.jpeg(tmp_path))
    folder = tmp_path / "für später 写真"
    folder.mkdir()
    path = save(photo, folder / f"wörk{suffix}")
    assert [item.name for item in folder.iterdir()] == [path.name]
    again = decode(path)
    expected = {".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF"}.get(suffix.lower(), suffix[1:].upper())
    assert again.format == expected
    assert np.abs(again.pixels - photo.pixels).mean() < 0.02


def test_failed_save_leaves_the_old_file_and_nothing_else(tmp_path):
    photo = decode(files.jpeg(tmp_path))
    target = tmp_path / "taken.png"
    target.mkdir()
    with pytest.raises(PhotoError, match=r"taken\.png"):
        save(photo, target)
    assert sorted(os.listdir(tmp_path)) == ["photo.jpg", "taken.png"]
    with pytest.raises(PhotoError, match="cannot be written"):
        save(photo, tmp_path / "missing" / "out.png")
    with pytest.raises(PhotoError, match=r"'out\.xyz'.*\.png"):
        save(photo, tmp_path / "out.xyz")


def test_encode_refuses_what_a_format_cannot_hold():
    wide = Photo(np.zeros((1, 17000, 3), np.float32))
    with pytest.raises(PhotoError, match=r"16383.*17000"):
        encode(wide, "WEBP")
    with pytest.raises(PhotoError, match="ICO"):
        encode(wide, "ICO")
    with pytest.raises(ValueError, match="quality is 0"):
        encode(wide, "JPEG", quality=0)


def test_pixels_out_of_range_are_clipped():
    pixels = np.array([[[-0.5, 0.5, 1.5]]], np.float32)
    assert levels(decode(encode(Photo(pixels)))).tolist() == [[[0, 128, 255]]]


def test_equal_photos_give_equal_files(tmp_path):
    photo = decode(files.jpeg(tmp_path))
    for format in ("PNG", "JPEG", "TIFF", "WEBP"):
        assert encode(photo, format) == encode(photo, format)


@pytest.mark.parametrize("quality", [80, 95, 100])
def test_pure_noise_fits_into_a_jpeg(quality: int) -> None:
    """Noise compresses to more than a byte a pixel, beyond what Pillow sets aside for an optimised file."""
    photo = Photo(np.random.default_rng(0).random((400, 500, 3), dtype=np.float32))
    assert decode(encode(photo, "JPEG", quality=quality)).size == (400, 500)

from __future__ import annotations

import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from tests.support import files
from tests.support.photo_checks import assert_sound, exif_of, levels
from uniremoval.errors import PhotoError
from uniremoval.photo import Photo, decode, encode, photos_in


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".avif", ".heic"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_and_other_exif_is_kept(tmp_path, orientation, suffix):
    photo = decode(files.turned(tmp_path, orientation, suffix))
    assert_sound(photo)
    assert photo.size == (24, 32)
    tolerance = {".jpg": 6, ".avif": 20, ".heic": 12}.get(suffix, 0)
    assert np.abs(levels(photo) - files.gradient()).max() <= tolerance
    again = decode(encode(photo, "PNG"))
    assert (levels(again) == levels(photo)).all()
    main, camera = exif_of(encode(photo, "PNG"))
    assert ExifTags.Base.Orientation not in main
    assert main[ExifTags.Base.Make] == "Removal"
    assert camera[ExifTags.Base.ISOSpeedRatings] == 400
    assert (camera[ExifTags.Base.ExifImageHeight], camera[ExifTags.Base.ExifImageWidth]) == (24, 32)


def test_damaged_exif_is_left_out_with_a_note(tmp_path):
    photo = decode(files.damaged_exif(tmp_path))
    assert photo.size == (24, 32)
    assert photo.exif == b""
    assert "EXIF" in " ".join(photo.notes)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png_is_read_and_written_exactly(tmp_path, channels):
    samples = files.noise(37, 53, channels)
    photo = decode(files.png(tmp_path, samples))
    assert_sound(photo)
    assert (photo.bits, photo.grey, photo.notes) == (16, channels < 3, ())
    colours = samples[..., : 1 if channels < 3 else 3]
    assert (levels(photo) == colours).all()
    if channels in (2, 4):
        assert (np.rint(photo.alpha * 65535) == samples[..., -1]).all()
    else:
        assert photo.alpha is None
    for format in ("PNG", "TIFF"):
        again = decode(encode(photo, format))
        assert again.bits == 16
        assert again.pixels.tobytes() == photo.pixels.tobytes()
        assert photo.alpha is None or again.alpha.tobytes() == photo.alpha.tobytes()
    assert Image.open(io.BytesIO(encode(photo, "PNG"))).mode == {1: "I;16", 3: "RGB"}.get(channels, "RGBA")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bit_tiff_is_read_exactly(tmp_path, channels, order):
    samples = files.noise(21, 34, channels)
    photo = decode(files.tiff(tmp_path, samples, order))
    assert_sound(photo)
    assert (photo.bits, photo.format) == (16, "TIFF")
    assert (levels(photo) == samples[..., :3]).all()
    assert channels < 4 or (np.rint(photo.alpha * 65535) == samples[..., 3]).all()


def test_16_bit_grey_tiff_with_white_as_zero(tmp_path):
    samples = files.noise(5, 6, 1)
    photo = decode(files.tiff(tmp_path, samples, white_is_zero=True))
    assert (levels(photo) == 65535 - samples.astype(int)).all()


def test_16_bit_grey_scales_by_the_whole_range(tmp_path):
    dark = np.full((4, 4, 1), 655, np.uint16)
    assert decode(files.png(tmp_path, dark)).pixels.max() == pytest.approx(655 / 65535)


def test_16_bit_transparent_colour(tmp_path):
    samples = files.noise(4, 5, 3)
    key = samples[1, 2].astype(">u2").tobytes()
    alpha = decode(files.png(tmp_path, samples, files.chunk(b"tRNS", key))).alpha
    assert alpha[1, 2] == 0
    assert alpha.sum() == 19


def test_cmyk_jpeg(tmp_path):
    photo = decode(files.cmyk(tmp_path))
    assert_sound(photo)
    assert np.abs(levels(photo) - files.gradient()).mean() < 4
    assert "CMYK" in " ".join(photo.notes)


def test_palette_with_transparency(tmp_path):
    photo = decode(files.palette(tmp_path))
    assert levels(photo)[0].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert np.rint(photo.alpha[0] * 255).tolist() == [255, 128, 0]


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_first_frame_of_an_animation(tmp_path, suffix):
    photo = decode(files.animation(tmp_path, suffix))
    assert levels(photo)[5, 5].tolist() == [255, 0, 0]
    assert "first" in " ".join(photo.notes)


@pytest.mark.parametrize("bits", [8, 16])
def test_colour_profile_with_red_and_green_swapped(tmp_path, bits):
    samples = files.gradient() if bits == 8 else files.gradient().astype(np.uint16) * 257
    photo = decode(files.with_profile(tmp_path, files.matrix_profile("GRB"), samples))
    assert photo.bits == bits
    assert np.abs(photo.pixels * 255 - files.gradient()[..., [1, 0, 2]]).max() < 1.5
    assert "sRGB" in " ".join(photo.notes)


@pytest.mark.parametrize("grey", [False, True])
def test_16_bit_colours_agree_with_littlecms(tmp_path, grey):
    icc = files.matrix_profile("RGB", gamma=1.8)
    pixels = files.gradient(64, 64)[..., : 1 if grey else 3]
    deep = decode(files.with_profile(tmp_path, icc, pixels.astype(np.uint16) * 257))
    shallow = decode(files.with_profile(tmp_path, icc, pixels))
    assert (deep.bits, shallow.bits, deep.grey) == (16, 8, grey)
    assert np.abs(shallow.pixels - pixels / 255).max() * 255 > 10
    assert np.abs(deep.pixels - shallow.pixels).max() * 255 < 1.1
    assert not grey or np.ptp(deep.pixels, axis=-1).max() == 0


def test_srgb_profile_changes_nothing(tmp_path):
    samples = files.noise(12, 13, 3)
    photo = decode(files.with_profile(tmp_path, files.matrix_profile(), samples))
    assert (levels(photo) == samples).all()
    assert photo.notes == ()


@pytest.mark.parametrize(
    "icc",
    [
        b"not a profile" * 20,
        files.matrix_profile()[:200],
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    ],
    ids=["garbage", "cut short", "of another kind"],
)
def test_unusable_colour_profile_is_ignored_with_a_note(tmp_path, icc):
    for samples in (files.gradient(), files.noise(12, 13, 3)):
        photo = decode(files.with_profile(tmp_path, icc, samples))
        assert (levels(photo) == samples).all()
        assert "profile" in " ".join(photo.notes)


def test_sizes_at_the_edge(tmp_path):
    for height, width in ((1, 1), (3, 4000), (4000, 3)):
        photo = decode(files.png(tmp_path, files.noise(height, width, 3, bits=8)))
        assert photo.size == (height, width)
        assert decode(encode(photo)).size == (height, width)


def test_photos_in_lists_photos_only(tmp_path):
    files.jpeg(tmp_path, "b.JPG")
    files.jpeg(tmp_path, "a.jpeg")
    files.jpeg(tmp_path, ".hidden.jpg")
    (tmp_path / "phone.HEIC").write_bytes(files.heif(Image.fromarray(files.gradient())))
    (tmp_path / "notes.txt").write_text("no photo")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in photos_in(tmp_path)] == ["a.jpeg", "b.JPG", "phone.HEIC"]
    with pytest.raises(PhotoError, match="not a folder"):
        photos_in(tmp_path / "a.jpeg")


def test_threads_decode_and_encode_independently():
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            files.with_profile(
                Path(folder),
                files.matrix_profile("GRB", 1.8),
                files.noise(60, 70, 3, seed=seed),
                f"{seed}.png",
            )
            for seed in range(12)
        ]
        alone = [encode(decode(path)) for path in paths]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda path: encode(decode(path)), paths))
    assert together == alone
    assert len(set(alone)) == len(alone)


def test_transparent_parts_are_seen_as_white() -> None:
    pixels = np.full((1, 3, 3), 0.25, np.float32)
    photo = Photo(pixels, np.array([[0, 0.5, 1]], np.float32))
    np.testing.assert_allclose(photo.on_white[0, :, 0], [1, 0.625, 0.25])
    assert Photo(pixels).on_white is pixels

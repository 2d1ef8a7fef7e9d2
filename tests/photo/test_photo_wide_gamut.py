"""Photos in wider spaces than sRGB: their colours survive, and whoever looks sees them right."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.support.models import card_of, tiny
from uniremoval.photo import Photo, decode, encode
from uniremoval.photo.encode_png_tiff import encode_png, encode_tiff
from uniremoval.photo.matrix_profile import ADOBE_RGB, D65, RAMP, matrix_profile
from uniremoval.restore import Restorer

P3 = matrix_profile("Display P3", (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), RAMP**2.2)
ADOBE = matrix_profile("Adobe RGB", ADOBE_RGB, RAMP ** (563 / 256))
PROPHOTO = matrix_profile(
    "ProPhoto", ((0.3457, 0.3585), (0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), RAMP**1.8
)
LINEAR = matrix_profile("linear P3", (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), RAMP)
SPACES = {"p3": P3, "adobe": ADOBE, "prophoto": PROPHOTO}


def levels(bits: int = 8) -> np.ndarray:
    """40 x 60 saturated and other colours, coded."""
    generator = np.random.default_rng(0)
    return generator.integers(0, 2**bits, (40, 60, 3)).astype(np.uint8 if bits == 8 else np.uint16)


def file_of(samples: np.ndarray, format: str, icc: bytes) -> bytes:
    if samples.dtype == np.uint16:
        return encode_png(samples, b"", profile=icc) if format == "PNG" else encode_tiff(samples, b"", profile=icc)
    buffer = io.BytesIO()
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}, "AVIF": {"quality": 100}}
    Image.fromarray(samples).save(buffer, format, icc_profile=icc, **options.get(format, {}))
    return buffer.getvalue()


def profile_in(data: bytes) -> bytes | None:
    with Image.open(io.BytesIO(data)) as image:
        return image.info.get("icc_profile")


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(("format", "bits"), [("PNG", 8), ("PNG", 16), ("TIFF", 8), ("TIFF", 16), ("WEBP", 8)])
def test_an_untouched_photo_comes_back_as_it_was(space: str, format: str, bits: int) -> None:
    samples = levels(bits)
    photo = decode(file_of(samples, format, SPACES[space]))
    assert photo.bits == bits and photo.pixels.min() >= 0 and photo.pixels.max() <= 1
    data = encode(photo, quality=100)
    assert profile_in(data) == SPACES[space]
    again = decode(data)
    assert np.abs(again.pixels - photo.pixels).max() < 1 / 255
    if bits == 8:
        with Image.open(io.BytesIO(data)) as image:
            assert np.abs(np.asarray(image).astype(int) - samples).max() <= 1
    else:
        assert np.abs(again.beyond - photo.beyond).max() < 1 / 255


@pytest.mark.parametrize("format", ["JPEG", "AVIF"])
def test_lossy_formats_keep_the_profile(format: str) -> None:
    samples = np.full((32, 32, 3), (20, 230, 40), np.uint8)
    data = encode(decode(file_of(samples, format, P3)), quality=100)
    assert profile_in(data) == P3
    with Image.open(io.BytesIO(data)) as image:
        assert np.abs(np.asarray(image).astype(int) - samples).max() <= 4


@pytest.mark.parametrize("space", SPACES)
def test_pixels_are_what_littlecms_makes_of_them_in_srgb(space: str) -> None:
    photo = decode(file_of(levels(), "PNG", SPACES[space]))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(SPACES[space]))
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    expected = np.asarray(ImageCms.applyTransform(Image.fromarray(levels()), transform)).astype(float)
    assert np.abs(photo.pixels * 255 - expected).max() < 3
    assert any("written" in note and "sRGB" in note for note in photo.notes)


def test_a_restored_photo_keeps_colours_that_srgb_does_not_hold() -> None:
    samples = np.full((48, 64, 3), (30, 240, 30), np.uint8)
    photo = decode(file_of(samples, "PNG", P3))
    restorer = Restorer(network := tiny(), card_of(network), "cpu", "fp32")
    network.tail.weight.data.zero_()
    restored = decode(encode(restorer.restore(photo).photo))
    assert restored.beyond is not None and restored.beyond[..., 0].max() < -0.1
    assert np.abs(restored.beyond - photo.beyond).max() < 1 / 255


def test_a_photo_within_srgb_needs_nothing_beyond() -> None:
    samples = np.random.default_rng(0).integers(110, 140, (20, 30, 3)).astype(np.uint8)
    photo = decode(file_of(samples, "PNG", P3))
    assert photo.beyond is None and photo.profile == P3


def test_a_photo_without_colour_stays_grey_and_srgb() -> None:
    grey = np.repeat(np.arange(240, dtype=np.uint8).reshape(12, 20, 1), 3, axis=2)
    photo = decode(file_of(grey, "PNG", ADOBE))
    assert photo.grey and not photo.profile and photo.beyond is None


def test_bmp_which_holds_no_profile_gets_srgb() -> None:
    photo = decode(file_of(levels(), "PNG", P3))
    with Image.open(io.BytesIO(encode(photo, "BMP"))) as image:
        assert np.abs(np.asarray(image) / 255 - photo.pixels).max() <= 0.5 / 255 + 1e-6


def test_linear_light_is_converted_for_networks_have_never_seen_it() -> None:
    photo = decode(file_of(levels(16), "PNG", LINEAR))
    assert not photo.profile and photo.beyond is None
    assert any("converted" in note for note in photo.notes)


def test_other_pixels_in_srgb_are_written_in_the_photos_space() -> None:
    photo = decode(file_of(np.full((8, 8, 3), 90, np.uint8) + levels()[:8, :8] % 40, "TIFF", PROPHOTO))
    shown = Photo(np.full((8, 8, 3), (0.2, 0.5, 0.8), np.float32))
    again = decode(encode(photo.with_pixels(shown.pixels)))
    assert np.abs(again.pixels - shown.pixels).max() < 1.5 / 255

from __future__ import annotations

import warnings

import numpy as np
import pytest
from PIL import Image

from tests.support import files
from tests.support.photo_checks import assert_sound
from uniremoval.errors import PhotoError
from uniremoval.photo import SUFFIXES, decode

HOSTILE = {
    "bomb": (files.bomb, "144.0 megapixels.* limit of 50"),
    "empty": (files.empty, "empty"),
    "text": (files.text, "text"),
    "svg": (files.svg, "SVG"),
    "eps": (files.eps, "PostScript"),
    "icon": (files.icon, "icon"),
    "no pixels": (files.no_pixels, "no pixels"),
}


@pytest.mark.parametrize("draw, reason", HOSTILE.values(), ids=HOSTILE)
def test_hostile_file_is_refused_in_one_sentence(tmp_path, draw, reason):
    path = draw(tmp_path)
    with pytest.raises(PhotoError, match=reason) as caught:
        decode(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message and message.endswith(".")
    assert str(tmp_path) not in message
    with pytest.raises(PhotoError, match=f"holiday.*{reason}"):
        decode(path.read_bytes(), name="holiday")


def test_palette_picture_without_its_palette_is_refused(tmp_path):
    data = files.palette(tmp_path).read_bytes()
    with pytest.raises(PhotoError, match=r"'photo' is damaged or cut short \(the palette is missing\)"):
        decode(data.replace(b"PLTE", b"xLTE"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_truncated_file_is_refused(tmp_path, suffix):
    path = files.truncated(tmp_path, suffix)
    with pytest.raises(PhotoError, match=f"truncated{suffix}.*cut short"):
        decode(path)


def test_missing_file_and_folder_are_refused(tmp_path):
    with pytest.raises(PhotoError, match=r"nowhere\.jpg.*does not exist"):
        decode(tmp_path / "nowhere.jpg")
    with pytest.raises(PhotoError, match="is a folder"):
        decode(tmp_path)
    with pytest.raises(PhotoError, match="raw"):
        decode(files.tiff(tmp_path, files.noise(4, 4, 3)).rename(tmp_path / "shot.NEF"))


def test_size_limit_is_the_callers_and_not_pillows(tmp_path, monkeypatch):
    path = files.png(tmp_path, files.noise(900, 800, 3, bits=8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(path).size == (900, 800)
    with pytest.raises(PhotoError, match=r"800 wide, 900 high.*0\.5"):
        decode(path, max_megapixels=0.5)


@pytest.mark.filterwarnings("ignore")  # Pillow warns about some of the damage
def test_damaged_bytes_never_escape_as_other_errors(tmp_path):
    generator = np.random.default_rng(0)
    sources = [files.turned(tmp_path, 6, suffix) for suffix in (".png", ".jpg", ".tif", ".webp", ".avif", ".heic")]
    icc = files.matrix_profile("GRB", 1.8)
    sources += [files.animation(tmp_path), files.with_profile(tmp_path, icc, files.noise(9, 9, 4))]
    refused = 0
    for source in sources:
        original = np.frombuffer(source.read_bytes(), np.uint8)
        for _ in range(60):
            damaged = original.copy()
            damaged[generator.integers(8, min(len(original), 600), 3)] = generator.integers(0, 256, 3)
            try:
                assert_sound(decode(damaged.tobytes()))
            except PhotoError:
                refused += 1
    assert refused > 50


def test_16_bit_planes_are_refused_rather_than_misread(tmp_path):
    with pytest.raises(PhotoError, match="separate planes"):
        decode(files.tiff(tmp_path, files.noise(4, 5, 3), planes=2))

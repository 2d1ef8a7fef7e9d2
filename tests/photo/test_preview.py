"""JPEG photos that are scaled down while they are decoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from tests.support import files
from uniremoval.errors import PhotoError
from uniremoval.photo import decode, preview


def turned(folder: Path, orientation: int) -> Path:
    path = folder / "photo.jpg"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(files.gradient(331, 472)).save(path, quality=95, exif=exif)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("least", "size"), [(80, (83, 118)), (150, (166, 236))])
def test_it_is_the_photo_at_a_part_of_its_size(
    tmp_path: Path, orientation: int, least: int, size: tuple[int, int]
) -> None:
    path = turned(tmp_path, orientation)
    whole, small = decode(path), preview(path, least)
    assert small.size == whole.size
    assert small.photo.size == (size if orientation < 5 else size[::-1])
    image = Image.fromarray(np.rint(whole.pixels * 255).astype(np.uint8))
    expected = np.asarray(image.resize(small.photo.size[::-1], Image.Resampling.BOX)) / 255
    assert np.abs(small.photo.pixels - expected).mean() < 0.005
    assert (small.photo.bits, small.photo.notes) == (whole.bits, whole.notes)


def test_there_is_none_of_small_photos_and_of_other_formats(tmp_path: Path) -> None:
    assert preview(files.jpeg(tmp_path, height=199, width=400), 100) is None
    assert preview(files.png(tmp_path, files.gradient(200, 400)), 100) is None


def test_colours_are_converted_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    image = Image.fromarray(files.gradient(128, 160)).convert("CMYK")
    image.save(path, quality=95)
    whole, small = decode(path), preview(path, 32)
    assert small.photo.size == (32, 40) and small.photo.notes == whole.notes
    assert np.abs(small.photo.pixels.mean((0, 1)) - whole.pixels.mean((0, 1))).max() < 0.01


def test_damage_is_told_as_ever(tmp_path: Path) -> None:
    path = turned(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(PhotoError, match="cut short"):
        preview(path, 80)
    with pytest.raises(PhotoError, match="over the limit"):
        preview(path, 80, max_megapixels=0.1)

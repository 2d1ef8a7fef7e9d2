"""What tests ask of a photo."""

from __future__ import annotations

import io

import numpy as np
from PIL import ExifTags, Image

from uniremoval.photo import Photo


def levels(photo: Photo) -> np.ndarray:
    """The pixels as the integers a file of the photo's depth holds."""
    return np.rint(photo.pixels * (65535 if photo.bits == 16 else 255)).astype(int)


def exif_of(data: bytes) -> tuple[dict, dict]:
    exif = Image.open(io.BytesIO(data)).getexif()
    return dict(exif), dict(exif.get_ifd(ExifTags.IFD.Exif))


def assert_sound(photo: Photo) -> None:
    """What every other part of the program relies on."""
    assert photo.pixels.dtype == np.float32
    assert photo.pixels.flags.c_contiguous
    assert photo.pixels.shape == (*photo.size, 3)
    assert photo.pixels.min() >= 0 and photo.pixels.max() <= 1
    if photo.alpha is not None:
        assert photo.alpha.dtype == np.float32
        assert photo.alpha.shape == photo.size
        assert photo.alpha.min() >= 0 and photo.alpha.max() <= 1

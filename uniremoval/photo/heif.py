"""HEIC and other HEIF files, by libheif, which is loaded only when there is one to read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL.ImageFile import ImageFile

from uniremoval.photo.streams import stream

BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


def heif_file(file: object, name: str) -> ImageFile:
    """The primary picture of an open file, upright as the file says, its pixels not decoded yet.

    Its info has "nclx", (primaries, transfer), where the file describes its colours so, and "bit_depth".
    """
    from pillow_heif.as_plugin import HeifImageFile

    image = HeifImageFile(file, name)
    described = image.info.get("nclx_profile")
    if described:
        image.info["nclx"] = described["color_primaries"], described["transfer_characteristics"]
    return image


def is_deep_heif(image: ImageFile) -> bool:
    """Whether it has more than 8 bits per sample, which Pillow would cut to 8."""
    return image.format == "HEIF" and image.info.get("bit_depth", 8) > 8


def deep_samples(source: str | Path | bytes, name: str) -> tuple[np.ndarray, int]:
    """The primary picture at its full depth: HxWxC uint16, and the value of white."""
    from pillow_heif import open_heif

    with stream(source, name) as file:
        picture = open_heif(file, convert_hdr_to_8bit=False)
        samples = np.asarray(picture[picture.primary_index])
        depth = picture.info["bit_depth"]
    return samples.reshape(*samples.shape[:2], -1), 65536 - (1 << (16 - depth))

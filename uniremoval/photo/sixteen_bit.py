"""Reading 16-bit samples exactly, although Pillow keeps only 8 bits of RGB images.

Pillow's unpackers take the byte order from the raw mode: "RGB;16B" keeps the first byte of every sample and
"RGB;16L" the second. Decoding the file once with each gives both bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, TiffImagePlugin
from PIL.ImageFile import ImageFile

from uniremoval.photo.colour import MatrixSpace
from uniremoval.photo.heif import is_deep_heif
from uniremoval.photo.opening import BAND_PIXELS, bands

_LOW_BYTE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_GREY_ALPHA, _PREMULTIPLIED = "LA;16B", "RGBa;16"


def raw_mode(image: ImageFile) -> str:
    """How the file lays out its samples, in Pillow's words; only before loading."""
    args = image.tile[0].args if image.tile else ""
    if isinstance(args, tuple):
        args = args[0] if args else ""
    return args if isinstance(args, str) else ""


def is_deep(image: ImageFile) -> bool:
    """Whether the file has 9 to 16 bits per sample in a layout read exactly; only before loading."""
    layouts = ("RGB;16", "RGBA;16", "RGBX;16", _PREMULTIPLIED, _GREY_ALPHA)
    return image.mode.startswith("I;16") or is_deep_heif(image) or raw_mode(image).startswith(layouts)


def has_deep_planes(image: ImageFile) -> bool:
    """Whether this is a TIFF file of 16-bit channels in separate planes, which Pillow misreads."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    planes = image.tag_v2.get(TiffImagePlugin.PLANAR_CONFIGURATION) == 2
    depths = image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    return planes and len(depths) > 1 and max(depths) > 8


def keep_all_bytes(image: ImageFile) -> None:
    """Have grey with alpha decoded to its four bytes per pixel, not two, and premultiplied colours as they are; only
    before loading."""
    if raw_mode(image) == _GREY_ALPHA:
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]
    elif is_premultiplied(image):
        image.tile = [tile._replace(args=_with_raw_mode(tile.args, _as_straight)) for tile in image.tile]


def is_premultiplied(image: ImageFile) -> bool:
    """Whether the 16-bit colours are multiplied by alpha (TIFF's associated alpha, HEIF's prem); before loading."""
    return raw_mode(image).startswith(_PREMULTIPLIED) or (is_deep_heif(image) and image.mode == "RGBa")


def _with_raw_mode(args: Any, change: Callable[[str], str]) -> Any:
    """Arguments of a tile's decoder: a raw mode, or a tuple that begins with it."""
    return change(args) if isinstance(args, str) else (change(args[0]), *args[1:])


def _as_straight(mode: str) -> str:
    return mode.replace("RGBa", "RGBA")


def keep_low_bytes(image: ImageFile) -> None:
    """Have an RGB or RGBA image decoded to the low byte of every sample; only before loading."""

    def low(mode: str) -> str:
        straight = _as_straight(mode)
        return straight[:-1] + _LOW_BYTE[straight[-1]]

    image.tile = [tile._replace(args=_with_raw_mode(tile.args, low)) for tile in image.tile]


def add_samples(image: Image.Image, weight: int, grey_alpha: bool, view: np.ndarray, alpha: np.ndarray | None) -> None:
    """Add the samples of a loaded image, times `weight`, to `view` (HxWx3 float32) and `alpha` (HxW float32).

    `grey_alpha`: the image came through `keep_all_bytes`.
    """
    for rows, band in bands(image):
        samples = np.asarray(band).astype(np.float32)
        if samples.ndim == 2:
            samples = samples[..., None]
        if grey_alpha:
            samples = samples[..., 0::2] * 256 + samples[..., 1::2]
        colours = 1 if samples.shape[2] < 3 else 3
        view[rows] += samples[..., :colours] * weight
        if alpha is not None and samples.shape[2] in (2, 4):
            alpha[rows] += samples[..., -1] * weight


def finish_samples(
    pixels: np.ndarray,
    alpha: np.ndarray | None,
    white: int,
    inverted: bool,
    key: Any,
    source: MatrixSpace | None,
    premultiplied: bool = False,
) -> None:
    """Turn samples into [0, 1] in place, strip by strip.

    `white` is the sample value of white, `inverted` says that 0 is white instead, `key` is the one colour
    that is transparent (PNG's tRNS) if any, `source` is the space to convert to sRGB from,
    `premultiplied` says that the colours are multiplied by alpha.
    """
    height, width = pixels.shape[:2]
    step = max(1, BAND_PIXELS // width)
    for top in range(0, height, step):
        band = pixels[top : top + step]
        if key is not None and alpha is not None:
            alpha[top : top + step] = np.where((band == np.float32(key)).all(axis=-1), 0, 65535)
        if premultiplied and alpha is not None:
            opacity = alpha[top : top + step, :, None]
            np.divide(band * 65535, opacity, out=band, where=opacity > 0)
            np.minimum(band, white, out=band)
        if inverted:
            np.subtract(white, band, out=band)
        if white != 65535:
            band *= np.float32(65535 / white)
        if source is not None:
            band[...] = source.levels_to_srgb(band)
        band /= 65535
    if alpha is not None:
        alpha /= 65535

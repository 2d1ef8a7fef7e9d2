"""Reading 16-bit samples exactly, although Pillow keeps only 8 bits of RGB images.

Pillow's unpackers take the byte order from the raw mode: "RGB;16B" keeps the first byte of every sample and
"RGB;16L" the second. Decoding the file once with each gives both bytes.
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image, TiffImagePlugin
from PIL.ImageFile import ImageFile

from uniremoval.colour import Convert
from uniremoval.image_file import BAND_PIXELS, bands

_LOW_BYTE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_GREY_ALPHA = "LA;16B"


def raw_mode(image: ImageFile) -> str:
    """How the file lays out its samples, in Pillow's words; only before loading."""
    args = image.tile[0].args if image.tile else ""
    if isinstance(args, tuple):
        args = args[0] if args else ""
    return args if isinstance(args, str) else ""


def is_deep(image: ImageFile) -> bool:
    """Whether the file has 9 to 16 bits a sample in a layout read exactly; only before loading."""
    layouts = ("RGB;16", "RGBA;16", "RGBX;16", _GREY_ALPHA)
    return image.mode.startswith("I;16") or raw_mode(image).startswith(layouts)


def has_deep_planes(image: ImageFile) -> bool:
    """Whether this is a TIFF file of 16-bit channels in separate planes, which Pillow misreads."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    planes = image.tag_v2.get(TiffImagePlugin.PLANAR_CONFIGURATION) == 2
    depths = image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    return planes and len(depths) > 1 and max(depths) > 8


def keep_all_bytes(image: ImageFile) -> None:
    """Have a grey image with alpha decoded to its four bytes a pixel, not two; only before loading."""
    if raw_mode(image) == _GREY_ALPHA:
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]


def keep_low_bytes(image: ImageFile) -> None:
    """Have an RGB or RGBA image decoded to the low byte of every sample; only before loading."""

    def swapped(args: str | tuple) -> str | tuple:
        if isinstance(args, str):
            return args[:-1] + _LOW_BYTE[args[-1]]
        return (swapped(args[0]), *args[1:])

    image.tile = [tile._replace(args=swapped(tile.args)) for tile in image.tile]


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
    key: object,
    convert: Convert | None,
) -> None:
    """Turn samples into [0, 1] in place, strip by strip.

    `white` is the sample value of white, `inverted` says that 0 is white instead, `key` is the one colour
    that is transparent (PNG's tRNS) if any, `convert` goes from the photo's colours to sRGB.
    """
    height, width = pixels.shape[:2]
    step = max(1, BAND_PIXELS // width)
    for top in range(0, height, step):
        band = pixels[top : top + step]
        if key is not None and alpha is not None:
            alpha[top : top + step] = np.where((band == np.float32(key)).all(axis=-1), 0, 65535)
        if inverted:
            np.subtract(white, band, out=band)
        if white != 65535:
            band *= np.float32(65535 / white)
        if convert is not None:
            band[...] = convert(band)
        band /= 65535
    if alpha is not None:
        alpha /= 65535

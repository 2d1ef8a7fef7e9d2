"""Photos in and out: image file -> `Photo` (float32 sRGB pixels and what belongs to them) -> image file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import ImageCms, TiffImagePlugin
from PIL.ImageFile import ImageFile

from uniremoval.colour import Convert, eight_bit_transform, sixteen_bit_convert
from uniremoval.errors import PhotoError
from uniremoval.exif import as_stored, split_exif
from uniremoval.image_file import SUFFIXES, bands, decoding, opened
from uniremoval.sixteen_bit import (
    add_samples,
    finish_samples,
    has_deep_planes,
    is_deep,
    keep_all_bytes,
    keep_low_bytes,
    raw_mode,
)
from uniremoval.writing import encode, save

__all__ = ["SUFFIXES", "Photo", "decode", "encode", "photos_in", "save"]

_GREY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I;16N")
_COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo, upright and in sRGB.

    pixels: float32, HxWx3, [0, 1], C-contiguous; grey photos repeat their channel. alpha: float32, HxW, [0,
    1] (1 is opaque), or None. exif: as in a JPEG's APP1 ("Exif\\0\\0..."), without orientation and thumbnail;
    b"" if none. bits: 8 or 16 a sample in the file. grey: the file had no colour. format: Pillow's name, such
    as "PNG". notes: what the user should know about the reading, one sentence each.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    exif: bytes = b""
    bits: int = 8
    grey: bool = False
    format: str = "PNG"
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def with_pixels(self, pixels: np.ndarray) -> Photo:
        """This photo with other pixels (HxWx3, [0, 1]) of the same size; ValueError if the shape differs."""
        if pixels.shape != self.pixels.shape:
            raise ValueError(f"pixels have shape {pixels.shape}, the photo has {self.pixels.shape}")
        return replace(self, pixels=np.ascontiguousarray(pixels, dtype=np.float32))


def decode(source: str | Path | bytes, *, max_megapixels: float = 50.0, name: str | None = None) -> Photo:
    """Read a JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF file, given as a path or as its bytes.

    The format is told from the content, not the suffix. EXIF orientation is applied, ICC profiles and CMYK
    are converted to sRGB, 16-bit samples are kept, and of an animation or several pages the first is read.
    AVIF is read at 8 bits. `name` is what messages call the photo (default: the file's name).

    Raises PhotoError if the file is missing, not one of these formats, damaged, too large for the memory, or larger
    than `max_megapixels` (known from its header, before anything is decoded). Safe to call from several threads.
    """
    label = name or ("photo" if isinstance(source, bytes) else Path(source).name)
    try:
        return _decode(source, label, max_megapixels)
    except MemoryError as error:
        raise PhotoError(f"'{label}' does not fit into memory; scale it down first.") from error


def _decode(source: str | Path | bytes, label: str, max_megapixels: float) -> Photo:
    with opened(source, label, max_megapixels) as image:
        if image.mode not in _GREY_MODES + _COLOUR_MODES:
            raise PhotoError(f"'{label}' stores '{image.mode}' samples; export it as 8- or 16-bit RGB.")
        if has_deep_planes(image):
            raise PhotoError(f"'{label}' stores 16-bit channels in separate planes; export it interleaved.")
        layout, grey_alpha = raw_mode(image), raw_mode(image) == "LA;16B"
        grey = image.mode in _GREY_MODES or grey_alpha
        icc = image.info.get("icc_profile")
        transform, convert, deep, notes = _colour_plan(icc, image, grey)
        if deep:
            keep_all_bytes(image)
        with decoding(label):
            image.load()
            several = getattr(image, "is_animated", False)
        exif, orientation, exif_note = split_exif(image, bool(transform or convert))
        size = image.size[::-1] if orientation < 5 else image.size
        pixels = np.zeros((*size, 3), np.float32)
        alpha = np.zeros(size, np.float32) if image.has_transparency_data else None
        view = as_stored(pixels, orientation)
        alpha_view = None if alpha is None else as_stored(alpha, orientation)
        file_format = image.format or "PNG"
        if not deep:
            _read_shallow(image, grey, transform, view, alpha_view)
        else:
            whole = grey_alpha or image.mode not in ("RGB", "RGBA")
            add_samples(image, 1 if whole else 256, grey_alpha, view, alpha_view)
            key = image.info.get("transparency")
            inverted = (
                file_format == "TIFF" and grey and image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0
            )
            image.close()  # its memory, before the second decoding takes as much
            if not whole:
                _add_low_bytes(source, label, max_megapixels, view, alpha_view)
            finish_samples(pixels, alpha, 4095 if layout == "I;12" else 65535, inverted, key, convert)
    if several:
        notes.append("Only the first of several frames or pages was read.")
    if exif_note:
        notes.append(exif_note)
    return Photo(pixels, alpha, exif, 16 if deep else 8, grey, file_format, tuple(notes))


def _colour_plan(
    icc: bytes | None, image: ImageFile, grey: bool
) -> tuple[ImageCms.ImageCmsTransform | None, Convert | None, bool, list[str]]:
    """(8-bit transform, 16-bit conversion, whether to read 16 bits, notes) for an image not yet loaded."""
    deep = is_deep(image)
    if image.mode == "CMYK" and not icc:
        return None, None, deep, ["The photo was converted from CMYK without a colour profile."]
    if not icc:
        return None, None, deep, []
    convert = sixteen_bit_convert(icc, grey) if deep else None
    try:
        mode = "CMYK" if image.mode == "CMYK" else "L" if grey else "RGB"
        transform, profile = eight_bit_transform(icc, mode)
    except ValueError:
        return None, None, deep, ["The colour profile is damaged or does not fit the photo, and was ignored."]
    if transform is None:
        return None, None, deep, []
    if deep and convert is None:
        note = f"Colours were converted from the profile '{profile}' to sRGB, which left 8 bits a channel."
        return transform, None, False, [note]
    return transform, convert, deep, [f"Colours were converted from the profile '{profile}' to sRGB."]


def _read_shallow(
    image: ImageFile,
    grey: bool,
    transform: ImageCms.ImageCmsTransform | None,
    view: np.ndarray,
    alpha: np.ndarray | None,
) -> None:
    """Write a loaded 8-bit image to `view` (HxWx3) and `alpha` (HxW), as the file is turned."""
    mode = "L" if grey else "RGB"
    for rows, band in bands(image):
        if alpha is not None:
            band = band.convert("RGBA")
            np.divide(band.getchannel("A"), 255, out=alpha[rows], dtype=np.float32)
        if transform is not None:
            band = ImageCms.applyTransform(band.convert(transform.input_mode), transform)
        band = band.getchannel("G") if transform is not None and grey else band.convert(mode)
        levels = np.asarray(band)
        np.divide(levels[..., None] if grey else levels, 255, out=view[rows], dtype=np.float32)


def _add_low_bytes(
    source: str | Path | bytes, label: str, max_megapixels: float, view: np.ndarray, alpha: np.ndarray | None
) -> None:
    with opened(source, label, max_megapixels) as image:
        keep_low_bytes(image)
        with decoding(label):
            image.load()
        if image.size != (view.shape[1], view.shape[0]):
            raise PhotoError(f"'{label}' changed while it was read; try again.")
        add_samples(image, 1, False, view, alpha)


def photos_in(folder: str | Path, recursive: bool = False) -> list[Path]:
    """The files in `folder` with one of SUFFIXES (any case), sorted; hidden files are left out.

    Raises PhotoError if `folder` is not a folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PhotoError(f"'{folder}' is not a folder; give a folder of photos.")
    found = folder.rglob("*") if recursive else folder.iterdir()
    wanted = (path for path in found if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(path for path in wanted if path.is_file())

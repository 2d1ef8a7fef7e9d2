"""Image file -> `Photo`: float32 sRGB pixels, and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ImageCms, TiffImagePlugin
from PIL.ImageFile import ImageFile

from uniremoval.errors import PhotoError
from uniremoval.photo.colour import MatrixSpace, eight_bit_transform, matrix_space
from uniremoval.photo.colour_signal import profile_described
from uniremoval.photo.exif import as_stored, repair, split_exif
from uniremoval.photo.heif import deep_samples, is_deep_heif
from uniremoval.photo.metadata import iptc_of, picture_note, resolution_of, xmp_of
from uniremoval.photo.model import Photo
from uniremoval.photo.opening import BAND_PIXELS, bands, decoding, may_be_photo, opened
from uniremoval.photo.sixteen_bit import (
    add_samples,
    finish_samples,
    has_deep_planes,
    is_deep,
    is_premultiplied,
    keep_all_bytes,
    keep_low_bytes,
    raw_mode,
)
from uniremoval.photo.streams import settled

_GREY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I;16N")
_TRANSPARENCY_STEPS = {"L;2": 85, "L;4": 17}  # Pillow scales such samples to 0..255, but not the transparent one
_COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")
_LONGEST_PROFILE = 1 << 20

Size = tuple[int, int]
"""Height and width."""


class Preview(NamedTuple):
    """A photo scaled down while it was decoded. size: what it has in full."""

    photo: Photo
    size: Size


@dataclass(frozen=True)
class ColourPlan:
    """How to read an image's colours. deep: at 16 bits. notes: for the user. transform: of 8 bits to sRGB. source: the
    space that 16 bits are converted from. kept: the wide space that the result is to be written in again."""

    deep: bool
    notes: list[str]
    transform: ImageCms.ImageCmsTransform | None = None
    source: MatrixSpace | None = None
    kept: MatrixSpace | None = None


def decode(source: str | Path | bytes, *, max_megapixels: float = 50.0, name: str | None = None) -> Photo:
    """Read a JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC file, given as a path or as its bytes.

    The format is told from the content, not the suffix. EXIF orientation is applied, colours are converted to sRGB from
    what the file says of them (see `profile_described`) and from CMYK, HDR is tone-mapped, 16-bit samples are kept, and
    of an animation or several pages the first is read (in a TIFF file the first that is no thumbnail, in a HEIC file
    the primary one). AVIF is read at 8 bits, HEIC at 16 where it has more than 8. `name` is what messages call the
    photo (default: the file's name).

    Raises PhotoError if the file is missing, not one of these formats, damaged, too large for the memory, or larger
    than `max_megapixels` (known from its header, before anything is decoded). Safe to call from several threads.
    """
    label = name or _name_of(source)
    try:
        return _decode(settled(source, label, may_be_photo), label, max_megapixels)[0]
    except MemoryError as error:
        raise PhotoError(f"'{label}' does not fit into memory; scale it down first.") from error


def preview(
    source: str | Path | bytes, least: int, *, max_megapixels: float = 50.0, name: str | None = None
) -> Preview | None:
    """A JPEG photo at a half, a quarter or an eighth of its size, both sides at least `least` pixels long, in a
    fraction of the time that `decode` takes, whose result is otherwise the same; None where there is no such.

    Raises PhotoError as `decode` does.
    """
    label = name or _name_of(source)
    with opened(source, label, max_megapixels) as image:
        if image.format != "JPEG" or min(image.size) < 2 * least:
            return None
    return Preview(*_decode(source, label, max_megapixels, least))


def _name_of(source: str | Path | bytes) -> str:
    return "photo" if isinstance(source, bytes) else Path(source).name


def _decode(source: str | Path | bytes, label: str, max_megapixels: float, least: int = 0) -> tuple[Photo, Size]:
    """least: 0, or for `preview`. Returns the photo and the height and width that are its own."""
    with opened(source, label, max_megapixels) as image:
        stored = image.size
        if least:
            image.draft(None, (least, least))
        if image.mode not in _GREY_MODES + _COLOUR_MODES:
            raise PhotoError(f"'{label}' stores '{image.mode}' samples; export it as 8- or 16-bit RGB.")
        if has_deep_planes(image):
            raise PhotoError(f"'{label}' stores 16-bit channels in separate planes; export it interleaved.")
        layout, grey_alpha = raw_mode(image), raw_mode(image) == "LA;16B"
        grey = image.mode in _GREY_MODES or grey_alpha
        damaged_exif, premultiplied = repair(image), is_premultiplied(image)
        icc, colour_notes = profile_described(image)
        plan = _colour_plan(icc, image, grey, may_be_wide=not colour_notes)
        notes = [*plan.notes, *colour_notes]
        if layout in _TRANSPARENCY_STEPS and isinstance(image.info.get("transparency"), int):
            image.info["transparency"] *= _TRANSPARENCY_STEPS[layout]
        if plan.deep:
            keep_all_bytes(image)
        by_libheif = plan.deep and is_deep_heif(image)
        with decoding(label):
            if not by_libheif:
                image.load()
            if image.mode in ("P", "PA") and image.palette is None:
                raise ValueError("the palette is missing")
            several = getattr(image, "is_animated", False)
        exif, orientation, exif_note = split_exif(image, bool(plan.transform or plan.source))
        dpi, xmp, iptc, further = resolution_of(image), xmp_of(image), iptc_of(image), picture_note(image)
        if dpi and orientation >= 5:
            dpi = dpi[::-1]
        size, own = (each[::-1] if orientation < 5 else each for each in (image.size, stored))
        pixels = np.zeros((*size, 3), np.float32)
        alpha = np.zeros(size, np.float32) if image.has_transparency_data else None
        view = as_stored(pixels, orientation)
        alpha_view = None if alpha is None else as_stored(alpha, orientation)
        file_format = image.format or "PNG"
        if not plan.deep:
            _read_shallow(image, grey, plan.transform, view, alpha_view)
        elif by_libheif:
            with decoding(label):
                white = _read_deep_heif(source, label, view, alpha_view)
            finish_samples(pixels, alpha, white, False, None, plan.source, premultiplied)
        else:
            whole = grey_alpha or image.mode not in ("RGB", "RGBA")
            add_samples(image, 1 if whole else 256, grey_alpha, view, alpha_view)
            key = image.info.get("transparency")
            inverted = (
                grey
                and isinstance(image, TiffImagePlugin.TiffImageFile)
                and image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0
            )
            image.close()  # its memory, before the second decoding takes as much
            if not whole:
                _add_low_bytes(source, label, max_megapixels, view, alpha_view)
            finish_samples(
                pixels, alpha, 4095 if layout == "I;12" else 65535, inverted, key, plan.source, premultiplied
            )
    if grey and plan.source:
        pixels[..., 0] = pixels[..., 2] = pixels[..., 1]
    if several:
        which = "main picture of several" if file_format == "HEIF" else "first of several frames or pages"
        notes.append(f"Only the {which} was read.")
    if further:
        notes.append(further)
    if damaged_exif and not exif_note:
        exif_note = "The EXIF data is damaged, and its damaged parts were left out."
    if exif_note:
        notes.append(exif_note)
    uncoloured = _has_no_colour(pixels)
    beyond = None if plan.kept is None else _into_srgb(pixels, plan.kept)
    profile = b"" if plan.kept is None or uncoloured else icc or b""
    grey, beyond = grey or uncoloured, None if uncoloured else beyond
    bits = 16 if plan.deep else 8
    photo = Photo(pixels, alpha, exif, bits, grey, file_format, tuple(notes), dpi, xmp, iptc, profile, beyond)
    return photo, own


def _into_srgb(pixels: np.ndarray, space: MatrixSpace) -> np.ndarray | None:
    """Turn coded values of `space` into sRGB in place; returns how far they lie beyond [0, 1], None if nowhere."""
    height, width = pixels.shape[:2]
    step, beyond = max(1, BAND_PIXELS // width), None
    for rows in (slice(top, top + step) for top in range(0, height, step)):
        unclipped = space.to_srgb(pixels[rows])
        np.clip(unclipped, 0, 1, out=pixels[rows])
        unclipped -= pixels[rows]
        if unclipped.any():
            beyond = np.zeros_like(pixels) if beyond is None else beyond
            beyond[rows] = unclipped
    return beyond


def _has_no_colour(pixels: np.ndarray) -> bool:
    return all((row[:, 0] == row[:, 1]).all() and (row[:, 0] == row[:, 2]).all() for row in pixels)


def _colour_plan(icc: bytes | None, image: ImageFile, grey: bool, may_be_wide: bool) -> ColourPlan:
    """How to read the colours of an image that is not yet loaded."""
    deep = is_deep(image)
    if image.mode == "CMYK" and not icc:
        return ColourPlan(deep, ["The photo was converted from CMYK without a colour profile."])
    if not icc:
        return ColourPlan(deep, [])
    try:
        mode = "CMYK" if image.mode == "CMYK" else "L" if grey else "RGB"
        transform, name = eight_bit_transform(icc, mode)
    except ValueError:
        return ColourPlan(deep, ["The colour profile is damaged or does not fit the photo, and was ignored."])
    if transform is None:
        return ColourPlan(deep, [])
    space = matrix_space(icc)
    if may_be_wide and mode == "RGB" and len(icc) <= _LONGEST_PROFILE and space is not None and space.is_wide:
        note = (
            f"The photo's colours are '{name}', in which the result is written; networks and scores see them in sRGB."
        )
        return ColourPlan(deep, [note], kept=space)
    if deep and space is None:
        note = f"Colours were converted from the profile '{name}' to sRGB, which left 8 bits per channel."
        return ColourPlan(False, [note], transform)
    notes = [f"Colours were converted from the profile '{name}' to sRGB."]
    return ColourPlan(True, notes, source=space) if deep else ColourPlan(False, notes, transform)


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
            np.divide(np.asarray(band.getchannel("A")), 255, out=alpha[rows], dtype=np.float32)
        if transform is not None:
            band = transform.apply(band.convert(transform.input_mode))
        band = band.getchannel("G") if transform is not None and grey else band.convert(mode)
        levels = np.asarray(band)
        np.divide(levels[..., None] if grey else levels, 255, out=view[rows], dtype=np.float32)


def _read_deep_heif(source: str | Path | bytes, label: str, view: np.ndarray, alpha: np.ndarray | None) -> int:
    """Write samples to `view` and, from 0 to 65535, to `alpha`; returns the value of white in `view`."""
    samples, white = deep_samples(source, label)
    view[...] = samples[..., :3]
    if alpha is not None:
        np.multiply(samples[..., -1], 65535 / white, out=alpha)
    return white


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

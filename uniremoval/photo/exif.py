"""EXIF of a photo: read once, with the orientation taken out and applied to the pixels instead."""

from __future__ import annotations

import numpy as np
from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from uniremoval.photo.exif_repair import repaired
from uniremoval.photo.opening import DECODER_ERRORS

# Tags that describe how a TIFF file stores its pixels (and, from 50341, what a raw converter noted): not the
# photo's.
_STORAGE = {
    *range(254, 260), 262, 266, 273, 274, 277, 278, 279, 284, 297, 301, 317, 320, *range(322, 326), 330, 332,
    *range(338, 342), 347, *range(512, 522), *range(529, 533), 700, 33723, 34377, 34675, 37724,
}  # fmt: skip
_FIRST_PRIVATE = 50341
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_DROPPED = (ExifTags.IFD.Interop,)  # an offset into the old file
_SRGB, _ADOBE_RGB = 1, 2
_INTEROP_INDEX, _ADOBE_RGB_INDEX = 1, "R03"

# Direction of (rows, columns) for every orientation, after the axes are swapped for those from 5.
_STEPS = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (-1, 1), 7: (-1, -1), 8: (1, -1)}


def as_stored(array: np.ndarray, orientation: int) -> np.ndarray:
    """A view of an upright HxW... array into which the rows of the file can be written as they come."""
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    rows, columns = _STEPS[orientation]
    return array[::rows, ::columns]


def repair(image: ImageFile) -> bool:
    """Remove damaged entries from the EXIF of an opened image, which is not a TIFF file; whether there were any."""
    exif = image.info.get("exif")
    if not isinstance(exif, bytes) or image.format == "TIFF":
        return False
    image.info["exif"], damaged = repaired(exif)
    return damaged


def says_adobe_rgb(image: ImageFile) -> bool:
    """Whether the EXIF says Adobe RGB: by the interoperability index of DCF 2.0, or by the colour space 2."""
    try:
        found = image.getexif()
        camera = found.get_ifd(ExifTags.IFD.Exif)
        space = camera.get(ExifTags.Base.ColorSpace)
        interop = found.get_ifd(ExifTags.IFD.Interop) if ExifTags.IFD.Interop in camera else {}
        index = interop.get(_INTEROP_INDEX, "")
    except DECODER_ERRORS:
        return False
    index = index.decode("ascii", "replace") if isinstance(index, bytes) else str(index)
    return space == _ADOBE_RGB or (space != _SRGB and index.rstrip("\x00") == _ADOBE_RGB_INDEX)


def split_exif(image: ImageFile, converted: bool) -> tuple[bytes, int, str | None]:
    """(EXIF, orientation, note) of a loaded image.

    The EXIF comes without orientation, storage tags and thumbnail; `converted` says that the pixels were
    converted to sRGB, which the EXIF must then say too. The orientation (1..8) is what the pixels still need.
    The note reports damage.
    """
    orientation = 1
    try:
        Image.Exif().load(image.info.get("exif", b""))  # raises where getexif() would pass over damage
        found = image.getexif()
        if found.get(ExifTags.Base.Orientation) in _STEPS:
            orientation = found[ExifTags.Base.Orientation]
        kept = Image.Exif()
        kept.endian = found.endian
        for tag, value in found.items():
            if tag not in _STORAGE and tag not in _DIRECTORIES and tag < _FIRST_PRIVATE:
                kept[tag] = value
        for directory in _DIRECTORIES:
            if entries := {tag: value for tag, value in found.get_ifd(directory).items() if tag not in _DROPPED}:
                kept[directory] = entries
        camera = kept.get(ExifTags.IFD.Exif, {})
        upright = image.size if orientation < 5 else image.size[::-1]
        truth = dict(zip((ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight), upright, strict=True))
        if converted:
            truth[ExifTags.Base.ColorSpace] = _SRGB
        camera.update({tag: value for tag, value in truth.items() if tag in camera})
        return (kept.tobytes() if len(kept) else b""), orientation, None
    except DECODER_ERRORS:
        return b"", orientation, "The EXIF data is damaged and was left out."

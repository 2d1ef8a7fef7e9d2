"""Photos in and out: image file -> `Photo` (float32 sRGB pixels and what belongs to them) -> image file."""

from uniremoval.photo.decode import Preview, decode, preview
from uniremoval.photo.encode import as_image, encode, save
from uniremoval.photo.formats import SUFFIXES, photos_in
from uniremoval.photo.model import Photo

__all__ = ["SUFFIXES", "Photo", "Preview", "as_image", "decode", "encode", "photos_in", "preview", "save"]

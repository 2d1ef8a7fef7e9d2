"""Photos in and out: image file -> `Photo` (float32 sRGB pixels and what belongs to them) -> image file."""

from uniremoval.photo.decode import decode
from uniremoval.photo.encode import as_image, encode, save
from uniremoval.photo.formats import SUFFIXES, photos_in
from uniremoval.photo.model import Photo

__all__ = ["SUFFIXES", "Photo", "as_image", "decode", "encode", "photos_in", "save"]

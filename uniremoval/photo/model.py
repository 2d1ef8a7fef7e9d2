"""A photo in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo, upright and in sRGB, or what sRGB holds of it.

    pixels: float32, HxWx3, [0, 1], C-contiguous; grey photos repeat their channel. alpha: float32, HxW, [0,
    1] (1 is opaque), or None. exif: as in a JPEG's APP1 ("Exif\\0\\0..."), without orientation and thumbnail;
    b"" if none. bits: 8 or 16 a sample in the file. grey: the photo has no colour. format: Pillow's name, such
    as "PNG". notes: what the user should know about the reading, one sentence each. dpi: pixels an inch, across and
    down, or None. xmp, iptc: an XMP packet and IPTC-IIM records, or b"". profile: the ICC profile of the wider space
    the photo came in and is written in, or b"" for sRGB; beyond: float32, HxWx3, what its colours lie beyond the
    pixels' [0, 1] there, or None.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    exif: bytes = b""
    bits: int = 8
    grey: bool = False
    format: str = "PNG"
    notes: tuple[str, ...] = ()
    dpi: tuple[float, float] | None = None
    xmp: bytes = b""
    iptc: bytes = b""
    profile: bytes = b""
    beyond: np.ndarray | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def on_white(self) -> np.ndarray:
        """The pixels as they are seen on white, HxWx3; the pixels themselves where the photo has no alpha."""
        if self.alpha is None:
            return self.pixels
        return 1 - self.alpha[..., None] * (1 - self.pixels)

    def with_pixels(self, pixels: np.ndarray) -> Photo:
        """This photo with other pixels (HxWx3, [0, 1]) of the same size; ValueError if the shape differs."""
        if pixels.shape != self.pixels.shape:
            raise ValueError(f"pixels have shape {pixels.shape}, the photo has {self.pixels.shape}")
        return replace(self, pixels=np.ascontiguousarray(pixels, dtype=np.float32))

    def towards(self, pixels: np.ndarray, strength: float) -> Photo:
        """This photo changed by a share of the way, from 0 to 1, to other pixels; ValueError as `with_pixels`."""
        return self.with_pixels(
            pixels if strength == 1 else self.pixels + np.float32(strength) * (pixels - self.pixels)
        )

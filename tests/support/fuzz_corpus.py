"""Small valid files that damage starts from: photos of every kind that is read, and a checkpoint."""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

from tests.support import files


def photos() -> list[bytes]:
    """The same bytes at every call, but for what Pillow's version changes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        icc = files.matrix_profile("GRB", 1.8)
        paths = [
            *(files.turned(folder, 6, suffix) for suffix in (".png", ".jpg", ".webp", ".tif", ".avif", ".heic")),
            *(files.png(folder, files.noise(9, 11, channels), name=f"deep{channels}.png") for channels in (1, 2, 3, 4)),
            files.png(folder, files.noise(9, 11, 4, bits=8), name="alpha.png"),
            files.with_profile(folder, icc, files.noise(9, 9, 3, bits=8), "profile.png"),
            files.with_profile(folder, icc, files.noise(9, 9, 4), "deep-profile.png"),
            *(files.tiff(folder, files.noise(9, 7, 3), order) for order in "<>"),
            files.cmyk(folder),
            files.palette(folder),
            *(files.animation(folder, suffix) for suffix in (".gif", ".webp")),
            files.damaged_exif(folder),
        ]
        photos = [path.read_bytes() for path in paths]
    return [*photos, *_by_pillow(icc)]


def _by_pillow(icc: bytes) -> list[bytes]:
    colour = Image.fromarray(files.gradient())
    return [
        _saved(colour, "JPEG", progressive=True, icc_profile=icc),
        _saved(colour.convert("L"), "JPEG"),
        _saved(colour, "WEBP", quality=60),
        _saved(colour, "AVIF", icc_profile=icc),
        _saved(colour, "BMP"),
        _saved(colour.quantize(16), "BMP"),
        _saved(colour.quantize(16), "GIF"),
        _saved(colour.convert("1"), "PNG"),
        _saved(colour.convert("CMYK"), "TIFF", compression="tiff_lzw"),
        _saved(colour, "TIFF", compression="jpeg"),
        _saved(colour.convert("LA"), "TIFF", compression="tiff_adobe_deflate", icc_profile=icc),
        _saved(Image.fromarray(files.noise(8, 9, 1)[..., 0]), "TIFF", compression="packbits"),
        _saved(colour, "TIFF", save_all=True, append_images=[colour.rotate(90)]),
    ]


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def checkpoint() -> bytes:
    """A tiny network with a card that has something in every field."""
    from tests.support.models import card_of, tiny
    from uniremoval.checkpoint import save

    network = tiny(0, width=2)
    scores = [{"set": "rain", "psnr": 21.5, "input_psnr": 20.1, "brisque": 30.5, "command": "python -m train.evaluate"}]
    options = {"clean": "photos", "pairs": ["rain=set"], "real": None}
    parents = [{"name": "teacher-haze", "role": "teacher", "training": {"steps": 3}}]
    training = {"steps": 12, "seconds": 61.5, "hardware": "2 cores", "options": options, "parents": parents}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "seed.safetensors"
        save(path, network, replace(card_of(network), training=training, scores=scores))
        return path.read_bytes()

"""Draws image files for tests, from ordinary to hostile; each function writes one file to a folder."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageCms

HEIF_SUFFIXES = (".heic", ".heif", ".hif")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def gradient(height: int = 24, width: int = 32) -> np.ndarray:
    """uint8 HxWx3 in which every corner has another colour, so that turns and mirrors show."""
    rows, columns = np.mgrid[0:height, 0:width]
    red, green = columns * 255 // max(1, width - 1), rows * 255 // max(1, height - 1)
    return np.stack([red, green, 255 - (red + green) // 2], axis=-1).astype(np.uint8)


def noise(height: int, width: int, channels: int, bits: int = 16, seed: int = 0) -> np.ndarray:
    """Random samples HxWxC, uint16 (uint8 for 8 bits), with both ends of the range."""
    kind = np.uint16 if bits == 16 else np.uint8
    samples = np.random.default_rng(seed).integers(0, 1 << bits, (height, width, channels), dtype=kind)
    samples[0, 0], samples[-1, -1] = 0, (1 << bits) - 1
    return samples


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bytes(samples: np.ndarray, extra: bytes = b"") -> bytes:
    """A PNG written byte by byte (no filter) of HxWxC samples; `extra`: chunks to go before the pixels."""
    height, width, channels = samples.shape
    bits = samples.dtype.itemsize * 8
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\x00" + row.astype(f">u{bits // 8}").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    data = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return PNG_SIGNATURE + data


def png(folder: Path, samples: np.ndarray, extra: bytes = b"", name: str = "photo.png") -> Path:
    path = folder / name
    path.write_bytes(png_bytes(samples, extra))
    return path


def tiff(folder: Path, samples: np.ndarray, order: str = "<", white_is_zero: bool = False, planes: int = 1) -> Path:
    """An uncompressed 16-bit TIFF written byte by byte, in the byte order "<" or ">"; `planes` is its tag 284."""
    height, width, channels = samples.shape
    photometric = 2 if channels >= 3 else 0 if white_is_zero else 1
    bits_at = 8
    pixels_at = bits_at + 2 * channels
    pixels = samples.astype(f"{order}u2").tobytes()
    short, long = 3, 4
    bits = (short, 1, 16) if channels == 1 else (short, channels, bits_at)
    entries = {256: (long, 1, width), 257: (long, 1, height), 258: bits, 259: (short, 1, 1)}
    entries |= {262: (short, 1, photometric), 273: (long, 1, pixels_at), 277: (short, 1, channels)}
    entries |= {278: (long, 1, height), 279: (long, 1, len(pixels)), 284: (short, 1, planes)}
    if channels == 4:
        entries[338] = (short, 1, 2)
    out = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", pixels_at + len(pixels))
    out += struct.pack(f"{order}{channels}H", *[16] * channels) + pixels + struct.pack(f"{order}H", len(entries))
    for tag, (kind, count, value) in sorted(entries.items()):
        field = struct.pack(f"{order}HH", value, 0) if (kind, count) == (short, 1) else None
        out += struct.pack(f"{order}HHI", tag, kind, count) + (field or struct.pack(f"{order}I", value))
    path = folder / ("photo.tif" if order == "<" else "photo-big-endian.tif")
    path.write_bytes(out + struct.pack(f"{order}I", 0))
    return path


def jpeg(folder: Path, name: str = "photo.jpg", height: int = 24, width: int = 32) -> Path:
    path = folder / name
    Image.fromarray(gradient(height, width)).save(path, quality=95, subsampling=0)
    return path


def turned(folder: Path, orientation: int, suffix: str = ".png") -> Path:
    """The gradient stored turned, with the EXIF orientation (1..8) that makes it upright, and a camera."""
    upright = gradient()
    inverse = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Removal"
    height, width = inverse.shape[:2]
    size = {ExifTags.Base.ExifImageWidth: width, ExifTags.Base.ExifImageHeight: height}
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ISOSpeedRatings: 400, **size}
    path = folder / f"turned-{orientation}{suffix}"
    image = Image.fromarray(np.ascontiguousarray(inverse))
    if suffix in HEIF_SUFFIXES:
        path.write_bytes(heif(image, exif=exif.tobytes()))
        return path
    options = {"quality": 95, "subsampling": 0} if suffix == ".jpg" else {}
    options |= {"lossless": True} if suffix == ".webp" else {}
    image.save(path, exif=exif.tobytes(), **options)
    return path


def heif(image: Image.Image, **options: object) -> bytes:
    """A HEIC file without loss of colour resolution; options: of pillow-heif."""
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=95, chroma=444, **options)
    return buffer.getvalue()


def heif_with_gain_map() -> bytes:
    """A HEIC file with an HDR gain map beside the picture, as phones write it: one with alpha, whose second picture is
    called a gain map instead, by a longer name, behind which everything moves."""
    data = heif(Image.fromarray(np.dstack([gradient(64, 80), gradient(64, 80)[..., :1]]), "RGBA"))
    alpha, gain_map = b"urn:mpeg:hevc:2015:auxid:1", b"urn:com:apple:photo:2020:aux:hdrgainmap"
    at, longer = data.index(alpha), len(gain_map) - len(alpha)
    changed = bytearray(data.replace(alpha, gain_map))
    first, last = 0, len(data)
    while first < last:  # the boxes that hold the name, from the outermost on
        size, kind = struct.unpack_from(">I4s", data, first)
        if not first < at < first + size:
            first += size
            continue
        struct.pack_into(">I", changed, first, size + longer)
        header = {b"meta": 12, b"iprp": 8, b"ipco": 8}.get(kind, size)
        first, last = first + header, first + size
    entry = data.index(b"iloc") + 12
    for _ in range(struct.unpack_from(">H", data, entry - 2)[0]):  # where the pictures lie, behind the name
        (base,) = struct.unpack_from(">I", data, entry + 4)
        struct.pack_into(">I", changed, entry + 4 + longer * (entry > at), base + longer)
        entry += 10 + 8 * struct.unpack_from(">H", data, entry + 8)[0]
    return bytes(changed)


def damaged_exif(folder: Path) -> Path:
    path = folder / "damaged-exif.jpg"
    exif = b"Exif\x00\x00" + b"\x99" * 40
    Image.fromarray(gradient()).save(path, exif=exif)
    return path


def cmyk(folder: Path) -> Path:
    path = folder / "cmyk.jpg"
    Image.fromarray(gradient()).convert("CMYK").save(path, quality=100)
    return path


def palette(folder: Path) -> Path:
    """A palette PNG with transparency: red (opaque), green (half), blue (clear), one column each."""
    image = Image.new("P", (3, 2))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2] * 2)
    path = folder / "palette.png"
    image.save(path, transparency=bytes([255, 128, 0]))
    return path


def animation(folder: Path, suffix: str = ".gif") -> Path:
    """Two frames: red, then blue."""
    frames = [Image.new("RGB", (20, 12), colour) for colour in ("red", "blue")]
    path = folder / f"animation{suffix}"
    options = {"lossless": True} if suffix == ".webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, **options)
    return path


def matrix_profile(primaries: str = "RGB", gamma: float = 1.0, name: str = "") -> bytes:
    """sRGB's ICC profile with its primaries in another order ("GRB" swaps red and green), a gamma and a name."""
    source = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", source, 128)[0]
    tags = [struct.unpack_from(">4sII", source, 132 + 12 * index) for index in range(count)]
    data = {key: source[offset : offset + length] for key, offset, length in tags}
    columns = {letter: data[letter.lower().encode() + b"XYZ"] for letter in "RGB"}
    for letter, taken in zip("rgb", primaries, strict=True):
        data[letter.encode() + b"XYZ"] = columns[taken]
        if gamma != 1.0:
            data[letter.encode() + b"TRC"] = b"curv\x00\x00\x00\x00" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    if name:
        text = name.encode("utf-16-be")
        data[b"desc"] = b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enUS", len(text), 28) + text
    body, table = b"", b""
    start = 132 + 12 * len(data)
    for key, value in data.items():
        table += struct.pack(">4sII", key, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    profile = source[:128] + struct.pack(">I", len(data)) + table + body
    return struct.pack(">I", len(profile)) + profile[4:24] + bytes(12) + profile[36:]  # without the time it was made


def with_profile(folder: Path, icc: bytes, samples: np.ndarray, name: str = "profile.png") -> Path:
    """A PNG of `samples` (HxWxC) with an embedded ICC profile."""
    return png(folder, samples, chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(icc)), name)


def bomb(folder: Path, side: int = 12000) -> Path:
    """A valid grey PNG of side x side pixels (144 megapixels by default) in a few kilobytes."""
    compressor = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    body = b"".join(compressor.compress(row) for _ in range(side)) + compressor.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path = folder / "bomb.png"
    path.write_bytes(PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    return path


def truncated(folder: Path, suffix: str = ".jpg") -> Path:
    """The first half of a photo's bytes."""
    image, buffer = Image.fromarray(noise(64, 64, 3, bits=8)), io.BytesIO()
    if suffix in HEIF_SUFFIXES:
        buffer.write(heif(image))
    else:
        image.save(buffer, Image.registered_extensions()[suffix])
    path = folder / f"truncated{suffix}"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    return path


def empty(folder: Path) -> Path:
    path = folder / "empty.jpg"
    path.write_bytes(b"")
    return path


def text(folder: Path) -> Path:
    path = folder / "text.jpg"
    path.write_text("This is not a photo.\n", encoding="utf-8")
    return path


def svg(folder: Path) -> Path:
    path = folder / "drawing.png"
    path.write_text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n')
    return path


def eps(folder: Path) -> Path:
    path = folder / "drawing.jpg"
    Image.fromarray(gradient()).save(path, "EPS")
    return path


def icon(folder: Path) -> Path:
    path = folder / "icon.png"
    Image.fromarray(gradient(16, 16)).save(path, "ICO")
    return path


def no_pixels(folder: Path) -> Path:
    """A PNG whose header says 0 x 5 pixels."""
    header = struct.pack(">IIBBBBB", 0, 5, 8, 2, 0, 0, 0)
    path = folder / "no-pixels.png"
    path.write_bytes(PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
    return path


def large(folder: Path) -> Path:
    """12 megapixels that compress well."""
    path = folder / "large.png"
    Image.fromarray(gradient(3000, 4000)).save(path, compress_level=1)
    return path


def listed(folder: Path) -> list[str]:
    """All files in a folder and its subfolders, by their paths in it, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

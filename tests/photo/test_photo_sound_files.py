"""Files that are sound, or nearly: what a browser shows of them, what stays with them, or the true reason."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, TiffImagePlugin

from tests.support import files
from tests.support.models import card_of, tiny
from tests.support.photo_checks import levels
from uniremoval.ensemble import restore_ensemble
from uniremoval.errors import PhotoError
from uniremoval.photo import decode, encode
from uniremoval.photo.exif_repair import repaired
from uniremoval.photo.metadata import left_out
from uniremoval.restore import Restorer

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6" xmp:Rating="4"/></x:xmpmeta>'
IPTC = b"\x1c\x02\x78\x00\x05Hello"


def exif_block(make_at: int) -> bytes:
    """Big-endian EXIF with Make at that offset, a type that does not exist, and orientation 8."""
    entries = [(271, 2, 20, struct.pack(">I", make_at)), (272, 99, 1, bytes(4)), (274, 3, 1, b"\x00\x08\x00\x00")]
    body = b"".join(struct.pack(">HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"Exif\x00\x00MM\x00*\x00\x00\x00\x08" + struct.pack(">H", len(entries)) + body + bytes(4)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_orientation_survives_damage_beside_it(format: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(files.gradient()).save(buffer, format, exif=exif_block(60000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = decode(buffer.getvalue())
    assert photo.size == (32, 24)
    assert "EXIF" in " ".join(photo.notes)


def test_sound_exif_is_not_touched() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "a name of some length"
    exif[ExifTags.IFD.Exif] = {ExifTags.Base.ISOSpeedRatings: 200}
    assert repaired(exif.tobytes()) == (exif.tobytes(), False)


@pytest.mark.parametrize("bits, clear", [(1, 1), (2, 2), (4, 13)])
def test_transparent_grey_of_few_bits(bits: int, clear: int) -> None:
    values = np.arange(16, dtype=np.uint8).reshape(2, 8) % (1 << bits)
    digits = np.unpackbits(values[..., None], axis=-1)[..., -bits:].reshape(2, -1)
    rows = b"".join(b"\x00" + np.packbits(row).tobytes() for row in digits)
    data = files.PNG_SIGNATURE + files.chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 2, bits, 0, 0, 0, 0))
    data += files.chunk(b"tRNS", struct.pack(">H", clear)) + files.chunk(b"IDAT", zlib.compress(rows))
    photo = decode(data + files.chunk(b"IEND", b""))
    assert ((photo.alpha == 0) == (values == clear)).all()


def as_tiff(pages: list[tuple[int, dict[int, object]]]) -> bytes:
    """Pages of so many pixels per side, each with these tags besides."""
    images = [Image.fromarray(np.full((side, side, 3), side, np.uint8)) for side, _ in pages]
    for image, (_, tags) in zip(images, pages, strict=True):
        image.encoderinfo = {"tiffinfo": tags}
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer) as writer:
        for image, (_, tags) in zip(images, pages, strict=True):
            image.save(writer, "TIFF", tiffinfo=tags)
            writer.newFrame()
    return buffer.getvalue()


def test_raw_file_by_its_content() -> None:
    for tags in ({50706: b"\x01\x04\x00\x00"}, {33422: b"\x00\x01\x01\x02"}):
        with pytest.raises(PhotoError, match=r"'scan\.tif' is a camera's raw file"):
            decode(as_tiff([(9, tags)]), name="scan.tif")


def test_thumbnail_before_the_photo() -> None:
    assert decode(as_tiff([(8, {254: 1}), (40, {254: 0})])).size == (40, 40)
    assert decode(as_tiff([(40, {254: 0}), (8, {254: 1})])).size == (40, 40)


@pytest.mark.parametrize("order", ["<", ">"])
def test_associated_alpha_of_16_bits(tmp_path, order: str) -> None:
    straight = files.noise(11, 17, 4, seed=5)
    straight[..., 3] |= 0x8000
    associated = straight.copy()
    associated[..., :3] = np.rint(straight[..., :3] * (straight[..., 3:] / 65535))
    path = files.tiff(tmp_path, associated, order)
    data = path.read_bytes()
    tag = struct.pack(f"{order}HHIHH", 338, 3, 1, 2, 0)
    assert data.count(tag) == 1
    photo = decode(data.replace(tag, struct.pack(f"{order}HHIHH", 338, 3, 1, 1, 0)))
    assert photo.bits == 16
    assert np.abs(levels(photo) - straight[..., :3].astype(int)).max() <= 2


def text_of(size: int) -> bytes:
    return zlib.compress(b"<history/>" * (size // 10))


@pytest.mark.parametrize(
    "extra",
    [
        files.chunk(b"zTXt", b"workflow\x00\x00" + text_of(3 << 20)),
        files.chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + text_of(2 << 20)),
        files.chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(bytes(2 << 20))),
        files.chunk(b"tEXt", b"Comment\x00hello")[:-1] + b"\x00",
        files.chunk(b"gAMA", struct.pack(">I", 100000))[:-1] + b"\x00",
    ],
    ids=["long text", "long XMP", "large profile", "checksum of a comment", "checksum of a gamma"],
)
def test_chunks_beside_the_pixels_do_no_harm(extra: bytes) -> None:
    samples = files.noise(8, 9, 3, bits=8)
    assert (levels(decode(files.png_bytes(samples, extra))) == samples).all()


def test_unusual_kinds_are_not_called_damaged(tmp_path) -> None:
    with pytest.raises(PhotoError, match="unusual kind"):
        decode(b"MM\x00+\x00\x08\x00\x00" + bytes(64))
    data = bytearray(files.jpeg(tmp_path).read_bytes())
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(PhotoError, match=r"unusual kind.*12-bit"):
        decode(bytes(data))


def with_metadata() -> bytes:
    buffer = io.BytesIO()
    segment = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(IPTC)) + IPTC
    segment = b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment
    Image.fromarray(files.gradient()).save(buffer, "JPEG", dpi=(240, 240), xmp=XMP, extra=segment)
    return buffer.getvalue()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP"])
def test_metadata_stays_or_a_sentence_says_what_went(format: str, bits: int) -> None:
    photo = decode(with_metadata())
    assert photo.iptc == IPTC
    object.__setattr__(photo, "bits", bits)
    data = encode(photo, format)
    again, lost = decode(data), " ".join(left_out(photo, format))
    assert b'tiff:Orientation="1"' in photo.xmp
    assert again.xmp == photo.xmp if format != "BMP" else "XMP" in lost
    assert again.iptc == IPTC if format in ("JPEG", "TIFF") else "IPTC" in lost
    if format in ("WEBP", "AVIF"):
        assert float(Image.open(io.BytesIO(data)).getexif()[ExifTags.Base.XResolution]) == 240
    else:
        assert again.dpi == pytest.approx((240, 240), abs=0.02)


def test_gain_map_goes_with_a_note() -> None:
    packet = (
        b'<x:xmpmeta><r xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" a="b"/></x:xmpmeta>'
    )
    buffer = io.BytesIO()
    Image.fromarray(files.gradient()).save(buffer, "JPEG", xmp=packet)
    photo = decode(buffer.getvalue())
    assert "gain map" in " ".join(photo.notes)
    assert photo.xmp == b'<x:xmpmeta><r a="b"/></x:xmpmeta>'


@pytest.mark.parametrize("channels", [1, 3])
def test_a_photo_without_colour_stays_so(channels: int) -> None:
    samples = np.repeat(files.noise(40, 48, 1, bits=8), channels, axis=2)
    photo = decode(files.png_bytes(samples))
    assert photo.grey
    network = tiny()
    restorer = Restorer(network, card_of(network), "cpu")
    drafts = []
    for restored in (
        restorer.restore(photo, on_scale=drafts.append),
        restorer.restore(photo, tile=16),
        restore_ensemble(restorer, photo),
    ):
        assert np.ptp(restored.photo.pixels, axis=-1).max() == 0
        assert Image.open(io.BytesIO(encode(restored.photo))).mode == "L"
    assert all(np.ptp(draft.pixels, axis=-1).max() == 0 for draft in drafts)

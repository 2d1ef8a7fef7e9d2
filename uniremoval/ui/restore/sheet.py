"""One picture of several photos side by side, each with words beneath, to be shared."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

WIDEST = 2400
"""Pixels across, at most; photos are scaled down to fit, which no phone or post shows."""
NARROWEST = 720
"""Pixels across, at least, so that there is room for the words."""
GAP = 12
"""Pixels between photos side by side."""
TALLEST = 12000
"""Pixels down for all photos, at most: no format that is written here ends below 16383."""
LETTERS_ACROSS = 34
"""Width of the picture in heights of its letters: 11 pixels high where the picture is as wide as a phone, 390."""
PAPER, INK, FAINT = "#ffffff", "#1c1c1c", "#5f5f5f"


@dataclass(frozen=True)
class Panel:
    """A photo made to fit, its title, and lines of words for beneath it."""

    title: str
    lines: Sequence[str]
    photo: Image.Image


def columns_for(count: int, upright: bool) -> int:
    """How many of `count` photos go side by side: few, as letters shrink with the picture."""
    return 3 if count == 3 or (count > 4 and upright) else min(count, 2)


def fitted(photo: Image.Image, count: int, columns: int) -> Image.Image:
    """`photo` as large as one of `count` may be: scaled down, or enlarged by a whole factor so that pixels show."""
    wide = min(max(photo.width, NARROWEST // columns), _column(WIDEST, columns))
    high = min(3 * wide // 2, TALLEST // -(-count // columns))
    scale = min(wide / photo.width, high / photo.height)
    if scale >= 1:
        return photo.resize((photo.width * int(scale), photo.height * int(scale)), Image.Resampling.NEAREST)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    return photo.resize(size, Image.Resampling.LANCZOS)


def draw(panels: Sequence[Panel], columns: int, footer: Sequence[str]) -> Image.Image:
    """All panels, their photos of one size, and the footer's lines below."""
    column = max(panels[0].photo.width, NARROWEST // columns)
    width = columns * (column + GAP) - GAP
    letter = width // LETTERS_ACROSS
    margin = letter // 2
    room = column - 2 * margin
    rows = [
        [(panel, wrapped([panel.title], letter, room), wrapped(panel.lines, letter, room)) for panel in row]
        for row in (panels[start : start + columns] for start in range(0, len(panels), columns))
    ]
    step = letter * 5 // 4
    high = panels[0].photo.height
    heights = [high + 2 * margin + step * max(len(title) + len(lines) for _, title, lines in row) for row in rows]
    below = wrapped(footer, letter, width - 2 * margin)
    picture = Image.new("RGB", (width, sum(heights) + step * len(below) + 2 * margin), PAPER)
    pen = ImageDraw.Draw(picture)
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for index, (panel, title, lines) in enumerate(row):
            left = index * (column + GAP)
            picture.paste(panel.photo, (left + (column - panel.photo.width) // 2, top))
            _write(pen, (left + margin, top + high + margin // 2), title, letter, INK, weight=max(letter // 28, 1))
            _write(pen, (left + margin, top + high + margin // 2 + step * len(title)), lines, letter, INK)
        top += height
    _write(pen, (margin, top + margin), below, letter, FAINT)
    return picture


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], lines: Sequence[str], letter: int, ink: str, weight: int = 0
) -> None:
    for index, line in enumerate(lines):
        at_line = (at[0], at[1] + index * letter * 5 // 4)
        pen.text(at_line, line, fill=ink, font=_font(letter), stroke_width=weight / 2, stroke_fill=ink)


def wrapped(lines: Sequence[str], letter: int, room: int) -> list[str]:
    """In letters the font has, broken between words, or within a word that is too long for a line."""
    font, fitting = _font(letter), []
    for line in lines:
        rest = ""
        for word in drawable(line).split():
            if rest and font.getlength(f"{rest} {word}") > room:
                fitting.append(rest)
                rest = ""
            rest = f"{rest} {word}".lstrip()
            while font.getlength(rest) > room and len(rest) > 1:
                most = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or font.getlength(rest[:n]) <= room)
                fitting.append(rest[:most])
                rest = rest[most:]
        fitting.append(rest)
    return fitting


def drawable(words: str) -> str:
    """In letters that Pillow's own font has: without accents, and with a question mark for any other."""
    plain = unicodedata.normalize("NFKD", words.replace("\N{MINUS SIGN}", "-"))
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in plain if not unicodedata.combining(c))


def _column(width: int, columns: int) -> int:
    return (width + GAP) // columns - GAP


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)

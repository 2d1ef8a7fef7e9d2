"""The gallery of example photos: one click loads one."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from PIL import Image

from uniremoval.method import Degradation
from uniremoval.paths import ASSETS
from uniremoval.ui.parts.component import component

FOLDER = ASSETS / "examples"
THUMBNAIL = (300, 208)


@dataclass(frozen=True)
class Example:
    """A photo in assets/examples, named <degradation>-<subject>.jpg."""

    path: Path

    @property
    def degradation(self) -> str:
        return self.path.stem.split("-")[0]

    @property
    def label(self) -> str:
        return self.degradation.capitalize()


def examples() -> list[Example]:
    """Haze, rain, blur, and again, so that each row of three shows each degradation once; others last."""
    found = [Example(path) for path in sorted(FOLDER.glob("*.jpg"))]
    order = [*Degradation]
    ranks: dict[str, int] = {}
    keyed = []
    for example in found:
        kind = example.degradation
        ranks[kind] = ranks.get(kind, -1) + 1
        place = order.index(Degradation(kind)) if kind in order else len(order)
        keyed.append(((place >= 3, ranks[kind], place), example))
    return [example for _, example in sorted(keyed, key=lambda item: item[0])]


def gallery(shown: list[Example]) -> gr.HTML:
    """After its select event its value is the index of the example clicked."""
    buttons = "".join(_button(index, example) for index, example in enumerate(shown))
    gallery = f'<div class="gallery" role="group" aria-label="Example photos">{buttons}</div>'
    return component(Path(__file__).parent, "examples", html_template=gallery, elem_id="examples")


def _button(index: int, example: Example) -> str:
    subject = html.escape(example.path.stem.replace("-", ", "))
    return (
        f'<button type="button" data-index="{index}" aria-label="Load the example {subject}">'
        f'<img src="{_thumbnail(example.path)}" alt=""><span>{html.escape(example.label)}</span></button>'
    )


def _thumbnail(path: Path) -> str:
    """A small JPEG as a data URI: the page needs no other request for it."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        image.draft("RGB", THUMBNAIL)
        image.thumbnail(THUMBNAIL)
        image.convert("RGB").save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()

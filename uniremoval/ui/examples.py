"""The gallery of example photos: one click loads one."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from PIL import Image

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "examples"
THUMBNAIL = (300, 208)
CSS = """
.gallery { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.gallery button { padding: 0; border: 1px solid var(--border-color-primary); border-radius: 8px; overflow: hidden;
  background: var(--background-fill-primary); color: var(--body-text-color); cursor: pointer; text-align: left; }
.gallery button:hover { border-color: var(--color-accent); }
.gallery button:focus-visible { outline: 2px solid var(--color-accent); outline-offset: 2px; }
.gallery img { display: block; width: 100%; aspect-ratio: 3 / 2; margin: 0; object-fit: cover; border-radius: 0; }
.gallery span { display: block; padding: 3px 7px 4px; font-size: 12px; }
"""
JS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  props.value = Number(button.dataset.index);
  trigger("select");
});
"""


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
    """Haze, rain, blur, and again, so that each row of three shows each degradation once."""
    found = [Example(path) for path in sorted(FOLDER.glob("*.jpg"))]
    order = ("haze", "rain", "blur")
    ranks: dict[str, int] = {}
    keyed = []
    for example in found:
        kind = example.degradation
        ranks[kind] = ranks.get(kind, -1) + 1
        keyed.append(((ranks[kind], order.index(kind)), example))
    return [example for _, example in sorted(keyed, key=lambda item: item[0])]


def gallery(shown: list[Example]) -> gr.HTML:
    """After its select event its value is the index of the example clicked."""
    buttons = "".join(_button(index, example) for index, example in enumerate(shown))
    return gr.HTML(
        html_template=f'<div class="gallery" role="group" aria-label="Example photos">{buttons}</div>',
        css_template=CSS,
        js_on_load=JS,
        apply_default_css=False,
        elem_id="examples",
    )


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

"""The viewer: panes side by side with one zoom and pan for all, scores beneath, and a wipe between any two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.ui import text

HERE = Path(__file__).parent
SCRIPTS = (
    "dom.js",
    "panes.js",
    "zoom.js",
    "loupe.js",
    "grow.js",
    "difference.js",
    "pair.js",
    "sharing.js",
    "keys.js",
    "viewer.js",
)
"""They share one scope, and what runs at once in each uses only what those before it define."""


def viewer() -> gr.HTML:
    """Its value is what `comparison` returns. Text reaches the page as text, never as HTML or template."""
    return gr.HTML(
        value=comparison("", (1, 1), []),
        html_template=(HERE / "viewer.html").read_text(encoding="utf-8"),
        css_template=(HERE / "viewer.css").read_text(encoding="utf-8"),
        js_on_load="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
        apply_default_css=False,
        empty=text.EMPTY,
        elem_id="viewer",
    )


def comparison(picture: str, size: tuple[int, int], panes: list[dict[str, Any]]) -> dict[str, Any]:
    """picture: changes with the photo, so that the viewer fits a new one to the screen. size: (height, width)."""
    return {"picture": picture, "size": list(size), "panes": panes}


def pane(key: str, title: str) -> dict[str, Any]:
    """A pane with nothing to show yet; see viewer.js for what each field does."""
    return {"key": key, "title": title, "file": None, "state": "waiting", "message": "Waiting", "scores": []}


def show_file(item: dict[str, Any], path: Path, download: str | None = None) -> None:
    """Put the picture at `path`, a file in Gradio's cache, into a pane; `download` is its name when saved."""
    item |= {
        "file": gr.FileData(path=str(path)).model_dump(),
        "state": "done",
        "message": "",
        "download": download,
    }

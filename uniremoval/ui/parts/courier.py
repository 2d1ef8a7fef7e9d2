"""Files from a listener to the browser's downloads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.ui.parts.component import component


def courier(elem_id: str, listens: str) -> gr.HTML:
    """Invisible: its select event carries the wishes that the page sends as events called `listens`, and the browser
    saves the `parcel` that becomes its value."""
    return component(Path(__file__).parent, "courier", value={}, html_template="", listens=listens, elem_id=elem_id)


def parcel(path: Any, name: str) -> dict[str, Any]:
    return {"file": gr.FileData(path=str(path)).model_dump(), "name": name}

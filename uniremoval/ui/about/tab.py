"""The About tab: the method in one drawing, what the scores mean, limits, training, licences."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from uniremoval.ui.parts.component import component
from uniremoval.ui.text import SCORE_MEGAPIXELS

HERE = Path(__file__).parent


def about_tab() -> gr.HTML:
    page, drawing = ((HERE / name).read_text(encoding="utf-8") for name in ("about.html", "method.svg"))
    value = page.replace("@method", drawing).replace("{{megapixels}}", f"{SCORE_MEGAPIXELS:g}")
    return component(HERE, "about", html_template="${value}", value=value, elem_id="about")

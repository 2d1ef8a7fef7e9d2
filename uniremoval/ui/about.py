"""The About tab: the method in one drawing, what the scores mean, limits, training, licences."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from uniremoval.ui.text import SCORE_MEGAPIXELS

HERE = Path(__file__).parent
CSS = """
.about { max-width: 980px; font-size: 15px; line-height: 1.6; color: var(--body-text-color); }
h2 { margin: 26px 0 6px; font-size: 18px; font-weight: 650; } h2:first-child { margin-top: 4px; }
p, dl, ul { margin: 6px 0; } ul { padding-left: 20px; list-style: disc; } a { text-decoration: underline; }
figure { margin: 14px 0; overflow-x: auto; } figure svg { min-width: 640px; width: 100%; height: auto; }
dt { margin-top: 8px; font-weight: 600; } dt small { font-weight: 400; color: var(--body-text-color-subdued); }
dd { margin: 0; } code, pre { font-family: var(--font-mono); font-size: 13px; }
pre { padding: 12px 14px; overflow-x: auto; border-radius: 8px; background: var(--background-fill-secondary); }
"""


def about_tab() -> gr.HTML:
    page, drawing = ((HERE / name).read_text(encoding="utf-8") for name in ("about.html", "method.svg"))
    return gr.HTML(
        html_template="${value}",
        value=page.replace("@method", drawing).replace("{{megapixels}}", f"{SCORE_MEGAPIXELS:g}"),
        css_template=CSS,
        apply_default_css=False,
        elem_id="about",
    )

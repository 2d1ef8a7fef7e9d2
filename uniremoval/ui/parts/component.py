"""Components of our own: template, style and scripts in files of one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

SHARED = Path(__file__).parent


def component(folder: Path, name: str, scripts: Sequence[str] | None = None, **options: Any) -> gr.HTML:
    """The component whose template, style and script are `name`.html, `name`.css and `name`.js, as far as there are.

    scripts: other files, in the folder, or else shared with other components. They share one scope, and what runs at
    once in each uses only what those before it define.
    options: of gr.HTML; others become properties that template and scripts know by name.
    """
    files = [folder / script if (folder / script).exists() else SHARED / script for script in scripts or [f"{name}.js"]]
    parts = {
        "html_template": _text_of(folder / f"{name}.html"),
        "css_template": _text_of(folder / f"{name}.css"),
        "js_on_load": "\n".join(filter(None, map(_text_of, files))),
    }
    options = {"apply_default_css": False} | {key: text for key, text in parts.items() if text} | options
    return gr.HTML(**options)


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None

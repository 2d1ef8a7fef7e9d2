"""The place for the visitor's own photo: pick it, drop it anywhere on the page, or paste it."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from uniremoval.photo.formats import READABLE, SUFFIXES
from uniremoval.ui import text
from uniremoval.ui.parts.component import component


def photo_field(max_megapixels: float, max_bytes: int) -> gr.UploadButton:
    """The button's file is untouched: `uniremoval.photo` judges it by its content."""
    with gr.Column(elem_id="photo", elem_classes="photo-drop", min_width=0):
        button = gr.UploadButton(text.UPLOAD, size="md", elem_id="upload")
        component(
            Path(__file__).parent,
            "photo_field",
            value="",
            hint=text.UPLOAD_HINT,
            batch=text.BATCH_TAB,
            limit=max_bytes,
            formats=text.UPLOAD_FORMATS.format(formats=READABLE, megapixels=max_megapixels),
            accept=",".join(["image/*", *SUFFIXES]),
        )
    return button

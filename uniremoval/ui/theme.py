"""The look: neutral greys, so that a photo's colours can be judged, and one accent. No font is fetched."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "DejaVu Sans Mono", "monospace")


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def theme() -> gr.themes.Base:
    return gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="neutral",
        radius_size="md",
        font=FONT,
        font_mono=MONO,
    ).set(
        body_background_fill="#fafafa",
        body_background_fill_dark="#181818",
        background_fill_primary_dark="#202020",
        background_fill_secondary="#f2f2f2",
        background_fill_secondary_dark="#262626",
        block_background_fill_dark="#181818",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#115e59",
        button_primary_background_fill_dark="#0f766e",
        button_primary_background_fill_hover_dark="#14857b",
        button_primary_text_color="white",
        body_text_color_subdued="#5f5f5f",
        body_text_color_subdued_dark="#ababab",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        button_secondary_background_fill="#e6e6e6",
        button_secondary_background_fill_dark="#3a3a3a",
    )

"""The look: neutral greys, so that a photo's colours can be judged, and one accent. No font is fetched."""

from __future__ import annotations

import gradio as gr

FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "DejaVu Sans Mono", "monospace")

CSS = """
.gradio-container { max-width: 1640px !important; width: 100%; margin-inline: auto; }
#masthead h1 { margin: 0; font-size: 21px; font-weight: 700; letter-spacing: -.02em; }
#masthead p { margin: 2px 0 0; font-size: 14px; color: var(--body-text-color-subdued); }
#tabs > .tab-wrapper { margin-bottom: 6px; }
#tabs .tabitem { padding: 0; border: 0; }
#tabs [role=tab][aria-selected=true] { color: #0f766e; } .dark #tabs [role=tab][aria-selected=true] { color: #2dd4bf; }
.two-columns { gap: 24px; }
.left-column { gap: 14px; }
.right-column { gap: 10px; }
.photo-drop { gap: 7px; padding: 14px; border: 1.5px dashed var(--neutral-400); border-radius: 10px;
  background: var(--background-fill-secondary); }
.photo-drop.dropping { border-color: var(--color-accent); border-style: solid; background: var(--color-accent-soft); }
.caption p { margin: 0 0 -6px; font-size: 13px; color: var(--body-text-color-subdued); }
.pick-stages, .pick-stages .form { gap: 10px; border: 0; background: none; box-shadow: none; }
.pick-stages fieldset { padding: 0; border: 0; background: none; }
.pick-stages [data-testid=block-info] { margin: 0; font-size: 14px; font-weight: 600; color: var(--body-text-color); }
.pick-stages [data-testid=block-info] + div { margin: 0 0 6px; font-size: 12.5px; }
.pick-stages .wrap { gap: 6px; }
.pick-stages label { border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 5px 11px;
  background: var(--background-fill-primary); font-size: 13.5px; }
.pick-stages label.selected { border-color: var(--color-accent); }
.run-buttons { flex-wrap: nowrap; }
#add { gap: 24px; padding: 14px; border-radius: 10px; background: var(--background-fill-secondary); }
#add .column { gap: 8px; } .add-row { gap: 8px; flex-wrap: nowrap; align-items: stretch; }
.add-row textarea, .add-row input { background: var(--background-fill-primary); }
.add-heading p { margin: 0; font-size: 14px; font-weight: 600; }
.add-heading small { font-size: 12.5px; color: var(--body-text-color-subdued); }
#scores-help p { margin: 4px 0 0; max-width: 96ch; font-size: 12.5px; line-height: 1.5;
  color: var(--body-text-color-subdued); }
footer img, footer .divider { display: none !important; }
@keyframes breathe { from { opacity: .5; } to { opacity: 1; } }
@media (max-width: 600px) { #tabs .tab-container button { padding: 0 9px; } }
@media (min-width: 1000px) { .left-column { position: sticky; top: 12px; align-self: flex-start; } }
@media (max-width: 999px) { .two-columns { flex-direction: column; }
  .left-column, .right-column { width: 100%; max-width: none; } }
"""


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

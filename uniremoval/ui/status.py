"""The line above the viewer: what is going on, how far it is, and what went wrong."""

from __future__ import annotations

from typing import Any

import gradio as gr

HTML = """
<div class="status" role="status" aria-live="polite">
<p class="words"></p>
<div class="track" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" hidden>
<div></div></div></div>
"""
CSS = """
.status { min-height: 34px; display: flex; flex-direction: column; gap: 6px; justify-content: center; }
.words { margin: 0; font-size: 14px; line-height: 1.45; white-space: pre-line; overflow-wrap: anywhere;
  color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.status:has(.words:empty) { display: none; }
.busy .words { color: var(--body-text-color); }
.error .words { padding: 9px 13px; border-radius: 8px; border: 1px solid #d9822b; background: #fff4e5; color: #5c3105; }
.dark & { .error .words { background: #33210c; color: #ffd8a8; border-color: #8f5a1c; } }
.track { height: 4px; border-radius: 2px; overflow: hidden; background: var(--border-color-primary); }
.track[hidden] { display: none; }
.track div { height: 100%; width: 0; background: var(--color-accent); transition: width .2s linear; }
"""
JS = """
const box = element.querySelector(".status");
const track = element.querySelector(".track");
const render = (value) => {
  box.className = "status " + (value.kind || "idle");
  box.setAttribute("role", value.kind === "error" ? "alert" : "status");
  const words = element.querySelector(".words");
  if (words.textContent !== value.words) words.textContent = value.words || "";
  track.hidden = value.kind !== "busy";
  const percent = Math.round(100 * (value.share || 0));
  track.setAttribute("aria-valuenow", percent);
  track.firstElementChild.style.width = percent + "%";
  if (value.kind === "error") box.scrollIntoView({ block: "nearest", behavior: "smooth" });
};
watch("value", () => render(props.value));
document.addEventListener("uniremoval-status", (event) => {
  if (element.offsetParent) render(event.detail); // of the tab in view
});
render(props.value);
"""


def status_line(elem_id: str = "status") -> gr.HTML:
    """Its value is what `idle`, `busy` or `error` returns; scripts of the page send such a value as an event."""
    return gr.HTML(
        value=idle(""),
        html_template=HTML,
        css_template=CSS,
        js_on_load=JS,
        apply_default_css=False,
        elem_id=elem_id,
    )


def idle(words: str) -> dict[str, Any]:
    return {"kind": "idle", "words": words}


def busy(words: str, share: float = 0.0) -> dict[str, Any]:
    """share: how much is done, 0 to 1."""
    return {"kind": "busy", "words": words, "share": round(share, 3)}


def error(sentence: str) -> dict[str, Any]:
    return {"kind": "error", "words": sentence}

"""The status line above the viewer: current work, progress, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.ui.parts.component import component


def status_line(elem_id: str = "status") -> gr.HTML:
    """Its value is what `idle`, `busy` or `error` returns; scripts of the page send such a value as an event."""
    return component(Path(__file__).parent, "status", value=idle(""), elem_id=elem_id)


def idle(words: str) -> dict[str, Any]:
    return {"kind": "idle", "words": words}


def busy(words: str, share: float = 0.0) -> dict[str, Any]:
    """share: how much is done, 0 to 1."""
    return {"kind": "busy", "words": words, "share": round(share, 3)}


def error(sentence: str) -> dict[str, Any]:
    return {"kind": "error", "words": sentence}

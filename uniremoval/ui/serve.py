"""Serving the page: from this machine alone, with temporary files that do not outlive it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile

import gradio as gr

from uniremoval.ui.theme import CSS, theme

MAX_UPLOAD = "400mb"
"""A 50-megapixel photo of 16 bits a channel, uncompressed, and some to spare."""


def serve(demo: gr.Blocks, host: str | None, port: int | None, share: bool = False, inbrowser: bool = False) -> None:
    """Serve until interrupted or terminated. host, port: None leaves them to GRADIO_SERVER_NAME and _PORT."""
    scratch = None
    if "GRADIO_TEMP_DIR" not in os.environ:
        scratch = os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="uniremoval-")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        demo.launch(
            server_name=host,
            server_port=port,
            share=share,
            inbrowser=inbrowser,
            theme=theme(),
            css=CSS,
            footer_links=["api"],
            max_file_size=MAX_UPLOAD,
            run_history=False,
            ssr_mode=False,
        )
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)

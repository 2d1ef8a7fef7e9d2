"""Serving the page: from this machine alone, with temporary files that do not outlive it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.tunneling import CURRENT_TUNNELS
from starlette.middleware import Middleware

from uniremoval.errors import UniremovalError
from uniremoval.ui.host.gate import Gate, fetch_nothing
from uniremoval.ui.theme import CSS, theme

SESSIONS_KEPT = 500
"""Gradio remembers some 0.2 MB of every page and of every call of the API, and lets go of the oldest."""


@contextmanager
def scratch_folder() -> Iterator[None]:
    """Photos go to a folder of this process's own, removed at its end, unless GRADIO_TEMP_DIR names another.

    Gradio's components remember the folder from when they were made: build the page in here.
    """
    if "GRADIO_TEMP_DIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="uniremoval-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        yield


def serve(demo: gr.Blocks, max_upload_bytes: int, **where: Any) -> None:
    """Serve until interrupted. where: options of Gradio's `launch`; None leaves one to its environment variable.

    Raises UniremovalError where another program has taken the port meanwhile.
    """
    fetch_nothing()
    try:
        demo.launch(
            **where,
            theme=theme(),
            css=CSS,
            footer_links=["api"],
            max_file_size=max_upload_bytes,
            state_session_capacity=SESSIONS_KEPT,
            run_history=False,
            ssr_mode=False,
            app_kwargs={"middleware": [Middleware(Gate)]},
            prevent_thread_lock=True,
        )
        while demo.server.thread.is_alive():
            time.sleep(0.1)
    except BrokenPipeError as error:
        raise UniremovalError("Nobody reads standard output, where the address is printed; redirect it.") from error
    except OSError as error:
        port = where.get("server_port")
        raise UniremovalError(f"Nothing can listen at port {port} ({error}); choose another with --port.") from error
    finally:
        demo.close(verbose=False)
        for tunnel in CURRENT_TUNNELS:
            tunnel.kill()

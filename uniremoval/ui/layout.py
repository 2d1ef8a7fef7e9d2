"""The page: four tabs, and the endpoints for programs."""

from __future__ import annotations

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.about.tab import about_tab
from uniremoval.ui.api.endpoints import checkpoints_endpoint, restore_endpoint, score_endpoint
from uniremoval.ui.api.schema import describe
from uniremoval.ui.batch.tab import batch_tab
from uniremoval.ui.checkpoints.tab import checkpoints_tab
from uniremoval.ui.host.temporary import keep_sweeping
from uniremoval.ui.queues import API
from uniremoval.ui.restore.tab import restore_tab
from uniremoval.ui.visit.returning import ReturningPage
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine

QUEUE_LENGTH = 32
SWEEP_SECONDS, KEPT_SECONDS = 300, 3600


def build(engine: Engine) -> gr.Blocks:
    """The whole app: page, listeners and API endpoints."""
    visits = Visits(engine.settings.limits)

    def leave(request: gr.Request) -> None:
        visits.leave(request.session_hash)

    with gr.Blocks(
        title=text.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(SWEEP_SECONDS, KEPT_SECONDS)
    ) as demo:
        gr.HTML(f"<h1>{text.TITLE}</h1><p>{text.TAGLINE}</p>", elem_id="masthead", apply_default_css=False)
        page = ReturningPage(visits)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(text.RESTORE_TAB):
                status, pickers = restore_tab(engine, visits, page)
            with gr.Tab(text.BATCH_TAB):
                pickers.append(batch_tab(engine, visits, page))
            with gr.Tab(text.CHECKPOINTS_TAB) as tab:
                checkpoints_tab(demo, tab, engine, visits, page, status, pickers)
            with gr.Tab(text.ABOUT_TAB):
                about_tab()
        demo.unload(leave)

        gr.api(restore_endpoint(engine), api_name="restore", **API)
        gr.api(score_endpoint(engine), api_name="score", **API)
        gr.api(checkpoints_endpoint(engine), api_name="checkpoints")
        describe(demo, engine.settings.max_megapixels, engine.settings.max_upload_bytes)
    keep_sweeping(demo)
    return demo.queue(max_size=QUEUE_LENGTH, api_open=False)

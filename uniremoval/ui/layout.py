"""The page: controls on the left, the comparison on the right; on a phone one below the other."""

from __future__ import annotations

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.api import checkpoints_endpoint, restore_endpoint, score_endpoint
from uniremoval.ui.compare import viewer
from uniremoval.ui.downloads import Downloads, courier
from uniremoval.ui.engine import Engine
from uniremoval.ui.examples import examples, gallery
from uniremoval.ui.handlers import Handlers
from uniremoval.ui.references import References
from uniremoval.ui.status import status_line
from uniremoval.ui.upload import photo_field

HEAVY = {"concurrency_id": "heavy", "concurrency_limit": 1}
"""All listeners that decode, restore or score: one at a time on this server."""
QUEUE_LENGTH = 32
SWEEP_SECONDS, KEPT_SECONDS = 300, 3600


def build(engine: Engine) -> gr.Blocks:
    """The whole app: page, listeners and API endpoints."""
    shown = examples()
    handlers = Handlers(engine, shown)
    downloads = Downloads(engine, handlers.visits)
    references = References(engine, handlers.visits)
    with gr.Blocks(
        title=text.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(SWEEP_SECONDS, KEPT_SECONDS)
    ) as demo:
        gr.HTML(f"<h1>{text.TITLE}</h1><p>{text.TAGLINE}</p>", elem_id="masthead", apply_default_css=False)
        with gr.Row(elem_id="page", equal_height=False):
            with gr.Column(scale=0, min_width=330, elem_id="controls"):
                upload = photo_field(engine.settings.max_megapixels, engine.settings.max_upload_bytes)
                gr.HTML(f"<p>{text.EXAMPLES}</p>", elem_classes="caption", apply_default_css=False)
                chosen = gallery(shown)
                with gr.Column(elem_id="checkpoints", min_width=0):
                    pickers = [
                        gr.CheckboxGroup([], label=title, info=info, elem_id=f"pick-{stage}")
                        for stage, (title, info) in text.STAGES.items()
                    ]
                with gr.Accordion(text.REFERENCE_FIELD, open=False, elem_id="reference"):
                    gr.HTML(f"<p>{text.REFERENCE_HELP}</p>", elem_classes="caption", apply_default_css=False)
                    with gr.Row():
                        reference = gr.UploadButton(text.REFERENCE_UPLOAD, size="sm", scale=2, elem_id="reference-file")
                        no_reference = gr.Button(text.REFERENCE_REMOVE, size="sm", scale=1, min_width=70)
                with gr.Row(elem_id="run"):
                    restore = gr.Button("Restore", variant="primary", scale=2, min_width=120, elem_id="restore")
                    cancel = gr.Button("Cancel", interactive=False, scale=1, min_width=80, elem_id="cancel")
            with gr.Column(scale=1, min_width=0, elem_id="stage"):
                status = status_line()
                view = viewer()
                courier_of_downloads = courier()
                gr.HTML(
                    f"<p>{text.SCORES_HELP.format(limit=text.SCORE_MEGAPIXELS)}</p>",
                    elem_id="scores-help",
                    apply_default_css=False,
                )

        quiet = {"api_visibility": "private", "show_progress": "hidden"}
        at_once = {**quiet, "queue": False}
        heavy = {**quiet, **HEAVY}
        demo.load(handlers.fill_pickers, None, [*pickers, status], **at_once)
        demo.unload(handlers.leave)
        for opening in (
            upload.upload(handlers.announce_photo, None, status, **at_once).then(
                handlers.open_upload, upload, [status, view], preprocess=False, **heavy
            ),
            chosen.select(handlers.announce_photo, None, status, **at_once).then(
                handlers.open_example, chosen, [status, view], **heavy
            ),
        ):
            opening.failure(handlers.fail, None, [status, restore, cancel], **at_once)
        reference.upload(references.open, reference, [status, view], preprocess=False, **heavy).failure(
            handlers.fail, None, [status, restore, cancel], **at_once
        )
        courier_of_downloads.select(downloads.announce, None, status, **at_once)
        courier_of_downloads.select(  # no chain: only the first listener of one is told what was asked for
            downloads.fetch, None, [status, courier_of_downloads], **heavy
        ).failure(handlers.fail, None, [status, restore, cancel], **at_once)
        no_reference.click(references.remove, None, [status, view], **heavy)
        running = restore.click(handlers.start, None, [status, restore, cancel], **at_once).then(
            handlers.restoring.restore_chosen, pickers, [status, view], **heavy
        )
        running.failure(handlers.fail, None, [status, restore, cancel], **at_once)
        running.then(handlers.finish, None, [restore, cancel], **at_once)
        cancel.click(handlers.cancel, None, status, **at_once)

        gr.api(restore_endpoint(engine), api_name="restore", **HEAVY)
        gr.api(score_endpoint(engine), api_name="score", **HEAVY)
        gr.api(checkpoints_endpoint(engine), api_name="checkpoints")
    return demo.queue(max_size=QUEUE_LENGTH)

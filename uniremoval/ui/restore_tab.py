"""The Restore tab: controls on the left, the comparison on the right; on a phone one below the other."""

from __future__ import annotations

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.compare import viewer
from uniremoval.ui.downloads import Downloads, courier
from uniremoval.ui.engine import Engine
from uniremoval.ui.examples import examples, gallery
from uniremoval.ui.handlers import Handlers
from uniremoval.ui.history import History, history_strip
from uniremoval.ui.queues import AT_ONCE, HEAVY_QUIET, RESTORE
from uniremoval.ui.references import References
from uniremoval.ui.status import status_line
from uniremoval.ui.upload import photo_field
from uniremoval.ui.view_scoring import ViewScoring
from uniremoval.ui.visits import Visits


def restore_tab(demo: gr.Blocks, engine: Engine, visits: Visits) -> list[gr.CheckboxGroup]:
    """Components and listeners. The pickers, one a stage, for who changes what they offer."""
    shown = examples()
    handlers = Handlers(engine, visits, shown)
    downloads = Downloads(engine, visits)
    history = History(engine, visits)
    references = References(engine, visits)
    view_scoring = ViewScoring(engine, visits)
    with gr.Row(elem_id="page", elem_classes="two-columns", equal_height=False):
        with gr.Column(scale=0, min_width=330, elem_id="controls", elem_classes="left-column"):
            upload = photo_field(engine.settings.max_megapixels, engine.settings.max_upload_bytes)
            gr.HTML(f"<p>{text.EXAMPLES}</p>", elem_classes="caption", apply_default_css=False)
            chosen = gallery(shown)
            with gr.Column(elem_id="checkpoints", elem_classes="pick-stages", min_width=0):
                pickers = [
                    gr.CheckboxGroup([], label=title, info=info, elem_id=f"pick-{stage}")
                    for stage, (title, info) in text.STAGES.items()
                ]
            with gr.Accordion(text.REFERENCE_FIELD, open=False, elem_id="reference"):
                gr.HTML(f"<p>{text.REFERENCE_HELP}</p>", elem_classes="caption", apply_default_css=False)
                with gr.Row():
                    reference = gr.UploadButton(text.REFERENCE_UPLOAD, size="sm", scale=2, elem_id="reference-file")
                    no_reference = gr.Button(text.REFERENCE_REMOVE, size="sm", scale=1, min_width=70)
            with gr.Accordion(text.ADVANCED, open=False, elem_id="advanced"):
                ensemble = gr.Checkbox(label=text.ENSEMBLE, info=text.ENSEMBLE_HELP, elem_id="ensemble")
            with gr.Row(elem_id="run", elem_classes="run-buttons"):
                restore = gr.Button("Restore", variant="primary", scale=2, min_width=120, elem_id="restore")
                cancel = gr.Button("Cancel", interactive=False, scale=1, min_width=80, elem_id="cancel")
        with gr.Column(scale=1, min_width=0, elem_id="stage", elem_classes="right-column"):
            status = status_line()
            view = viewer()
            strip = history_strip()
            parcels = courier("courier", "uniremoval-download")
            gr.HTML(
                f"<p>{text.SCORES_HELP.format(limit=text.SCORE_MEGAPIXELS)}</p>",
                elem_id="scores-help",
                apply_default_css=False,
            )

    buttons = [status, restore, cancel]
    demo.load(handlers.fill_pickers, None, [*pickers, status], **AT_ONCE)
    opening_upload = upload.upload(handlers.announce_photo, None, status, **AT_ONCE).then(
        handlers.open_upload, upload, [status, view], preprocess=False, **HEAVY_QUIET
    )
    opening_example = chosen.select(handlers.announce_photo, None, status, **AT_ONCE).then(
        handlers.open_example, chosen, [status, view], **HEAVY_QUIET
    )
    opening_reference = reference.upload(references.open, reference, [status, view], preprocess=False, **HEAVY_QUIET)
    no_reference.click(references.remove, None, [status, view], **HEAVY_QUIET)
    parcels.select(downloads.announce, None, status, **AT_ONCE)
    # Not chained to the line above: only the first listener of a chain is told what was asked for.
    fetching = parcels.select(downloads.fetch, None, [status, parcels], **HEAVY_QUIET)
    view.select(view_scoring.announce, None, status, **AT_ONCE)
    scoring = view.select(view_scoring.score_view, None, [status, view], **HEAVY_QUIET)
    running = restore.click(handlers.start, None, buttons, **AT_ONCE).then(
        handlers.restoring.restore_chosen, [*pickers, ensemble], [status, view], **RESTORE
    )
    strip.select(history.announce, None, status, **AT_ONCE)
    recalling = strip.select(history.recall, None, [status, view, strip], **HEAVY_QUIET)
    for event in (opening_upload, opening_example, running):
        event.then(history.shown, None, strip, **HEAVY_QUIET)
    running.then(handlers.finish, None, [restore, cancel], **AT_ONCE)
    cancel.click(handlers.cancel, None, status, **AT_ONCE)
    for event in (opening_upload, opening_example, opening_reference, fetching, scoring, recalling, running):
        event.failure(handlers.fail, None, buttons, **AT_ONCE)
    return pickers

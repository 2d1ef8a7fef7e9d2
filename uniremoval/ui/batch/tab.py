"""The Batch tab: many photos, one table, one ZIP."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from uniremoval.quality import WITHOUT_REFERENCE
from uniremoval.ui import text
from uniremoval.ui.batch.run import Batching
from uniremoval.ui.parts.component import component
from uniremoval.ui.parts.courier import courier
from uniremoval.ui.parts.status import status_line
from uniremoval.ui.queues import AT_ONCE, BATCH, PACK
from uniremoval.ui.visit.returning import ReturningPage
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.export import FORMATS


def batch_tab(engine: Engine, visits: Visits, page: ReturningPage) -> gr.CheckboxGroup:
    """Components and listeners. The picker, for who changes what it offers."""
    batching = Batching(engine, visits)
    with gr.Row(elem_id="batch-page", elem_classes="two-columns", equal_height=False):
        with gr.Column(scale=0, min_width=330, elem_classes="left-column"):
            with gr.Column(elem_classes="photo-drop", elem_id="batch-photos", min_width=0):
                photos = gr.UploadButton(text.BATCH_UPLOAD, file_count="multiple", size="md")
                gr.HTML(
                    f"<p>{text.BATCH_HINT.format(limit=engine.settings.limits.batch_photos)}</p>",
                    elem_classes="caption",
                    apply_default_css=False,
                )
            with gr.Column(elem_classes="pick-stages", min_width=0):
                picker = gr.CheckboxGroup(
                    [], label=text.BATCH_PICKER, info=text.BATCH_PICKER_HELP, elem_id="batch-pick"
                )
            with gr.Accordion(text.ADVANCED, open=False, elem_id="batch-advanced"):
                format = gr.Radio(list(FORMATS), value="PNG", label=text.BATCH_FORMAT, elem_id="batch-format")
                percent = gr.Slider(0, 100, 100, step=5, label=text.BATCH_STRENGTH, elem_id="batch-strength")
            with gr.Row(elem_classes="run-buttons"):
                run = gr.Button(text.BATCH_RUN, variant="primary", scale=2, min_width=120, elem_id="batch-run")
                cancel = gr.Button("Cancel", interactive=False, scale=1, min_width=80, elem_id="batch-cancel")
        with gr.Column(scale=1, min_width=0, elem_classes="right-column"):
            status = status_line("batch-status")
            table = component(
                Path(__file__).parent,
                "batch",
                ("dom.js", "batch.js"),
                value={"rows": []},
                empty=text.BATCH_EMPTY,
                restore=text.RESTORE_TAB,
                metrics={key: metric.label for key, metric in WITHOUT_REFERENCE.items()},
                elem_id="batch",
            )
            parcels = courier("batch-courier", "uniremoval-batch")

    buttons = [status, run, cancel, photos]
    choosing = photos.upload(batching.choose, photos, [status, table], preprocess=False, **AT_ONCE)
    running = run.click(batching.start, None, buttons, **AT_ONCE).then(
        batching.run, [picker, format, percent], [status, table], **BATCH
    )
    running.then(batching.finish, None, buttons[1:], **AT_ONCE)
    cancel.click(batching.cancel, None, None, **AT_ONCE)
    choosing.then(page.remember, None, page.component, **AT_ONCE)
    page.taken_over.then(batching.come_back, None, [status, table], **AT_ONCE)
    fetching = parcels.select(batching.fetch, None, [status, parcels], **PACK)
    for event in (choosing, running, fetching):
        event.failure(batching.fail, None, buttons, **AT_ONCE)
    return picker

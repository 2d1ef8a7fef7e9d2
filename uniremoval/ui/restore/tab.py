"""The Restore tab: controls on the left, the comparison on the right; on a phone one below the other."""

from __future__ import annotations

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.parts.courier import courier
from uniremoval.ui.parts.photo_field import photo_field
from uniremoval.ui.parts.status import status_line
from uniremoval.ui.queues import AT_ONCE, HEAVY_QUIET, OPEN, RESTORE, WRITE
from uniremoval.ui.restore.downloads import Downloads
from uniremoval.ui.restore.examples import examples, gallery
from uniremoval.ui.restore.from_batch import FromBatch
from uniremoval.ui.restore.history import History, history_strip
from uniremoval.ui.restore.more_scores import MoreScoring, extras_picker
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.restore.reference import References
from uniremoval.ui.restore.score_strength import StrengthScoring
from uniremoval.ui.restore.score_view import ViewScoring
from uniremoval.ui.viewer.component import viewer
from uniremoval.ui.visit.returning import ReturningPage
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine


def restore_tab(engine: Engine, visits: Visits, page: ReturningPage) -> tuple[gr.HTML, list[gr.CheckboxGroup]]:
    """Components and listeners. The status line and the pickers, one per stage, for who changes what they offer."""
    shown = examples()
    handlers = Handlers(engine, visits, shown)
    downloads = Downloads(engine, visits)
    history = History(engine, visits)
    references = References(engine, visits)
    view_scoring = ViewScoring(engine, visits)
    strength_scoring = StrengthScoring(engine, visits)
    more_scoring = MoreScoring(engine, visits)
    from_batch = FromBatch(engine, visits)
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
                with gr.Column(elem_classes="pick-stages", min_width=0):
                    extras = extras_picker()
            with gr.Row(elem_id="run", elem_classes="run-buttons"):
                restore = gr.Button(text.COMPARE, variant="primary", scale=2, min_width=120, elem_id="restore")
                cancel = gr.Button("Cancel", interactive=False, scale=1, min_width=80, elem_id="cancel")
        with gr.Column(scale=1, min_width=0, elem_id="stage", elem_classes="right-column"):
            status = status_line()
            view = viewer()
            strip = history_strip()
            parcels = courier("courier", "uniremoval-download")
            weaker = courier("weaker", "uniremoval-strength")
            closer = courier("closer", "uniremoval-looking")
            chosen_in_batch = courier("from-batch", "uniremoval-look")
            gr.HTML(
                f"<p>{text.SCORES_HELP.format(limit=text.SCORE_MEGAPIXELS)}</p>",
                elem_id="scores-help",
                apply_default_css=False,
            )

    buttons = [status, restore, cancel]
    opening_upload = upload.upload(handlers.announce_photo, upload, buttons, preprocess=False, **AT_ONCE).then(
        handlers.open_upload, upload, [status, view], preprocess=False, **OPEN
    )
    opening_example = chosen.select(handlers.announce_photo, chosen, buttons, **AT_ONCE).then(
        handlers.open_example, chosen, [status, view], **OPEN
    )
    for opening in (opening_upload, opening_example):
        opening.then(handlers.offer, None, restore, **AT_ONCE)
    first_results = [
        opening.then(handlers.restoring.restore_recommended, None, [status, view], **RESTORE)
        for opening in (opening_upload, opening_example)
    ]
    opening_reference = reference.upload(references.open, reference, [status, view], preprocess=False, **HEAVY_QUIET)
    no_reference.click(references.remove, None, [status, view], **HEAVY_QUIET)
    parcels.select(downloads.announce, None, status, **AT_ONCE)
    # Not chained to the line above: only the first listener of a chain is told what was asked for.
    fetching = parcels.select(downloads.fetch, None, [status, parcels], **HEAVY_QUIET)
    view.select(view_scoring.announce, None, status, **AT_ONCE)
    scoring = view.select(view_scoring.score_view, None, [status, view], **HEAVY_QUIET)
    closer.select(handlers.look, None, None, **AT_ONCE)
    weaker.select(strength_scoring.announce, None, status, **AT_ONCE)
    scoring_strength = weaker.select(strength_scoring.score_outputs, None, [status, view], **OPEN)
    running = restore.click(handlers.start, None, buttons, **AT_ONCE).then(
        handlers.restoring.restore_chosen, [ensemble, *pickers], [status, view], **RESTORE
    )
    strip.select(history.announce, None, status, **AT_ONCE)
    recalling = strip.select(history.recall, None, [status, view, strip], **HEAVY_QUIET)
    chosen_in_batch.select(from_batch.announce, None, status, **AT_ONCE)
    looking = chosen_in_batch.select(from_batch.open, None, [status, view], **OPEN)
    for opening in (opening_upload, opening_example, looking):
        opening.then(page.remember, None, page.component, **AT_ONCE)
    back = page.taken_over.then(handlers.come_back, None, [status, view], **AT_ONCE)
    showing_whole = [
        opening.then(handlers.show_whole, None, [status, view], **WRITE)
        for opening in (opening_upload, opening_example, back)
    ]
    for event in (opening_upload, opening_example, *first_results, running, back, looking):
        event.then(history.shown, None, strip, **HEAVY_QUIET)
    for event in (*first_results, running, recalling, looking):
        event.then(handlers.finish, None, [restore, cancel], **AT_ONCE)
    ticking = extras.input(more_scoring.choose, extras, [status, view], **OPEN)
    for event in (*first_results, running, recalling, looking, opening_reference):
        event.then(more_scoring.complete, None, [status, view], **OPEN)
    cancel.click(handlers.cancel, None, None, **AT_ONCE)
    restoring = (opening_upload, opening_example, *showing_whole, *first_results, running)
    for event in (*restoring, opening_reference, fetching, scoring, scoring_strength, recalling, looking, ticking):
        event.failure(handlers.fail, None, buttons, **AT_ONCE)
    return status, pickers

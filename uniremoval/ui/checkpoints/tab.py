"""The Checkpoints tab: a place to add some, the table of all, and how the shipped ones were trained and measured."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.checkpoints.add import Adding
from uniremoval.ui.checkpoints.cards import cards_table
from uniremoval.ui.checkpoints.results import FOLDER, results_section
from uniremoval.ui.parts.status import status_line
from uniremoval.ui.queues import ADDING, AT_ONCE
from uniremoval.ui.visit.returning import ASK, ReturningPage
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine


def checkpoints_tab(
    demo: gr.Blocks,
    tab: gr.Tab,
    engine: Engine,
    visits: Visits,
    page: ReturningPage,
    first_status: gr.HTML,
    pickers: list[gr.CheckboxGroup],
    results: Path = FOLDER,
) -> None:
    """Components and listeners. first_status: of the tab that is open first. pickers: those of the other tabs, in the
    order of their stages, the batch's last."""
    adding = Adding(engine, visits)
    with gr.Row(elem_id="add", equal_height=False):
        with gr.Column(scale=2, min_width=280):
            _heading(text.ADD_HUB, text.ADD_HUB_HELP)
            with gr.Row(elem_classes="add-row"):
                wish = gr.Textbox(
                    label=text.ADD_HUB, placeholder=text.ADD_HUB_EXAMPLE, max_lines=1, show_label=False,
                    container=False, scale=1, min_width=160, elem_id="add-id",
                )  # fmt: skip
                fetch = gr.Button(text.ADD, size="md", scale=0, min_width=80, elem_id="add-hub")
        with gr.Column(scale=1, min_width=240, elem_id="add-file"):
            _heading(text.ADD_FILE, text.ADD_FILE_HELP.format(limit=engine.settings.limits.checkpoint_bytes / 1e6))
            file = gr.UploadButton(text.ADD_FILE_BUTTON, size="md", file_types=[".safetensors"])
    status = status_line("cards-status")
    table = cards_table()
    remove = gr.Button(text.REMOVE_ADDED, size="sm", visible=False, elem_id="remove-added")
    results_section(results)

    changed = [status, table, remove, *pickers]
    demo.load(adding.fill, None, [first_status, *pickers], **AT_ONCE).then(None, js=ASK)
    page.taken_over.then(adding.come_back, pickers, changed, **AT_ONCE)
    tab.select(adding.shown, None, table, **AT_ONCE)
    for event in (fetch.click, wish.submit):
        asked = event(adding.announce, None, status, **AT_ONCE).then(
            adding.add_repository, [wish, *pickers], changed, **ADDING
        )
        asked.failure(adding.fail, None, status, **AT_ONCE)
        asked.then(page.remember, None, page.component, **AT_ONCE)
    uploading = file.upload(adding.announce, None, status, **AT_ONCE).then(
        adding.add_file, [file, *pickers], changed, preprocess=False, **ADDING
    )
    uploading.failure(adding.fail, None, status, **AT_ONCE)
    uploading.then(page.remember, None, page.component, **AT_ONCE)
    remove.click(adding.remove, pickers, changed, **AT_ONCE)


def _heading(words: str, help_words: str) -> None:
    gr.HTML(f"<p>{words}</p><small>{help_words}</small>", elem_classes="add-heading", apply_default_css=False)

"""The choices of the pickers: the catalog's checkpoints, and those that the visitor has added."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import gradio as gr

from uniremoval.ui import text

if TYPE_CHECKING:
    from uniremoval.catalog import Entry

Update = dict[str, Any]


def by_stage(entries: list[Entry], ticked: Collection[str] | None = None) -> list[Update]:
    """For the Restore tab, one picker per stage. ticked: names; None ticks all but other projects' networks, which are
    slow."""
    updates = []
    for stage in text.STAGES:
        cards = sorted((entry.card for entry in entries if entry.card.stage == stage), key=text.picker_order)
        choices = [(text.choice_of(card), card.name) for card in cards]
        value = [name for _, name in choices if (stage != "other" if ticked is None else name in ticked)]
        updates.append(gr.update(choices=choices, value=value, visible=bool(choices)))
    return updates


def in_one(entries: list[Entry], ticked: Collection[str] | None = None) -> Update:
    """For the Batch tab. ticked: names; None ticks the recommended one."""
    names = [entry.name for entry in entries]
    if ticked is None:
        ticked = [recommended(entries)] if entries else []
    value = [name for name in names if name in ticked]
    return gr.update(choices=[(text.title_of(entry.card), entry.name) for entry in entries], value=value)


def recommended(entries: Iterable[Entry]) -> str:
    """The name of the checkpoint to try first: the last of the method's last stage that there is."""
    offered = list(entries)
    return ([entry for entry in offered if entry.card.stage != "other"] or offered)[-1].name

"""The table of the Checkpoints tab: every card as a row, and what is wrong with other files."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.quality import BY_REFERENCE, WITHOUT_REFERENCE
from uniremoval.ui import text
from uniremoval.ui.parts.component import component
from uniremoval.ui.work.engine import Engine

if TYPE_CHECKING:
    from uniremoval.catalog import Entry

COLUMNS = ("Checkpoint", "Removes", "Training", "Data", "Parents", "Measured", "File")
DATA_OPTIONS = {"clean": "clear photos", "real": "real degraded photos", "pairs": "ready pairs"}
LONGEST, LARGEST = 300, 1e15


def cards_table() -> gr.HTML:
    """Its value is what `cards_html` returns."""
    return component(Path(__file__).parent, "cards", value="", elem_id="cards")


def cards_html(engine: Engine) -> str:
    """What cards say comes from files and is shown as text; what is said of bad files leaves out where they lie."""
    try:
        catalog = engine.catalog()
        entries, problems = catalog.entries(), catalog.problems
    except UniremovalError as problem:
        entries, problems = [], [str(problem)]
    heads = "".join(f"<th scope=col>{head}</th>" for head in COLUMNS)
    rows = "".join(map(row, entries)) or f"<tr><td>{text.NO_CHECKPOINTS}</td></tr>"
    parts = [f"<div class=cards><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"]
    if problems:
        listed = "".join(f"<li>{_shown(engine.told(sentence))}</li>" for sentence in problems)
        parts.append(f"<div class=problems><h3>{text.UNUSABLE}</h3><ul>{listed}</ul></div>")
    return "".join(parts) + "</div>"


def row(entry: Entry) -> str:
    card = entry.card
    source = text.SOURCES.get(entry.source, entry.source)
    cells = (
        f"<strong>{_shown(card.name)}</strong><small>{text.STAGES[card.stage][1]}</small>",
        ", ".join(card.degradations) or text.AS_TRAINED.format(network=_shown(card.network)),
        _training(card.training),
        _data(card.training.get("options")),
        _parents(card.training.get("parents")),
        _measured([score for score in card.scores if isinstance(score, dict)]),
        f"{entry.size / 1e6:.1f} MB, {source}<small>licence {_shown(card.licence)}</small>",
    )
    labelled = (f'<td data-label="{label}">{cell}</td>' for label, cell in zip(COLUMNS, cells, strict=True))
    return f"<tr>{''.join(labelled)}</tr>"


def _training(training: dict[str, Any]) -> str:
    steps, seconds, hardware = (training.get(key) for key in ("steps", "seconds", "hardware"))
    words = []
    if _is_number(seconds):
        words.append(text.duration(seconds))
    if _is_number(steps):
        words.append(f"{steps:,} steps")
    return f"{', '.join(words)}<small>{_shown(hardware or '')}</small>"


def _data(options: Any) -> str:
    if not isinstance(options, dict):
        return ""
    return "<br>".join(
        f"{what}: {_shown(', '.join(map(str, given)) if isinstance(given, list) else given)}"
        for key, what in DATA_OPTIONS.items()
        if (given := options.get(key))
    )


def _parents(parents: Any) -> str:
    named = [parent for parent in parents if isinstance(parent, dict)] if isinstance(parents, list) else []
    return "".join(
        f"<div>{_shown(parent.get('name', ''))}<small>{_shown(parent.get('role') or '')}</small></div>"
        for parent in named
    )


def _measured(scores: list[dict[str, Any]]) -> str:
    """Folded away: a line for each set, then the commands that measured them."""
    if not scores:
        return text.NOT_MEASURED
    commands = dict.fromkeys(str(score["command"]) for score in scores if score.get("command"))
    lines = [*map(_figures, scores), *(f"<code>{_shown(command)}</code>" for command in commands)]
    return f"<details><summary>{text.count(len(scores), 'set')}</summary>{'<br>'.join(lines)}</details>"


def _figures(score: dict[str, Any]) -> str:
    figures = []
    for key, metric in (BY_REFERENCE | WITHOUT_REFERENCE).items():
        if _is_number(value := score.get(key)):
            before = score.get(f"input_{key}")
            was = f" (input {text.number(before, metric.digits)})" if _is_number(before) else ""
            figures.append(f"{metric.label} {text.number(value, metric.digits)}{was}")
    return f"{_shown(score.get('set', ''))}: {', '.join(figures)}"


def _is_number(value: Any) -> TypeGuard[float]:
    """One that fits the table: neither infinite, nor NaN, nor of hundreds of digits."""
    return isinstance(value, int | float) and abs(value) < LARGEST


def _shown(value: Any) -> str:
    """As text, cut off where it is far too long."""
    words = str(value)
    return html.escape(words if len(words) <= LONGEST else words[:LONGEST] + "...")

"""The table of the Checkpoints tab: every card as a row, and what is wrong with other files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import gradio as gr
from jinja2 import Environment

from uniremoval.errors import UniremovalError
from uniremoval.quality import BY_REFERENCE, WITHOUT_REFERENCE
from uniremoval.ui import text
from uniremoval.ui.parts.component import component
from uniremoval.ui.work.engine import Engine

if TYPE_CHECKING:
    from uniremoval.catalog import Entry

TEMPLATE = Path(__file__).with_name("cards_table.html")
COLUMNS = ("Checkpoint", "Removes", "Training", "Data", "Parents", "Measured", "File")
DATA_OPTIONS = {"clean": "clear photos", "real": "real degraded photos", "pairs": "ready pairs"}
LONGEST, LARGEST = 300, 1e15


def cards_table() -> gr.HTML:
    """Its value is what `cards_html` returns."""
    return component(Path(__file__).parent, "cards", value="", elem_id="cards")


def cards_html(engine: Engine) -> str:
    """The table as HTML. Text of cards comes from files and is escaped; sentences on bad files leave out the folder."""
    try:
        catalog = engine.catalog()
        entries, problems = catalog.entries(), catalog.problems
    except UniremovalError as problem:
        entries, problems = [], [str(problem)]
    return table(entries, [engine.told(sentence) for sentence in problems])


def table(entries: Sequence[Entry], problems: Sequence[str]) -> str:
    """HTML of these checkpoints, a row each, and beneath it the sentences on unusable files."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"short": _short, "count": text.count}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        columns=COLUMNS,
        cards=[_card(entry) for entry in entries],
        problems=problems,
        unusable=text.UNUSABLE,
        none=text.NO_CHECKPOINTS,
        not_measured=text.NOT_MEASURED,
    )


def _card(entry: Entry) -> dict[str, Any]:
    """The template's values for one checkpoint."""
    card = entry.card
    options, parents = card.training.get("options"), card.training.get("parents")
    scores = [score for score in card.scores if isinstance(score, dict)]
    return {
        "name": card.name,
        "stage": text.STAGES[card.stage][1],
        "removes": ", ".join(card.degradations) or text.AS_TRAINED.format(network=card.network),
        "time": _time(card.training),
        "hardware": card.training.get("hardware") or "",
        "data": _data(options) if isinstance(options, dict) else [],
        "parents": [parent for parent in parents if isinstance(parent, dict)] if isinstance(parents, list) else [],
        "sets": [(score.get("set", ""), figures) for score in scores if (figures := _figures(score))],
        "commands": list(dict.fromkeys(str(score["command"]) for score in scores if score.get("command"))),
        "file": f"{entry.size / 1e6:.1f} MB, {text.SOURCES.get(entry.source, entry.source)}",
        "licence": card.licence,
    }


def _time(training: dict[str, Any]) -> str:
    steps, seconds = training.get("steps"), training.get("seconds")
    words = [text.duration(seconds)] if _is_number(seconds) else []
    return ", ".join([*words, f"{steps:,} steps"] if _is_number(steps) else words)


def _data(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = [(what, options[key]) for key, what in DATA_OPTIONS.items() if options.get(key)]
    return [(what, ", ".join(map(str, value if isinstance(value, list) else [value]))) for what, value in given]


def _figures(score: dict[str, Any]) -> str:
    figures = []
    for key, metric in (BY_REFERENCE | WITHOUT_REFERENCE).items():
        if _is_number(value := score.get(key)):
            before = score.get(f"input_{key}")
            was = f" (input {text.number(before, metric.digits)})" if _is_number(before) else ""
            figures.append(f"{metric.label} {text.number(value, metric.digits)}{was}")
    return ", ".join(figures)


def _is_number(value: Any) -> TypeGuard[float]:
    """One that fits the table: neither infinite, nor NaN, nor of hundreds of digits."""
    return isinstance(value, int | float) and abs(value) < LARGEST


def _short(value: Any) -> str:
    """As text, cut off where it is far too long."""
    words = str(value)
    return words if len(words) <= LONGEST else words[:LONGEST] + "..."

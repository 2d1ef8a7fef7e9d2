"""The Checkpoints tab: every card as a row of a table, what is wrong with other files, and pictures of results."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.ui import text
from uniremoval.ui.engine import Engine

if TYPE_CHECKING:
    from uniremoval.catalog import Entry

RESULTS = Path(__file__).resolve().parents[2] / "assets" / "results"
COLUMNS = ("Checkpoint", "Removes", "Training", "Data", "Parents", "Measured", "File")
DATA_OPTIONS = {"clean": "clear photos", "real": "real degraded photos", "pairs": "ready pairs"}
FIGURES = {"psnr": "PSNR", "ssim": "SSIM", "brisque": "BRISQUE", "piqe": "PIQE"}
LONGEST, LARGEST = 300, 1e15
CSS = """
.cards { font-size: 13.5px; line-height: 1.5; color: var(--body-text-color); }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-size: 12px; font-weight: 500; color: var(--body-text-color-subdued); }
th, td { padding: 10px 12px 10px 0; vertical-align: top; border-bottom: 1px solid var(--border-color-primary);
  overflow-wrap: anywhere; }
td strong { display: block; font-size: 14.5px; }
small { display: block; font-size: 12px; color: var(--body-text-color-subdued); }
details { font-size: 12px; } summary { cursor: pointer; color: var(--body-text-color-subdued); }
code { font-family: var(--font-mono); font-size: 11.5px; background: var(--background-fill-secondary);
  padding: 1px 4px; border-radius: 4px; }
.problems { margin-top: 18px; } .problems h3 { font-size: 14px; } .problems li { margin: 4px 0; }
@media (max-width: 900px) {
  thead { display: none; } tr, td { display: block; } tr { padding: 10px 0;
    border-bottom: 1px solid var(--border-color-primary); }
  td { border: 0; padding: 2px 0; } td[data-label]:not(:first-child)::before { content: attr(data-label) ": ";
    color: var(--body-text-color-subdued); }
  td small { display: inline; margin-left: 6px; } td:empty { display: none; }
}
"""


def checkpoints_tab(engine: Engine, results: Path = RESULTS) -> tuple[gr.HTML, Callable[[], str]]:
    """The table, and the function that fills it."""
    table = gr.HTML("", css_template=CSS, apply_default_css=False, elem_id="cards")
    pictures = sorted(results.glob("*.png"))
    if pictures:
        gr.HTML(f"<h3>{text.RESULTS}</h3>", apply_default_css=False)
    for picture in pictures:
        gr.Image(
            str(picture), label=picture.stem.replace("-", " ").replace("_", " "), format="png", interactive=False,
            elem_classes="result",
        )  # fmt: skip
    return table, lambda: cards_html(engine)


def cards_html(engine: Engine) -> str:
    """What cards say comes from files and is shown as text; what is said of bad files leaves out where they lie."""
    try:
        catalog = engine.catalog()
        entries, problems = catalog.entries(), catalog.problems
        folders = [str(folder) for folder in catalog.folders]
    except UniremovalError as problem:
        entries, problems, folders = [], [str(problem)], [str(engine.settings.checkpoints)]
    heads = "".join(f"<th scope=col>{head}</th>" for head in COLUMNS)
    rows = "".join(map(row, entries)) or f"<tr><td>{text.NO_CHECKPOINTS}</td></tr>"
    parts = [f"<div class=cards><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"]
    if problems:
        listed = "".join(f"<li>{_shown(without_folders(sentence, folders))}</li>" for sentence in problems)
        parts.append(f"<div class=problems><h3>{text.UNUSABLE}</h3><ul>{listed}</ul></div>")
    return "".join(parts) + "</div>"


def without_folders(sentence: str, folders: list[str]) -> str:
    """`sentence` with files called by their names alone."""
    for folder in folders:
        sentence = sentence.replace(f"{folder}/", "").replace(folder, Path(folder).name)
    return sentence


def row(entry: Entry) -> str:
    card = entry.card
    cells = (
        f"<strong>{_shown(card.name)}</strong><small>{text.STAGES[card.stage][1]}</small>",
        ", ".join(card.degradations),
        _training(card.training),
        _data(card.training.get("options")),
        _parents(card.training.get("parents")),
        "".join(_measured(score) for score in card.scores if isinstance(score, dict)) or text.NOT_MEASURED,
        f"{entry.size / 1e6:.1f} MB, {entry.source}<small>licence {_shown(card.licence)}</small>",
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
    return "<br>".join(
        f"{_shown(parent.get('name', ''))}<small>{_shown(parent.get('role') or '')}</small>" for parent in named
    )


def _measured(score: dict[str, Any]) -> str:
    figures = []
    for key, label in FIGURES.items():
        if _is_number(value := score.get(key)):
            digits = 3 if key == "ssim" else 2 if key == "psnr" else 1
            before = score.get(f"input_{key}")
            was = f" (input {text.number(before, digits)})" if _is_number(before) else ""
            figures.append(f"{label} {text.number(value, digits)}{was}")
    command = score.get("command")
    how = f"<details><summary>how</summary><code>{_shown(command)}</code></details>" if command else ""
    return f"{_shown(score.get('set', ''))}: {', '.join(figures)}{how}"


def _is_number(value: Any) -> bool:
    """One that fits the table: neither infinite, nor NaN, nor of hundreds of digits."""
    return isinstance(value, int | float) and abs(value) < LARGEST


def _shown(value: Any) -> str:
    """As text, cut off where it is far too long."""
    words = str(value)
    return html.escape(words if len(words) <= LONGEST else words[:LONGEST] + "...")

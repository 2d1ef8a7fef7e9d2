"""The page of a model repository: Markdown drawn from the cards of its checkpoints, and nothing but them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from train.reporting.tables import FIGURES, tables
from uniremoval.checkpoint import Card
from uniremoval.method import Stage

KNOWN_LICENCES = {"mit", "apache-2.0", "bsd-3-clause", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc0-1.0"}
MEANING = {
    Stage.TEACHER: "teacher, trained on synthetic pairs",
    Stage.TRANSFER: "student, taught by the teachers",
    Stage.ADAPTATION: "student, adapted to real photos",
}


def readme(repo: str, cards: Sequence[Card], sizes: Sequence[int]) -> str:
    """The README.md of `repo` ("owner/name"). sizes: of the checkpoint files, in bytes."""
    parts = [_front_matter(cards), f"# {repo.split('/')[1]}", _introduction(), _checkpoints(cards, sizes)]
    parts += [_usage(repo, cards), _scores(cards), _training(cards)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(cards: Sequence[Card]) -> str:
    licences = {card.licence.lower() for card in cards}
    licence = licences.pop() if len(licences) == 1 else "other"
    removed = dict.fromkeys(kind for card in cards for kind in card.degradations)
    lines = ["---", f"license: {licence if licence in KNOWN_LICENCES else 'other'}", "library_name: uniremoval"]
    lines += ["pipeline_tag: image-to-image", "tags:", "- image-restoration", *(f"- {kind.task}" for kind in removed)]
    return "\n".join([*lines, "---"])


def _introduction() -> str:
    return (
        "Checkpoints of *uniremoval*, which removes haze, rain and blur from photos: a re-implementation of\n"
        "[Uni-Removal](https://arxiv.org/abs/2307.05075). One file is one network: weights as safetensors, with a\n"
        "card inside that says how it was trained and measured. The same card lies beside it as JSON."
    )


def _checkpoints(cards: Sequence[Card], sizes: Sequence[int]) -> str:
    lines = ["## Checkpoints", "", "| file | what it is | removes | MB | licence |", "|---|---|---|---|---|"]
    for card, size in zip(cards, sizes, strict=True):
        removes = ", ".join(card.degradations)
        cells = (f"`{card.name}.safetensors`", MEANING[card.stage], removes, f"{size / 1e6:.1f}", _cell(card.licence))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _usage(repo: str, cards: Sequence[Card]) -> str:
    name = cards[-1].name
    return f"""## Usage

```bash
python -m uniremoval restore PHOTOS --hub-repo {repo} --checkpoint {name} -o restored
python app.py --hub-repo {repo}
```

```python
from uniremoval import load_restorer, save
from uniremoval.catalog import default_catalog

restorer = load_restorer("{name}", catalog=default_catalog(hub_repo="{repo}"))
save(restorer.restore("photo.jpg").photo, "restored.png")
```"""


def _scores(cards: Sequence[Card]) -> str:
    scores = [score for card in cards for score in card.scores]
    if not scores:
        return "## Scores\n\nNone have been measured yet."
    inputs: dict[str, dict[str, Any]] = {}
    for score in scores:
        before = {key: score[f"input_{key}"] for key in FIGURES if f"input_{key}" in score}
        inputs.setdefault(score["set"], {"set": score["set"], "checkpoint": "input (the degraded photos)"} | before)
    summary = [*inputs.values(), *scores]
    commands = dict.fromkeys(score["command"] for score in scores)
    measured = "\n".join(["Measured with", "", "```bash", *commands, "```"])
    return f"## Scores\n\n{tables(summary)}\n{measured}"


def _training(cards: Sequence[Card]) -> str:
    lines = ["## Training", "", "| checkpoint | steps | hours | hardware | commit |", "|---|---|---|---|---|"]
    for card in cards:
        known = card.training
        hours = f"{known['seconds'] / 3600:.1f}" if "seconds" in known else ""
        commit, changes, _ = str(known.get("git_commit", "")).partition("+changes")
        cells = (card.name, str(known.get("steps", "")), hours, str(known.get("hardware", "")), commit[:7] + changes)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(
        [*lines, "", "Every option of these runs, and the checkpoints they started from, are in the cards."]
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

"""The scores of a pane, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from uniremoval.quality import CUES, EXTRAS, METRICS, WITHOUT_REFERENCE
from uniremoval.ui.text import CUE_HELP, number

if TYPE_CHECKING:
    from uniremoval.quality import Metric, Score


class Change(TypedDict):
    """A score's difference from the input's, in words. tone: "better", "worse", "same", or "neutral" where neither is
    known."""

    change: str
    tone: str


class ScoreCell(TypedDict):
    """One score under a pane. state: "pending" as long as it is computed, "none" where there is none, for a `reason`.

    mark: "lowest" or "highest" on the best of the panes, else empty.
    cue: there, in words, where it is no score of quality but a cue of what is left to remove.
    """

    label: str
    state: Literal["pending", "none", "known"]
    reason: NotRequired[str | None]
    value: NotRequired[str]
    change: NotRequired[str]
    tone: NotRequired[str]
    mark: NotRequired[str]
    cue: NotRequired[str]


def score_cells(
    scores: dict[str, dict[str, Score]], key: str, with_reference: bool = False, extras: Iterable[str] = ()
) -> list[ScoreCell]:
    """The scores of pane `key` in words, as the viewer shows them; "input" is the pane the others are compared to.

    scores: for every pane scored so far, `quality.score`'s answer, and `quality.compare`'s with a reference. extras:
    keys of EXTRAS that are shown, too.
    """
    compared = with_reference and key != "reference"
    shown = {name: EXTRAS[name] for name in extras if compared or not EXTRAS[name].by_reference}
    metrics = (METRICS if compared else WITHOUT_REFERENCE) | shown
    cells = [_cell(name, metric, scores, key) for name, metric in metrics.items()]
    cues = {name: metric for name, metric in CUES.items() if name in scores.get(key, {}) and key != "reference"}
    return cells + [_cell(name, metric, scores, key) | {"mark": "", "cue": CUE_HELP} for name, metric in cues.items()]


def _cell(name: str, metric: Metric, scores: dict[str, dict[str, Score]], key: str) -> ScoreCell:
    score = scores.get(key, {}).get(name)
    if score is None:
        return {"label": metric.label, "state": "pending"}
    if score.value is None:
        return {"label": metric.label, "state": "none", "reason": score.reason}
    cell: ScoreCell = {"label": metric.label, "state": "known", "value": number(score.value, metric.digits)}
    rivals = _values(name, scores)
    if key not in ("input", "reference") and "input" in rivals:
        cell |= change(score.value, rivals["input"], metric.by_reference, metric.digits)
    best = (min if metric.lower_is_better else max)(rivals.values(), default=None)
    leads = key in rivals and len(rivals) > 1 and score.value == best
    cell["mark"] = ("lowest" if metric.lower_is_better else "highest") if leads else ""
    return cell


def _values(metric: str, scores: dict[str, dict[str, Score]]) -> dict[str, float]:
    """By pane; the reference takes no part in the contest."""
    found = {key: known[metric].value for key, known in scores.items() if metric in known and key != "reference"}
    return {key: value for key, value in found.items() if value is not None}


def score_lines(cells: list[ScoreCell]) -> list[str]:
    """What `score_cells` returns, as one line each: "BRISQUE 18.0, -12.0, lowest"."""
    return [
        ", ".join(
            [f"{cell['label']} {cell['value']}", *filter(None, [cell.get("change"), cell["mark"]])]
            if cell["state"] == "known"
            else [f"{cell['label']}: {cell['reason']}"]
        )
        for cell in cells
        if cell["state"] != "pending"
    ]


def change(value: float, before: float, known: bool, digits: int = 1) -> Change:
    """The difference of the two numbers as shown, and where the truth is `known` (by a reference, higher is better)
    also whether it is for the better: naturalness says nothing of haze, rain or blur."""
    difference = round(round(value, digits) - round(before, digits), digits)
    if difference == 0:
        return {"change": "no change", "tone": "same"}
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    shown = f"{sign}{abs(difference):.{digits}f}"
    if not known:
        return {"change": shown, "tone": "neutral"}
    tone = "better" if difference > 0 else "worse"
    return {"change": f"{shown} {tone}", "tone": tone}

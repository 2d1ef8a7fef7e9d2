"""The words of the page, and numbers put into words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uniremoval.checkpoint import Card
    from uniremoval.quality import Score

TITLE = "uniremoval"
TAGLINE = "Haze, rain and blur out of your photos: specialist teachers and one student for all three, side by side."
UPLOAD = "Choose a photo"
UPLOAD_HINT = "or drop it anywhere on this page, or paste it"
UPLOAD_FORMATS = "JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF, up to {megapixels:g} megapixels"
EXAMPLES = "Or try one of these"
STAGES = {
    "teacher": ("Teachers", "one specialist for each degradation"),
    "transfer": ("Student", "one network for all, taught by the teachers"),
    "adaptation": ("Adapted student", "the student, adapted to real photos"),
}
EMPTY = "Choose a photo or one of the examples to begin."
READY = "Choose the checkpoints to compare, then press Restore."
NO_CHECKPOINTS = (
    "No checkpoints were found: train some (see Training in the README), or start the app with "
    "--checkpoints and a folder that has some, then reload this page."
)
NO_PHOTO = "There is no photo yet: choose one, or click an example."
NONE_SELECTED = "No checkpoint is selected: tick at least one teacher or student."
GONE = "The photo is no longer on the server: choose it again."
UNEXPECTED = (
    "This did not work: too many visitors are waiting, or the server failed and its log says why. Try again soon."
)
STARTING = "Starting"
QUEUED = "Waiting for another visitor's photo to be finished"
METRICS = {"brisque": "BRISQUE", "piqe": "PIQE"}
SCORE_MEGAPIXELS = 1.0
SCORES_HELP = (
    "BRISQUE and PIQE judge a photo without knowing the original: lower is better. They are computed on the "
    "photo scaled to at most {limit:g} megapixel, so a larger photo's scores hold for its reduced size. "
    "They can be fooled by noise and over-sharpening: trust your eyes first."
)


def title_of(card: Card) -> str:
    """What the pane of a checkpoint is called: "Teacher: haze", "Student", or with the name of one not shipped."""
    usual = {"transfer": "student", "adaptation": "student-adapted"}
    if card.stage == "teacher":
        title = f"Teacher: {', '.join(card.degradations)}"
        plain = len(card.degradations) == 1 and card.name == f"teacher-{card.degradations[0]}"
    else:
        title = STAGES[card.stage][0]
        plain = card.name == usual[card.stage]
    return title if plain else f"{title} ({card.name})"


def choice_of(card: Card) -> str:
    """What a checkpoint is called in its stage's picker."""
    shipped = {f"teacher-{kind}": kind.capitalize() for kind in card.degradations}
    return (shipped | {"student": "Student", "student-adapted": "Adapted student"}).get(card.name, card.name)


def picker_order(card: Card) -> tuple[int, str]:
    """Sort key: by the first of the degradations, in the method's order, then by name."""
    order = list(type(card.degradations[0]))
    return min(order.index(kind) for kind in card.degradations), card.name


def duration(seconds: float) -> str:
    """5.2 -> "5.2 s", 42.4 -> "42 s", 312 -> "5 min 12 s"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def progress(title: str, index: int, total: int, tile: int, tiles: int, seconds_left: float | None) -> str:
    """One line: which checkpoint, which tile, how long still."""
    words = [f"{title} ({index} of {total})"]
    if tiles > 1:
        words.append(f"tile {min(tile + 1, tiles)} of {tiles}")
    if seconds_left is not None and seconds_left >= 1:
        words.append(f"about {duration(round(seconds_left))} left")
    return ", ".join(words)


def summary(done: int, total: int, seconds: float, stopped: bool) -> str:
    if stopped:
        return f"Cancelled: {done} of {count(total, 'restoration')} finished."
    return f"{count(done, 'restoration')} and all scores in {duration(seconds)}."


def score_cells(scores: dict[str, dict[str, Score]], key: str) -> list[dict[str, Any]]:
    """The scores of pane `key` in words, as the viewer shows them; "input" is the pane the others are compared to.

    scores: for every pane scored so far, `quality.score`'s answer.
    """
    return [_cell(metric, label, scores, key) for metric, label in METRICS.items()]


def _cell(metric: str, label: str, scores: dict[str, dict[str, Score]], key: str) -> dict[str, Any]:
    if key not in scores:
        return {"label": label, "state": "pending"}
    score = scores[key][metric]
    if score.value is None:
        return {"label": label, "state": "none", "reason": score.reason}
    cell: dict[str, Any] = {"label": label, "state": "known", "value": number(score.value)}
    if key != "input" and "input" in scores and (before := scores["input"][metric].value) is not None:
        cell |= change(score.value, before, score.lower_is_better)
    values = _values(metric, scores.values())
    best = min(values) if score.lower_is_better else max(values)
    cell["best"] = len(values) > 1 and score.value == best
    return cell


def _values(metric: str, scores: Iterable[dict[str, Score]]) -> list[float]:
    return [value for score in scores if (value := score[metric].value) is not None]


def number(value: float) -> str:
    """One decimal, with a true minus sign."""
    return f"{value:.1f}".replace("-0.0", "0.0").replace("-", "\N{MINUS SIGN}")


def change(value: float, before: float, lower_is_better: bool) -> dict[str, str]:
    """The difference of the two numbers as shown, and whether it is for the better."""
    difference = round(round(value, 1) - round(before, 1), 1)
    if difference == 0:
        return {"change": "no change", "tone": "same"}
    tone = "better" if (difference < 0) == lower_is_better else "worse"
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    return {"change": f"{sign}{abs(difference):.1f} {tone}", "tone": tone}

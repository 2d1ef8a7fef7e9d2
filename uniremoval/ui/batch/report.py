"""A batch as one HTML page, to be kept or handed on: small pictures, scores, and links to the files beside it."""

from __future__ import annotations

import base64
from pathlib import Path
from statistics import fmean
from typing import Any

from jinja2 import Environment

from uniremoval.quality import WITHOUT_REFERENCE
from uniremoval.ui import text
from uniremoval.ui.viewer.scores import change
from uniremoval.ui.visit.batch_record import Batch, Item
from uniremoval.ui.visit.events import INPUT
from uniremoval.ui.visit.record import Record

TEMPLATE = Path(__file__).with_suffix(".html")


def report(batch: Batch) -> str:
    """Needs no other file; its links lead to the outputs, by their names, in the same folder."""
    template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        title=text.BATCH_REPORT.format(photos=text.count(len(batch.items), "photo")),
        help=text.BATCH_REPORT_HELP,
        labels=[metric.label for metric in WITHOUT_REFERENCE.values()],
        means=_means(batch),
        photos=[{"name": item.name, "problem": item.problem, "pictures": _pictures(item)} for item in batch.items],
    )


def _pictures(item: Item) -> list[dict[str, Any]]:
    if item.record is None:
        return []
    shown = [{"title": text.INPUT_TITLE, "file": "", **_shown(item, INPUT)}]
    for name, output in item.record.outputs.items():
        if name in item.thumbnails and output.done:
            shown.append({"title": output.title, "file": output.done.path.name, **_shown(item, name)})
    return shown


def _shown(item: Item, key: str) -> dict[str, Any]:
    data = base64.b64encode(item.thumbnails[key].read_bytes()).decode()
    scores = []
    for name, metric in WITHOUT_REFERENCE.items():
        if item.record and (value := _value(item.record, key, name)) is not None:
            before = None if key == INPUT else _value(item.record, INPUT, name)
            scores.append((metric.label, text.number(value, metric.digits), _change(value, before, metric.digits)))
    return {"picture": f"data:image/jpeg;base64,{data}", "scores": scores}


def _means(batch: Batch) -> list[dict[str, Any]]:
    """Over the photos of each checkpoint, where there are several."""
    done: dict[str, list[Record]] = {}
    titles = {}
    for record, name, _ in batch.done():
        done.setdefault(name, []).append(record)
        titles[name] = record.outputs[name].title
    return [
        {"title": titles[name], "photos": len(records), "scores": _mean_scores(records, name)}
        for name, records in done.items()
        if len(records) > 1
    ]


def _mean_scores(records: list[Record], key: str) -> list[tuple[str, str]]:
    """(mean, mean change) for each metric, of the photos that have it before and after."""
    found = []
    for name, metric in WITHOUT_REFERENCE.items():
        pairs = [(_value(record, INPUT, name), _value(record, key, name)) for record in records]
        both = [(before, after) for before, after in pairs if before is not None and after is not None]
        before, after = (fmean(values) for values in zip(*both, strict=True)) if both else (None, None)
        shown = "" if after is None else text.number(after, metric.digits)
        found.append((shown, _change(after, before, metric.digits)))
    return found


def _value(record: Record, key: str, metric: str) -> float | None:
    """As shown, so that means are those of the figures that are read."""
    score = record.scores.get(key, {}).get(metric)
    return None if score is None or score.value is None else round(score.value, WITHOUT_REFERENCE[metric].digits)


def _change(value: float | None, before: float | None, digits: int) -> str:
    return "" if value is None or before is None else change(value, before, known=False, digits=digits)["change"]

"""A batch: many photos, what several checkpoints made of each, and what of it the table shows."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.quality import WITHOUT_REFERENCE
from uniremoval.ui import text
from uniremoval.ui.visit.events import INPUT
from uniremoval.ui.visit.record import NAME_BYTES, Record, plain


@dataclass
class Item:
    """One photo. problem: the sentence that says why it could not be read. thumbnails: by pane, as in a Record."""

    source: Path
    name: str
    record: Record | None = None
    problem: str | None = None
    thumbnails: dict[str, Path] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """What the table shows: a row for each checkpoint, or one that says what is wrong or still to do."""
        if self.record is None:
            state = "failed" if self.problem else "waiting"
            return [_row(self.name) | {"state": state, "message": self.problem or text.WAITING}]
        rows = []
        before = self.record.scores.get(INPUT, {})
        for output in self.record.outputs.values():
            row = _row(self.name) | {"checkpoint": output.title, "state": output.state, "message": output.message}
            row["before"] = _file(self.thumbnails.get(INPUT))
            row["after"] = _file(self.thumbnails.get(output.name))
            for metric in WITHOUT_REFERENCE:
                score = self.record.scores.get(output.name, {}).get(metric)
                if score is None or score.value is None:
                    continue
                row[metric] = round(score.value, 1)
                was = before[metric].value if metric in before else None
                if was is not None:
                    row[f"{metric}_change"] = round(row[metric] - round(was, 1), 1)
            if output.done:
                row |= {"seconds": round(output.done.seconds, 1), "file": _file(output.done.path)}
                row["download"] = output.done.path.name
            rows.append(row)
        return rows


def _row(name: str) -> dict[str, Any]:
    return {"photo": name, "checkpoint": "", "before": None, "after": None, "file": None}


def _file(path: Path | None) -> dict[str, Any] | None:
    return gr.FileData(path=str(path)).model_dump() if path else None


@dataclass
class Batch:
    """folder: where outputs and thumbnails of the latest run lie; suffix and strength: what they are. stop: set to end
    the work."""

    items: list[Item]
    folder: Path | None = None
    suffix: str = ".png"
    strength: float = 1
    running: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def shown(self) -> dict[str, Any]:
        """What the table shows; item: which of the photos a row is about."""
        return {"rows": [row | {"item": index} for index, item in enumerate(self.items) for row in item.rows()]}

    def done(self) -> list[tuple[Record, str, Path]]:
        """(record, checkpoint, file) of every output there is."""
        records = [item.record for item in self.items if item.record]
        return [(r, output.name, output.done.path) for r in records for output in r.outputs.values() if output.done]

    def cancel_the_rest(self) -> None:
        """Mark all unfinished photos as cancelled."""
        for item in self.items:
            if item.record is None and item.problem is None:
                item.problem = text.CANCELLED
            if item.record:
                item.record.stop()

    def bytes(self) -> int:
        return sum(path.stat().st_size for _, _, path in self.done())


def items_of(photos: Iterable[tuple[Path, str]]) -> list[Item]:
    """One for each (path, name); a name whose outputs would be called like an earlier one's gets a number."""
    items, taken = [], set()
    for path, name in photos:
        short = plain(Path(name).stem, NAME_BYTES - 10).replace(".", "_")  # so that the number is always seen
        unique, number = name, 1
        while (called := plain(Path(unique).stem, NAME_BYTES).casefold()) in taken:
            number += 1
            unique = f"{short} ({number}){Path(name).suffix}"
        taken.add(called)
        items.append(Item(path, unique))
    return items

"""Plots of results and of training logs. matplotlib is imported only here, and only when something is drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from train.reporting.tables import FIGURES


def bar_chart(summary: Sequence[Mapping[str, Any]], figure: str, out: Path) -> None:
    """One group of bars a set, one bar a checkpoint, of one figure of `train.tables.means`. Writes an image file."""
    entries = [entry for entry in summary if entry.get(figure) is not None]
    if not entries:
        return
    sets = list(dict.fromkeys(entry["set"] for entry in entries))
    checkpoints = list(dict.fromkeys(entry["checkpoint"] for entry in entries))
    values = {(entry["set"], entry["checkpoint"]): entry[figure] for entry in entries}
    figure_, axes = _axes(1.2 + 1.6 * len(sets), 3.6)
    width = 0.8 / len(checkpoints)
    for number, checkpoint in enumerate(checkpoints):
        places = [place + (number - (len(checkpoints) - 1) / 2) * width for place in range(len(sets))]
        heights = [values.get((set_name, checkpoint), 0) for set_name in sets]
        axes.bar(places, heights, width, label=checkpoint)
    axes.set_xticks(range(len(sets)), sets)
    axes.set_title(FIGURES[figure][0], fontsize=10)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    _save(figure_, out)


def scatter(rows: Sequence[Mapping[str, Any]], across: str, up: str, out: Path) -> None:
    """One dot a photo and checkpoint: two figures of `train.evaluate`'s rows. Writes an image file."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row.get(across) is not None and row.get(up) is not None:
            points.setdefault(row["checkpoint"], []).append((row[across], row[up]))
    if not points:
        return
    figure, axes = _axes(5, 4)
    for checkpoint, pairs in points.items():
        axes.scatter(*zip(*pairs, strict=True), s=9, alpha=0.6, label=checkpoint)
    axes.set_xlabel(FIGURES[across][0])
    axes.set_ylabel(FIGURES[up][0])
    axes.legend(fontsize=7)
    _save(figure, out)


def curves(logs: Mapping[str, Path], key: str, out: Path) -> None:
    """One curve a run (name -> its log.jsonl) of one logged figure over steps. Writes an image file."""
    figure, axes = _axes(7, 3.6)
    for name, path in logs.items():
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        points = [(line["step"], line[key]) for line in lines if key in line]
        axes.plot([step for step, _ in points], [value for _, value in points], label=name)
    axes.set_xlabel("step")
    axes.set_title(key, fontsize=10)
    axes.legend(fontsize=7)
    _save(figure, out)


def _axes(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_prop_cycle(color=colormaps["tab20"](range(20)))
    axes.set_axisbelow(True)
    return figure, axes


def _save(figure: Any, out: Path) -> None:
    figure.savefig(out, dpi=110)

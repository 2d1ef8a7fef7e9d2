"""From measurements to what the repository shows: merged tables and plots, thinned training curves, README's table.

    python -m train.report --results MEASURED [MEASURED] --logs teacher-rain=runs/teacher-rain/log.jsonl ... \
        --into assets/results --readme README.md

A `peers.json` in assets/results, with what other networks were measured at, puts them beside ours in results.md.

Takes the folders that `train.evaluate` wrote (a checkpoint measured in several of them counts from the last, and of
the input every figure that was measured in any), keeps every validation and every fifth other line of the logs, and
rewrites README between `<!-- results -->` and `<!-- /results -->`. Contact sheets stay where they are: the photos on
them are not ours to publish.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from train.engine.start import command
from train.reporting.peers import beside_others
from train.reporting.plots import bar_chart
from train.reporting.tables import INPUT, tables
from uniremoval.errors import UniremovalError

PLOTTED = ("psnr", "brisque", "piqe")
START, END = "<!-- results -->", "<!-- /results -->"
EVERY = 5
INTRODUCTION = """# Results

Every checkpoint on every set, beside the degraded input. Zero-shot: trained on our own degradations of clear photos
and, in the last stage, on other real photos; on none of these, nor on the benchmarks' training sets. The number of
photos of each set and every photo's figures are in results.json and results.csv. A blank cell was not measured.

    python -m train.evaluate --checkpoint {checkpoints} \\
        --pairs {pairs} --real {real}{further} --out results

"""

Entry = dict[str, Any]


def main(argv: list[str] | None = None) -> None:
    options = _options(argv)
    options.into.mkdir(parents=True, exist_ok=True)
    summary, rows = merged(options.results)
    (options.into / "results.json").write_text(json.dumps(summary, indent=1) + "\n")
    others = _others(options.into / "peers.json")
    beside = f"\n{beside_others(summary, others)}" if others else ""
    (options.into / "results.md").write_text(introduction(summary) + tables(summary) + beside)
    with (options.into / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    for figure in PLOTTED:
        bar_chart(summary, figure, options.into / f"{figure}.png")
    for text in options.logs:
        name, _, path = text.partition("=")
        lines = _read(Path(path)).splitlines(keepends=True)
        (options.into / "curves").mkdir(exist_ok=True)
        (options.into / "curves" / f"{name}.jsonl").write_text("".join(thinned(lines)))
    if options.readme:
        write_between(options.readme, overview(summary))


def _others(path: Path) -> list[Entry]:
    return json.loads(_read(path))["networks"] if path.exists() else []


def merged(folders: Sequence[Path]) -> tuple[list[Entry], list[Entry]]:
    """Means and per-photo rows of several measurements, sets and checkpoints in the order of their appearance."""
    summary: dict[tuple[str, str], Entry] = {}
    rows: dict[tuple[str, str, str], Entry] = {}
    for folder in folders:
        for entry in json.loads(_read(folder / "results.json")):
            key = entry["set"], entry["checkpoint"]
            summary[key] = summary.get(key, {}) | entry if entry["checkpoint"] == INPUT else entry
        for row in csv.DictReader(_read(folder / "results.csv").splitlines()):
            own = row["set"], row["checkpoint"], row["file"]
            known = {name: value for name, value in row.items() if value}
            rows[own] = rows.get(own, {}) | known if row["checkpoint"] == INPUT else row
    sets, checkpoints = (list(dict.fromkeys(key[i] for key in summary)) for i in (0, 1))

    def place(key: tuple[str, ...]) -> tuple[int, int]:
        return sets.index(key[0]), checkpoints.index(key[1])

    return [summary[key] for key in sorted(summary, key=place)], [rows[key] for key in sorted(rows, key=place)]


def introduction(summary: Sequence[Entry]) -> str:
    """The tables, and the command that measured them."""
    checkpoints = list(dict.fromkeys(entry["checkpoint"] for entry in summary))[1:]
    pairs = list(dict.fromkeys(entry["set"] for entry in summary if "psnr" in entry))
    real = list(dict.fromkeys(entry["set"] for entry in summary if "brisque" in entry))
    further = " --enlarge 2 4" if any("psnr_4x" in entry for entry in summary) else ""
    further += " --even-fog" if any("unevenness" in entry for entry in summary) else ""
    return INTRODUCTION.format(
        checkpoints=" ".join(checkpoints), pairs=" ".join(pairs), real=" ".join(real), further=further
    )


def overview(summary: Sequence[Entry]) -> str:
    """One Markdown table: checkpoints down; PSNR of the pair sets and BRISQUE / PIQE of the real ones across."""
    found = {(entry["set"], entry["checkpoint"]): entry for entry in summary}
    sets = list(dict.fromkeys(entry["set"] for entry in summary if "psnr" in entry or "brisque" in entry))
    names = [name if "psnr" in found[name, INPUT] else f"real {name}" for name in sets]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for checkpoint in dict.fromkeys(entry["checkpoint"] for entry in summary):
        cells = [_cell(found.get((name, checkpoint))) for name in sets]
        lines.append(f"| {checkpoint} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def thinned(lines: Sequence[str]) -> list[str]:
    """Every validation, and every fifth of the other lines of a training log."""
    return [line for number, line in enumerate(lines) if "validation/" in line or number % EVERY == 0]


def write_between(path: Path, text: str) -> None:
    """Replace what stands between the markers in `path`. Raises UniremovalError where they are missing."""
    before, start, rest = _read(path).partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise UniremovalError(f"{path}: has no {START} ... {END}; add these two lines where the table should stand.")
    path.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}")


def _cell(entry: Entry | None) -> str:
    if entry is None:
        return ""
    if "psnr" in entry:
        return f"{entry['psnr']:.2f}"
    return f"{entry['brisque']:.1f} / {entry['piqe']:.1f}"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise UniremovalError(f"{path}: cannot be read ({error.strerror}); name what train.evaluate wrote.") from error


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", nargs="+", type=Path, required=True, metavar="DIR", help="from train.evaluate")
    parser.add_argument("--logs", nargs="+", default=[], metavar="NAME=FILE", help="training logs to keep, thinned")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="where the merged results go")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="file whose table to renew")
    return parser.parse_args(argv)


if __name__ == "__main__":
    command(main)

"""The ZIP of outputs: pictures, scores as CSV, settings as JSON."""

from __future__ import annotations

import csv
import io
import json
import platform
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniremoval import __version__
from uniremoval.errors import PhotoError
from uniremoval.photo.formats import WRITTEN
from uniremoval.quality import CUES, EXTRAS, METRICS
from uniremoval.ui.text import SCORE_MEGAPIXELS
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.record import Record
from uniremoval.ui.work.engine import Engine
from uniremoval.whole_files import whole_file

if TYPE_CHECKING:
    from uniremoval.quality import Score

FORMATS = {WRITTEN[name].words: WRITTEN[name].suffixes[0] for name in ("PNG", "JPEG", "WEBP")}
"""Of outputs, as visitors choose them."""
COLUMNS = ("photo", "checkpoint", "file", *METRICS, *CUES, *EXTRAS, "seconds", "problem")
PACKAGES = ("torch", "numpy", "pillow", "gradio", "pyiqa")


def write_zip(
    path: Path, files: Mapping[str, Path], rows: Iterable[dict[str, Any]], settings: dict[str, Any], report: str = ""
) -> None:
    """`files`, by their names in the archive, with scores.csv, settings.json and, if there is one, the report as
    report.html. Pictures are compressed already.

    The file appears whole or not at all. Raises PhotoError if the disk refuses.
    """
    try:
        with whole_file(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for name, file in files.items():
                archive.write(file, name)
            archive.writestr("scores.csv", as_csv(rows))
            archive.writestr("settings.json", json.dumps(settings, indent=2, ensure_ascii=False))
            if report:
                archive.writestr("report.html", report)
    except OSError as error:
        raise PhotoError(f"'{path.name}' cannot be packed ({error.strerror}); try again later.") from error


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    """With COLUMNS; a cell that a spreadsheet would run as a formula is made text by an apostrophe."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _harmless(value) for key, value in row.items()})
    return buffer.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def values(scores: Mapping[str, Score]) -> dict[str, float]:
    """The scores there are, rounded to four decimals."""
    return {metric: round(score.value, 4) for metric, score in scores.items() if score.value is not None}


def rows_of(record: Record) -> list[dict[str, Any]]:
    """One row for the input, the reference if there is one, and each checkpoint."""
    rows = []
    for key in (INPUT, *([REFERENCE] if record.reference else []), *record.outputs):
        photo = (record.reference if key == REFERENCE and record.reference else record.opened).name
        row = {"photo": photo, "checkpoint": key} | values(record.scores.get(key, {}))
        if output := record.outputs.get(key):
            row["problem"] = output.message
            if output.done:
                row |= {"file": output.done.path.name, "seconds": round(output.done.seconds, 3)}
        rows.append(row)
    return rows


def settings_of(record: Record, engine: Engine) -> dict[str, Any]:
    height, width = record.opened.size
    outputs: Sequence[dict[str, Any]] = [
        {
            "file": output.done.path.name,
            "checkpoint": output.name,
            "title": output.title,
            "precision": output.done.precision,
            "seconds": round(output.done.seconds, 3),
            "tiles": output.done.tiles,
            "notes": output.done.notes,
        }
        for output in record.outputs.values()
        if output.done
    ]
    return {
        "photo": {"name": record.opened.name, "width": width, "height": height},
        "reference": record.reference.name if record.reference else None,
        "outputs": outputs,
        **surroundings(engine),
    }


def surroundings(engine: Engine) -> dict[str, Any]:
    """Settings that all outputs of this server share."""
    versions = {"uniremoval": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue  # pyiqa may be left out
    return {"scores_at_most_megapixels": SCORE_MEGAPIXELS, "device": engine.device_name(), "versions": versions}

"""`uniremoval score`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

from uniremoval.commands.terminal import complain, say, say_as_it_is
from uniremoval.errors import UniremovalError
from uniremoval.photo import decode
from uniremoval.quality import EXTRAS, METRICS, WITHOUT_REFERENCE, compare, extra_scores
from uniremoval.quality import score as scores_of


def score(options: argparse.Namespace) -> int:
    """Scores photos; 0 only if every one was read and, with a reference, has its size.

    Raises UniremovalError where a score is asked for that needs a reference, and there is none.
    """
    extras = [name for name in EXTRAS if name in options.more]
    for name in extras:
        if EXTRAS[name].by_reference and not options.reference:
            raise UniremovalError(f"--more {name} needs --reference: name the clean photo to compare with.")
    reference = decode(options.reference, max_megapixels=options.max_megapixels) if options.reference else None
    names = (*(METRICS if reference else WITHOUT_REFERENCE), *extras)
    rows, failed = [], False
    for file in options.files:
        row: dict[str, Any] = {"file": str(file), **dict.fromkeys(names)}
        try:
            photo = decode(file, max_megapixels=options.max_megapixels)
            scores = scores_of(photo.on_white)
            scores |= extra_scores(extras, photo.on_white, reference.on_white if reference else None)
            if reference:
                scores |= compare(photo.on_white, reference.on_white)
                failed |= photo.size != reference.size
        except UniremovalError as error:
            complain(error)
            failed = True
            row["reason"] = str(error)
        else:
            row |= {name: scores[name].value for name in names}
            reasons = dict.fromkeys(scores[name].reason for name in names if scores[name].value is None)
            if reasons:
                row["reason"] = "; ".join(filter(None, reasons))
        rows.append(row)
    if options.json:
        failed |= not say_as_it_is(json.dumps(rows, indent=2))
    else:
        failed |= not all([say(line) for line in _table(names, rows)])
    return 1 if failed else 0


def _table(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    metrics = METRICS | EXTRAS
    yield "  ".join(f"{metrics[name].label:>8}" for name in names) + "  file"
    for row in rows:
        values = "  ".join("       -" if row[name] is None else f"{row[name]:8.3f}" for name in names)
        yield f"{values}  {row['file']}" + (f"  ({row['reason']})" if "reason" in row else "")
    by_direction: dict[str, list[str]] = {}
    for name in names:
        by_direction.setdefault(metrics[name].direction, []).append(metrics[name].label)
    yield " ".join(f"{' and '.join(labels)}: {direction}." for direction, labels in by_direction.items())

"""`uniremoval bench`."""

from __future__ import annotations

import argparse

from uniremoval.bench.report import report
from uniremoval.catalog import default_catalog
from uniremoval.commands.terminal import say_as_it_is


def bench(options: argparse.Namespace) -> int:
    """Measures speed and memory; 0 only if all of it was written."""
    written: list[bool] = []

    def write(text: str = "") -> None:
        written.append(say_as_it_is(text))

    report(
        default_catalog(options.checkpoints),
        options.checkpoint,
        options.megapixels,
        write,
    )
    return 0 if all(written) else 1

"""`uniremoval checkpoints`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from uniremoval.catalog import default_catalog
from uniremoval.commands.terminal import complain, say, say_as_it_is


def checkpoints(options: argparse.Namespace) -> int:
    """Lists the checkpoints; 0 only if every file found is one."""
    catalog = default_catalog(options.checkpoints, options.hub_repo)
    entries, problems = catalog.entries(), catalog.problems
    written = []
    if options.json:
        cards = [asdict(entry.card) | {"source": entry.source} for entry in entries]
        written.append(say_as_it_is(json.dumps(cards, indent=2)))
    else:
        for entry in entries:
            megabytes = entry.size / 1e6
            removes = ", ".join(entry.card.degradations) or entry.card.network
            line = f"{entry.name:20} {entry.card.stage:11} {removes:18} {megabytes:5.1f} MB  {entry.source}"
            written.append(say(line))
    for problem in problems:
        complain(problem)
    return 1 if problems or not all(written) else 0

"""Damaged files by the thousand: `python -m tests.fuzz decoder|checkpoint [--inputs N] [--seed S]`.

Every input is tried in a process of its own kind, with little memory and little time; only acceptance or one of the
program's own errors will do. Whatever else happens, a crash of the process included, is a finding, and the input is
kept. The same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz_targets import TARGETS, Target

SECONDS = 20.0
"""An input may take that long. Most take a millisecond; the rest is for machines that are busy."""
START_SECONDS = 180.0
MEMORY = 512 * 2**20
"""Address space that a worker may take beyond what it has once everything is imported."""


@dataclass
class Report:
    """findings: input number -> what happened."""

    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[int, str] = field(default_factory=dict)
    kept: Path | None = None

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        lines = [
            f"{self.inputs:,} inputs in {self.seconds:.0f} s: {counts}; the slowest took {self.slowest:.2f} s; "
            f"{len(self.findings)} findings"
        ]
        lines += [f"input {index}: {what.strip().splitlines()[-1]}" for index, what in self.findings.items()]
        return "\n".join(lines + ([f"They lie in {self.kept}"] if self.findings else []))


def worker(kind: type[Target], seed: int, first: int, last: int, memory: int, pipe: object) -> None:
    """Tells that it is ready; tries inputs first..last-1, telling (index, outcome, None) or (index, "finding", why)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where libtiff complains of every file
    target = kind()
    for valid in target.seeds:  # which also imports what there is to import
        target.attempt(valid)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send("ready")
    for index in range(first, last):
        data = target.make(seed, index)
        try:
            pipe.send((index, target.attempt(data), None))
        except Exception:
            pipe.send((index, "finding", traceback.format_exc()))


def fuzz(
    kind: type[Target], inputs: int, seed: int, keep: Path, seconds: float = SECONDS, memory: int = MEMORY
) -> Report:
    """Try `inputs` inputs; those that led to findings are written to `keep`."""
    report, started, following = Report(kept=keep), time.monotonic(), 0
    context = multiprocessing.get_context("spawn")
    while following < inputs:
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=worker, args=(kind, seed, following, inputs, memory, theirs))
        process.start()
        theirs.close()
        following = _watch(process, mine, report, following, inputs, seconds)
        process.join()
    report.inputs, report.seconds = inputs, time.monotonic() - started
    for index, what in report.findings.items():
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{seed}-{index}.bin").write_bytes(kind().make(seed, index))
        (keep / f"{seed}-{index}.txt").write_text(what)
    return report


def _watch(
    process: multiprocessing.context.SpawnProcess,
    pipe: multiprocessing.connection.Connection,
    report: Report,
    following: int,
    inputs: int,
    seconds: float,
) -> int:
    """Collect what the worker tells until it is done, dead or stuck. Returns the input to go on with."""
    if not pipe.poll(START_SECONDS) or pipe.recv() != "ready":
        raise RuntimeError("the worker does not start")
    while following < inputs:
        before = time.monotonic()
        try:
            if not pipe.poll(seconds):
                process.kill()
                report.outcomes["stuck"] += 1
                report.findings[following] = f"stuck for more than {seconds:g} s"
                return following + 1
            index, outcome, what = pipe.recv()
        except (EOFError, ConnectionResetError):
            process.join()
            report.outcomes["crashed"] += 1
            report.findings[following] = f"the process ended with {_meaning(process.exitcode)}"
            return following + 1
        report.outcomes[outcome] += 1
        if what:
            report.findings[index] = what
        report.slowest = max(report.slowest, time.monotonic() - before)
        following = index + 1
    return following


def _meaning(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else str(code)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("runs/fuzz"), metavar="DIR", help="for inputs found")
    chosen = parser.parse_args()
    report = fuzz(TARGETS[chosen.target], chosen.inputs, chosen.seed, chosen.keep / chosen.target)
    print(f"{chosen.target}: {report}")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())

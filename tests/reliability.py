"""Everything that tries to break the program, in one go, as a Markdown table: `python -m tests.reliability --out FILE`.

Hours at the default sizes, minutes at smaller ones; a browser and the right to mount a small disk make it complete.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from importlib.metadata import version
from pathlib import Path

from tests.fuzz import fuzz
from tests.fuzz_targets import TARGETS
from tests.load import load
from uniremoval.paths import ROOT

PACKAGES = ("pillow", "safetensors", "torch", "gradio", "huggingface-hub")
FAULTS = {
    "Checkpoints cut at every hundredth of their length and flipped at every byte of their header; full disks; "
    "no memory": ["core/test_faults.py", "core/test_restore_memory.py"],
    "A Hub that stalls, cuts off, fails, or serves other bytes": ["hub/test_hub_faults.py"],
    "Attacks over HTTP: paths, addresses, sizes, bombs, names": ["attack/test_security.py"],
    "Scripts in file names, EXIF and colour profiles, in a browser": ["attack/test_app_hostile.py"],
    "Hostile photos and checkpoints, pickles": ["photo/test_photo_refused.py", "core/test_checkpoint.py"],
}
Row = tuple[str, str, str, bool]


def fuzzed(name: str, inputs: int, seed: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        report = fuzz(TARGETS[name], inputs, seed, Path(folder))
    told = (
        f"{report.outcomes['accepted']:,} accepted, {report.outcomes['refused']:,} refused in one sentence, "
        f"{len(report.findings)} crashes, hangs or other errors; slowest {report.slowest:.1f} s"
    )
    if report.findings:
        print(report, file=sys.stderr)
    return f"Damaged files: {name}", f"{inputs:,} inputs, seed {seed}", told, not report.findings


def loaded(clients: int, minutes: float) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        report = load(clients, 60 * minutes, Path(folder))
    for problem in report.problems:
        print(problem, file=sys.stderr)
    head, _, told = str(report).partition(": ")
    return "Load", head, told, not report.problems


def ran(what: str, files: list[str], *options: str, **environment: str) -> Row:
    """Those test files' slow tests included."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={result}", *options]
        command += [f"tests/{name}" for name in files]
        subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=sys.stderr, check=False)
        suite = ElementTree.parse(result).getroot().find("testsuite")
        counts = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    bad = counts["failures"] + counts["errors"]
    passed = counts["tests"] - bad - counts["skipped"]
    told = f"{passed} passed, {bad} failed, {counts['skipped']} skipped"
    return what, ", ".join(f"`tests/{name}`" for name in files), told, passed > 0 and bad == 0


def killed(times: int) -> Row:
    row = ran("", ["train/test_training.py"], "-k", "killed_again", UNIREMOVAL_KILLS=str(times))
    told = "final weights and log equal to the uninterrupted run's" if row[3] else row[2]
    return "Training killed and resumed", f"{times} times SIGKILL", told, row[3]


def table(rows: list[Row], command: str, seconds: float) -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    lines = [
        "# Reliability",
        "",
        f"`{command}` on {os.cpu_count()} CPU cores and {memory:.0f} GiB, in {seconds / 60:.0f} minutes; "
        f"Python {platform.python_version()}, {versions}.",
        "",
        "| what | how much | outcome | held |",
        "|---|---|---|---|",
    ]
    lines += [f"| {what} | {much} | {told} | {'yes' if held else '**no**'} |" for what, much, told, held in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000, help="damaged photos, and damaged checkpoints (100000)")
    parser.add_argument("--checkpoints", type=int, help="another number for the damaged checkpoints")
    parser.add_argument("--clients", type=int, nargs="+", default=[8, 32], help="clients of each load test (8 32)")
    parser.add_argument("--minutes", type=float, default=5.0, help="length of each load test (5)")
    parser.add_argument("--kills", type=int, default=20, help="times that training is killed (20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="Markdown file to write besides")
    chosen = parser.parse_args()
    started = time.monotonic()
    rows = [
        fuzzed("decoder", chosen.inputs, chosen.seed),
        fuzzed("checkpoint", chosen.checkpoints or chosen.inputs, chosen.seed),
        *(loaded(clients, chosen.minutes) for clients in chosen.clients),
        killed(chosen.kills),
        *(ran(what, files) for what, files in FAULTS.items()),
    ]
    given = [word for word in sys.argv[1:] if word != str(chosen.out) and word != "--out"]
    text = table(rows, shlex.join(["python", "-m", "tests.reliability", *given]), time.monotonic() - started)
    print(text)
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")
    return 0 if all(row[3] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

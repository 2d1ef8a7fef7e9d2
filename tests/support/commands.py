"""Commands in processes of their own that need not import PyTorch anew: each is forked from a server that has."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from uniremoval.paths import ROOT

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.support.imported"])


def command(module: str, *arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """`python -m module arguments` in the repository. What it prints is in stderr.

    TimeoutError if it takes longer than this many seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        process = started(module, arguments, output)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{module} ran longer than {timeout} s:\n{output.read_text()}")
        return subprocess.CompletedProcess([module, *arguments], process.exitcode, "", output.read_text())


def started(module: str, arguments: Sequence[object], output: Path) -> ForkServerProcess:
    """The same, just begun. What it prints goes to a file."""
    process = SERVER.Process(target=_become, args=(module, [str(each) for each in arguments], output))
    process.start()
    return process


def _become(module: str, arguments: list[str], output: Path) -> None:
    with output.open("w") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(ROOT)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)

"""What many tests share: five small checkpoints under the names that are shipped, and the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests share the cores already

from tests.support.app_fixtures import app, browser, compared, server, visits
from tests.support.hub_fixtures import hub_server
from tests.support.models import THREE, card_of, tiny
from uniremoval import checkpoint
from uniremoval.cli import main
from uniremoval.method import Degradation, Stage

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

Run = Callable[..., tuple[int, str, str]]

__all__ = ["app", "browser", "checkpoints", "compared", "hub_server", "server", "visits"]

FIVE = {
    "teacher-haze": (Stage.TEACHER, (Degradation.HAZE,)),
    "teacher-rain": (Stage.TEACHER, (Degradation.RAIN,)),
    "teacher-blur": (Stage.TEACHER, (Degradation.BLUR,)),
    "student": (Stage.TRANSFER, THREE),
    "student-adapted": (Stage.ADAPTATION, THREE),
}


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small random network for each of the five names."""
    return write_five(tmp_path_factory.mktemp("checkpoints"))


def write_five(folder: Path) -> Path:
    for seed, (name, (stage, degradations)) in enumerate(FIVE.items()):
        network = tiny(seed)
        checkpoint.save(folder / f"{name}.safetensors", network, card_of(network, name, stage, degradations))
    return folder


@pytest.fixture
def run(checkpoints: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, with the five small checkpoints: (exit code, stdout, stderr)."""
    monkeypatch.setenv("UNIREMOVAL_CHECKPOINTS", str(checkpoints))

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return (code, *capfd.readouterr())

    return call

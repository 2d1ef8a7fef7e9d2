"""The ablations run from one command and go on where they stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.commands import command
from tests.support.models import THREE
from tests.support.training import write_pairs, write_photos
from train import ablate


@pytest.mark.slow
def test_every_variant_is_trained_and_measured(
    tmp_path: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(started: list[str]) -> subprocess.CompletedProcess[str]:
        assert started[:2] == [sys.executable, "-m"]
        return command(started[2], *started[3:])

    monkeypatch.setattr(ablate, "subprocess", SimpleNamespace(run=run))
    clean = write_photos(tmp_path / "clean", 3)
    for kind in THREE:
        write_photos(tmp_path / "real" / kind, 2)
    pairs = write_pairs(tmp_path / "pairs")
    out = tmp_path / "out"
    arguments = ["--teachers", *(str(checkpoints / f"teacher-{kind}.safetensors") for kind in THREE)]
    arguments += ["--clean", str(clean), "--real", str(tmp_path / "real"), "--vgg-weights", "random"]
    arguments += ["--start", str(checkpoints / "student.safetensors")]
    arguments += ["--pairs", str(pairs), "--real-test", str(pairs / "input"), "--out", str(out)]
    arguments += ["--preset", "smoke", "--steps", "2", "--encoder-blocks", "1", "--decoder-blocks", "1"]
    ablate.main(arguments)
    measured = {entry["checkpoint"] for entry in json.loads((out / "results.json").read_text())}
    assert {variant.name.replace(" ", "-").lower() for variant in ablate.VARIANTS} < measured
    written = {path: path.stat().st_mtime_ns for path in out.glob("runs/*/*.safetensors")}
    ablate.main(arguments)
    assert written == {path: path.stat().st_mtime_ns for path in out.glob("runs/*/*.safetensors")}

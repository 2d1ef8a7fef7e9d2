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
from train.adapt import AdaptConfig
from train.config import parse
from train.transfer import TransferConfig
from uniremoval.errors import UniremovalError


@pytest.mark.slow
def test_variants_are_trained_to_the_end_measured_and_not_trained_again(
    tmp_path: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(started: list[str]) -> subprocess.CompletedProcess[str]:
        assert started[:2] == [sys.executable, "-m"]
        if interrupted:
            command(started[2], *started[3:], "--steps", interrupted.pop())
            return subprocess.CompletedProcess(started, 1)
        return command(started[2], *started[3:])

    interrupted = [1]

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
    arguments += ["--log-every", "1", "--variants"]
    names = ["hints", "full-mgcl", "ex-mgcl-alone"]
    with pytest.raises(UniremovalError, match="'hints' failed"):
        ablate.main([*arguments, "hints", "EX-MGCL alone"])
    ablate.main([*arguments, "hints", "EX-MGCL alone"])
    lines = (out / "runs" / "hints" / "log.jsonl").read_text().splitlines()
    assert [line["step"] for line in map(json.loads, lines) if "student/loss" in line] == [1, 2], "it went on"
    assert measured(out) >= set(names), "the one that is adapted, too"
    costs = [line.strip("| ").split(" | ") for line in (out / "costs.md").read_text().splitlines()[2:]]
    assert [name for name, _, _ in costs] == names
    assert all(float(seconds) > 0 and float(gigabytes) > 0.1 for _, seconds, gigabytes in costs)
    written = {path: path.stat().st_mtime_ns for path in out.glob("runs/*/*.safetensors")}
    ablate.main([*arguments, "hints"])
    assert measured(out) & set(names) == {"hints"}
    assert written == {path: path.stat().st_mtime_ns for path in out.glob("runs/*/*.safetensors")}


def test_a_student_that_is_given_is_the_one_adapted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        started.append(arguments)
        return subprocess.CompletedProcess(arguments, 1)

    monkeypatch.setattr(ablate, "subprocess", SimpleNamespace(run=run))
    arguments = ["--teachers", "t", "--clean", "c", "--real", "r", "--out", str(tmp_path), "--start", "other"]
    arguments += ["--student", "student", "--variants"]
    for name, flag in (("EX-MGCL alone", "--student"), ("more supervision instead", "--init-from")):
        with pytest.raises(UniremovalError, match=f"{name!r} failed"):
            ablate.main([*arguments, name])
        assert started[-1][started[-1].index(flag) + 1] == "student"


def measured(out: Path) -> set[str]:
    return {entry["checkpoint"] for entry in json.loads((out / "results.json").read_text())}


@pytest.mark.parametrize("variant", ablate.VARIANTS, ids=lambda variant: variant.checkpoint)
def test_every_variant_has_options_that_its_stage_knows(variant: ablate.Variant) -> None:
    config = {"transfer": TransferConfig, "adapt": AdaptConfig}[variant.module]
    given = ["--teachers", "a"] if variant.module == "transfer" else ["--student", "a"]
    parse(config, "", [*given, *variant.options])

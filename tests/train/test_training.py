"""All stages from the command line, as a researcher runs them: start to finish, interrupted, misused."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.support.commands import command, started
from tests.support.models import THREE
from tests.support.training import write_photos
from uniremoval.catalog import Catalog
from uniremoval.method import Stage
from uniremoval.photo import Photo
from uniremoval.restore import load_restorer


def train(stage: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return command(f"train.{stage}", *arguments)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three stages one after the other by the smoke preset; a folder of runs."""
    folder = tmp_path_factory.mktemp("runs")
    for kind in THREE:
        result = train("teacher", "--preset", "smoke", "--degradation", kind, "--out", folder / kind)
        assert result.returncode == 0, result.stderr
    teachers = [folder / kind / f"teacher-{kind}.safetensors" for kind in THREE]
    result = train("transfer", "--preset", "smoke", "--teachers", *teachers, "--out", folder / "student")
    assert result.returncode == 0, result.stderr
    student = folder / "student" / "student.safetensors"
    result = train("adapt", "--preset", "smoke", "--student", student, "--out", folder / "adapted")
    assert result.returncode == 0, result.stderr
    return folder


def test_every_stage_leaves_a_checkpoint_that_restores(runs: Path) -> None:
    catalog = Catalog([runs / kind for kind in THREE] + [runs / "student", runs / "adapted"])
    stages = {entry.name: entry.card.stage for entry in catalog.entries()}
    for kind in THREE:
        assert stages[f"teacher-{kind}"] is Stage.TEACHER
    assert stages["student"] is Stage.TRANSFER
    assert stages["student-adapted"] is Stage.ADAPTATION
    photo = Photo(np.random.default_rng(0).random((50, 70, 3), dtype=np.float32))
    for entry in catalog.entries():
        restored = load_restorer(entry.path).restore(photo).photo.pixels
        assert restored.shape == photo.pixels.shape
        assert (restored != photo.pixels).any()


def test_cards_tell_how_a_checkpoint_was_made(runs: Path) -> None:
    card = Catalog([runs / "adapted"]).named("student-adapted").card
    assert card.degradations == THREE
    assert card.training["steps"] == 12
    assert card.training["options"]["vgg_weights"] == "random"
    (student,) = card.training["parents"]
    assert student["name"] == "student"
    assert sorted(parent["name"] for parent in student["training"]["parents"]) == [
        f"teacher-{kind}" for kind in sorted(THREE)
    ]
    assert str(runs) not in card.to_json(), "a card names no folder of the machine it was made on"


def test_logs_hold_every_loss_of_the_method(runs: Path) -> None:
    def keys(run: str) -> set[str]:
        lines = [json.loads(line) for line in (runs / run / "log.jsonl").read_text().splitlines()]
        assert all(np.isfinite(list(line.values())).all() for line in lines)
        return {key for line in lines for key in line}

    assert {"teacher/loss", "views_per_second", "waiting", "forward", "backward"} <= keys("haze")
    assert {"validation/haze", "gain/haze"} <= keys("haze")
    sides = [f"{grain}/{side}" for grain in ("image", "feature") for side in ("d_ap", "d_an")]
    grains = {f"student/{side}{layer}" for side in sides for layer in range(3)}
    assert {"student/l1", "student/l1_teacher", "student/image", "student/feature"} | grains <= keys("student")
    adapted = {"adversarial", "identity", "content", "image", "feature", "image/d_ap", "feature/d_an", "l1", "log"}
    assert {f"student/{key}" for key in adapted} | {"discriminator/loss"} <= keys("adapted")
    assert list((runs / "student" / "tensorboard").iterdir())


def test_training_learns(tmp_path: Path) -> None:
    """Some hundred steps on haze bring held-out photos well above what they were."""
    result = train("teacher", "--preset", "smoke", "--degradation", "haze", "--steps", 250, "--eval-every", 250,
                   "--lr", 3e-3, "--ema", 0.9, "--out", tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["gain/haze"] > 2


def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    arguments = ["--preset", "smoke", "--degradation", "haze", "--steps", "60", "--save-minutes", "0.0001"]
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    assert train("teacher", *arguments, "--out", straight).returncode == 0
    process = started("train.teacher", [*arguments, "--out", broken], tmp_path / "output")
    deadline = time.monotonic() + 120
    while not (broken / "log.jsonl").exists() or not (broken / "log.jsonl").stat().st_size:
        assert process.is_alive() and time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.join()
    at = torch.load(broken / "state.pt", weights_only=True)["step"]
    assert 0 < at < 60, "the kill came too late to prove anything"
    resumed = train("teacher", *arguments, "--out", broken, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    expected, found = (load_file(folder / "teacher-haze.safetensors") for folder in (straight, broken))
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    steps = [[json.loads(line)["step"] for line in (run / "log.jsonl").open()] for run in (straight, broken)]
    assert steps[0] == steps[1], "steps done twice are logged once"


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path) -> None:
    """As often as UNIREMOVAL_KILLS says, at moments drawn from its first half."""
    kills, draw = int(os.environ.get("UNIREMOVAL_KILLS", "3")), random.Random(0)
    arguments = ["--preset", "smoke", "--degradation", "haze", "--save-minutes", "0.0001"]
    arguments += ["--steps", str(max(240, 60 * kills))]
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    assert train("teacher", *arguments, "--out", straight).returncode == 0
    seconds = json.loads((straight / "log.jsonl").read_text().splitlines()[-1])["seconds"]
    steps, output = [], tmp_path / "output"
    while len(steps) < kills:
        before, resume = changed(broken), ["--resume"] if steps else []
        process = started("train.teacher", [*arguments, "--out", broken, *resume], output)
        deadline = time.monotonic() + 120
        while changed(broken) == before:
            assert process.is_alive() and time.monotonic() < deadline, output.read_text()
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.5 * seconds / kills))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "the run was over before it could be killed"
        steps.append(torch.load(broken / "state.pt", weights_only=True)["step"])
    assert steps == sorted(steps) and steps[-1] > 0
    resumed = train("teacher", *arguments, "--out", broken, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    expected, found = (load_file(folder / "teacher-haze.safetensors") for folder in (straight, broken))
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    logged = [[json.loads(line)["step"] for line in (run / "log.jsonl").open()] for run in (straight, broken)]
    assert logged[0] == logged[1], "every step is logged once"
    assert {path.name for path in broken.iterdir()} == {path.name for path in straight.iterdir()}


def changed(folder: Path) -> list[int]:
    """When a run last touched its files."""
    return [path.stat().st_mtime_ns for path in (folder / "state.pt", folder / "log.jsonl") if path.exists()]


def test_a_run_is_not_resumed_as_another(runs: Path) -> None:
    before = (runs / "rain" / "state.pt").read_bytes()
    result = train("teacher", "--preset", "smoke", "--degradation", "haze", "--out", runs / "rain", "--resume")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: --resume: the run in")
    assert "--degradation was rain, not haze" in result.stderr
    assert not (runs / "rain" / "teacher-haze.safetensors").exists()
    assert (runs / "rain" / "state.pt").read_bytes() == before


def test_a_damaged_photo_is_one_sentence_with_workers_too(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", 3)
    for path in photos.iterdir():
        path.write_bytes(path.read_bytes()[:200])
    options = ["--preset", "smoke", "--clean", photos, "--workers", 2]
    result = train("teacher", *options, "--out", tmp_path / "out")
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("error: ") and "used for training" in line]


def test_a_finished_run_is_not_overwritten(runs: Path) -> None:
    again = train("teacher", "--preset", "smoke", "--degradation", "haze", "--out", runs / "haze")
    assert again.returncode == 1
    assert "--resume" in again.stderr.splitlines()[-1]


def test_a_full_disk_shows_at_once(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the first save fails, before any step."""
    out = tmp_path / "out"
    limited = f"ulimit -f 8; {sys.executable} -m train.teacher --preset smoke --degradation haze --out {out}"
    result = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=300)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "cannot be written" in result.stderr.splitlines()[-1]
    assert not list(out.glob("*.safetensors")) and not (out / "state.pt").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = train("teacher", "--preset", "smoke", "--degradation", "haze", "--out", tmp_path / "file" / "out")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert str(tmp_path / "file") in result.stderr.splitlines()[-1]


def test_warm_start_takes_weights_and_shape(runs: Path, tmp_path: Path) -> None:
    parent = runs / "haze" / "teacher-haze.safetensors"
    result = train("teacher", "--preset", "smoke", "--degradation", "rain", "--width", 16, "--steps", 1, "--lr", 0,
                   "--init-from", parent, "--out", tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    expected, found = load_file(parent), load_file(tmp_path / "teacher-rain.safetensors")
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_a_loss_that_is_no_number_stops_the_run(runs: Path, tmp_path: Path) -> None:
    result = train("teacher", "--preset", "smoke", "--degradation", "haze", "--lr", "1e30", "--clip", "1e30",
                   "--warmup", 0, "--precision", "no", "--out", tmp_path)  # fmt: skip
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "--lr" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("module", "arguments", "says"),
    [
        ("teacher", ["--clean", "nowhere"], "nowhere"),
        ("teacher", ["--resume"], "--resume"),
        ("teacher", ["--init-from", "missing.safetensors"], "missing.safetensors"),
        ("transfer", [], "--teachers"),
        ("adapt", [], "--student is missing"),
    ],
)
def test_options_that_cannot_work_give_one_sentence(
    module: str, arguments: list[str], says: str, tmp_path: Path
) -> None:
    result = train(module, "--preset", "smoke", "--out", tmp_path / "out", *arguments)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert says in result.stderr.splitlines()[-1]


def test_roles_of_checkpoints_are_checked(runs: Path, tmp_path: Path) -> None:
    teacher, student = runs / "haze" / "teacher-haze.safetensors", runs / "student" / "student.safetensors"
    wrong = train("adapt", "--preset", "smoke", "--student", teacher, "--out", tmp_path)
    assert wrong.returncode == 1 and "is a teacher" in wrong.stderr
    wrong = train("transfer", "--preset", "smoke", "--teachers", student, teacher, "--out", tmp_path)
    assert wrong.returncode == 1 and "of stage transfer" in wrong.stderr
    wrong = train("transfer", "--preset", "smoke", "--teachers", teacher, teacher, "--out", tmp_path)
    assert wrong.returncode == 1 and "second teacher" in wrong.stderr
    teachers = [runs / kind / f"teacher-{kind}.safetensors" for kind in THREE]
    wrong = train("transfer", "--preset", "smoke", "--width", 16, "--teachers", *teachers, "--out", tmp_path)
    assert wrong.returncode == 1 and "(8, 2, 2)" in wrong.stderr and "Traceback" not in wrong.stderr


def test_adaptation_without_pairs(runs: Path, tmp_path: Path) -> None:
    student = runs / "student" / "student.safetensors"
    result = train("adapt", "--preset", "smoke", "--student", student, "--lambda-pairs", "0", "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert not any("student/l1" in line for line in lines)
    assert Catalog([tmp_path]).named("student-adapted").card.training["options"]["lambda_pairs"] == 0


def test_figures_of_rare_steps_are_not_diluted(runs: Path, tmp_path: Path) -> None:
    """VGG-19 in every third step alone: the log tells the mean over those steps."""
    teachers = [runs / kind / f"teacher-{kind}.safetensors" for kind in THREE]
    logged = {}
    for every in (1, 3):
        result = train("transfer", "--preset", "smoke", "--teachers", *teachers, "--steps", 3, "--log-every", 3,
                       "--lr", 0, "--vgg-every", every, "--out", tmp_path / str(every))  # fmt: skip
        assert result.returncode == 0, result.stderr
        first = json.loads((tmp_path / str(every) / "log.jsonl").read_text().splitlines()[0])
        logged[every] = first["student/image/d_an0"]
    assert logged[3] == pytest.approx(logged[1], rel=0.5)


@pytest.mark.parametrize("kinds", [THREE, THREE[-1:]])
def test_adaptation_can_be_guided_by_the_teachers_or_some(kinds: Sequence[str], runs: Path, tmp_path: Path) -> None:
    student = runs / "student" / "student.safetensors"
    teachers = [runs / kind / f"teacher-{kind}.safetensors" for kind in kinds]
    result = train("adapt", "--preset", "smoke", "--student", student, "--teachers", *teachers, "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    card = Catalog([tmp_path]).named("student-adapted").card
    assert [parent["role"] for parent in card.training["parents"]] == ["start", *["teacher"] * len(kinds)]
    adapted, unguided = (load_file(folder / "student-adapted.safetensors") for folder in (tmp_path, runs / "adapted"))
    assert any(not torch.equal(adapted[key], unguided[key]) for key in adapted)


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    """The same global batch on two CPU processes: the same losses and, to rounding, the same weights."""
    arguments = ["--preset", "smoke", "--degradation", "haze", "--precision", "no", "--log-every", "1", "--cpu"]
    one, two = tmp_path / "one", tmp_path / "two"
    assert train("teacher", *arguments, "--out", one).returncode == 0
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", f"--master_port={free_port()}"]
    result = subprocess.run([*launcher, "-m", "train.teacher", *arguments, "--out", two], timeout=300)
    assert result.returncode == 0
    curves = []
    for run in (one, two):
        lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        curves.append([line["teacher/loss"] for line in lines if "teacher/loss" in line])
    assert len(curves[0]) == 12
    assert curves[1][:2] == pytest.approx(curves[0][:2], rel=1e-4)
    assert curves[1] == pytest.approx(curves[0], rel=1e-3, abs=1e-5)  # a loss is a sum that may cancel to near zero
    expected, found = (load_file(run / "teacher-haze.safetensors") for run in (one, two))
    assert all(torch.allclose(found[key], expected[key], atol=1e-3) for key in expected)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

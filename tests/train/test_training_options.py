"""Options of the training commands, and the schedule that follows from them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from train import config
from train.config import OptionError, TrainConfig, parse
from train.engine.schedule import learning_rate
from train.engine.state import check_same_run
from train.teacher import TeacherConfig
from train.transfer import TransferConfig
from uniremoval.errors import CheckpointError


def test_cards_name_no_folders() -> None:
    arguments = ["--vgg-weights", "/a/vgg.pth", "--clean", "/a/photos", "--pairs", "rain=/a/set"]
    options = parse(TransferConfig, "", arguments).as_card()
    assert (options["vgg_weights"], options["clean"], options["pairs"]) == ("vgg.pth", "photos", ["rain=set"])


def test_options_go_before_the_preset_and_that_before_the_defaults() -> None:
    options = parse(TeacherConfig, "", ["--preset", "smoke", "--steps", "7", "--encoder-blocks", "1", "2"])
    assert (options.steps, options.encoder_blocks) == (7, (1, 2))
    assert options.width == 8
    assert options.seed == TrainConfig().seed
    with pytest.raises(SystemExit):
        parse(TeacherConfig, "", ["--degradation", "hail"])


def test_precision_is_settled_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a card says which, and a run that goes on elsewhere is told if it would be another."""
    for picked, expected in (("bf16", "bf16"), ("fp32", "no")):
        monkeypatch.setattr(config, "pick_precision", lambda name, device, picked=picked: picked)
        assert parse(TeacherConfig, "", ["--cpu"]).precision == expected
    assert parse(TeacherConfig, "", ["--precision", "fp16"]).precision == "fp16"


def test_schedule_warms_up_and_ends_low() -> None:
    rates = [learning_rate(1.0, step, 10, step / 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1, rel=0.01)
    assert max(rates) == max(rates[9:12])
    assert all(a >= b for a, b in pairwise(rates[10:]))
    assert learning_rate(1.0, 100, 10, 1.0) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("--steps 0", "--steps 0: must be at least 1"),
        ("--views 0", "--views 0: must be at least 1"),
        ("--workers -1", "--workers -1: must be at least 0"),
        ("--lr nan", "--lr nan: must be at least 0"),
        ("--lr inf", "--lr inf: must be at least 0"),
        ("--clip inf", "--clip inf: must be a number above 0"),
        ("--ema 1.5", "--ema 1.5: must be at least 0 and at most 1"),
        ("--untouched -0.1", "--untouched -0.1: must be at least 0 and at most 1"),
        ("--view 32 --patch 48", "--patch 48: a patch is cut from a view of --view 32"),
        ("--encoder-blocks 1 2 3 4", "encoder_blocks has 4 levels"),
        ("--width 0", "the width must be from 1"),
    ],
)
def test_an_option_that_cannot_work_is_one_sentence(given: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse(TeacherConfig, "", ["--preset", "smoke", *given.split()])
    assert words in str(caught.value) and str(caught.value).count(".") >= 1


def test_a_run_goes_on_with_the_options_it_began_with(tmp_path: Path) -> None:
    began = TeacherConfig(degradation="rain").as_card()
    check_same_run(tmp_path, began, TeacherConfig(degradation="rain", steps=7, workers=3, resume=True).as_card())
    with pytest.raises(CheckpointError) as caught:
        check_same_run(tmp_path, began, TeacherConfig(lr=0.01, init_from=Path("a/start.safetensors")).as_card())
    for words in (
        "--degradation was rain, not haze",
        "--lr was 0.0005, not 0.01",
        "--init-from was not given, not start",
    ):
        assert words in str(caught.value)

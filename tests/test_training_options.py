"""Options of the training commands, and the schedule that follows from them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from train.config import TrainConfig, parse
from train.schedule import learning_rate
from train.teacher import TeacherConfig
from train.transfer import TransferConfig


def test_cards_name_no_folders() -> None:
    arguments = ["--vgg-weights", "/a/vgg.pth", "--clean", "/a/photos", "--pairs", "rain=/a/set"]
    options = parse(TransferConfig, "", arguments).as_card()
    assert (options["vgg_weights"], options["clean"], options["pairs"]) == ("vgg.pth", "photos", ["rain=set"])


def test_options_go_before_the_preset_and_that_before_the_defaults() -> None:
    config = parse(TeacherConfig, "", ["--preset", "smoke", "--steps", "7", "--encoder-blocks", "1", "2"])
    assert (config.steps, config.encoder_blocks) == (7, (1, 2))
    assert config.width == 8
    assert config.seed == TrainConfig().seed
    with pytest.raises(SystemExit):
        parse(TeacherConfig, "", ["--degradation", "hail"])


def test_schedule_warms_up_and_ends_low() -> None:
    rates = [learning_rate(1.0, step, 10, step / 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1, rel=0.01)
    assert max(rates) == max(rates[9:12])
    assert all(a >= b for a, b in pairwise(rates[10:]))
    assert learning_rate(1.0, 100, 10, 1.0) == pytest.approx(0.01)

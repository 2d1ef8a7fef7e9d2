"""What the app says of scores, times and checkpoints."""

from __future__ import annotations

import pytest

from tests.support.models import THREE
from uniremoval.checkpoint import Card
from uniremoval.coarse_to_fine import Progress
from uniremoval.method import Degradation, Stage
from uniremoval.quality import Score
from uniremoval.ui import text
from uniremoval.ui.viewer.scores import score_cells
from uniremoval.ui.visit.events import REFERENCE


def scores(brisque: float | None, piqe: float | None) -> dict[str, Score]:
    reason = None if brisque is not None else "no score, because it is flat"
    return {"brisque": Score("BRISQUE", brisque, reason), "piqe": Score("PIQE", piqe, None)}


def test_score_cells_compare_with_the_input_and_mark_the_lowest() -> None:
    known = {"input": scores(30.0, 40.0), "better": scores(18.04, 45.5), "same": scores(30.04, 40.0)}
    brisque, piqe = score_cells(known, "better")
    assert brisque == {
        "label": "BRISQUE", "state": "known", "value": "18.0", "change": "\N{MINUS SIGN}12.0",
        "tone": "neutral", "mark": "lowest",
    }  # fmt: skip
    assert (piqe["change"], piqe["mark"]) == ("+5.5", "")
    assert [cell["tone"] for cell in score_cells(known, "same")] == ["same", "same"]
    assert "change" not in score_cells(known, "input")[0]
    assert score_cells(known, "not yet")[0]["state"] == "pending"


def test_the_haze_cue_stands_last_and_wins_nothing() -> None:
    known = {
        key: scores(30.0, 40.0) | {"dark_channel": Score("Haze cue", value)}
        for key, value in (("input", 52.0), ("a", 13.4))
    }
    *_, cue = score_cells(known, "a")
    assert (cue["label"], cue["value"], cue["change"], cue["mark"]) == ("Haze cue", "13", "\N{MINUS SIGN}39", "")
    assert cue["tone"] == "neutral" and cue["cue"]
    assert len(score_cells(known, "not yet")) == 2


def test_score_cells_without_a_score() -> None:
    known = {"input": scores(None, 40.0), "output": scores(20.0, 30.0)}
    assert score_cells(known, "input")[0]["reason"] == "no score, because it is flat"
    assert "change" not in score_cells(known, "output")[0]
    assert score_cells(known, "output")[0]["mark"] == ""


def test_score_cells_with_a_reference() -> None:
    def known(piqe: float, psnr: float | None, ssim: float) -> dict[str, Score]:
        reference = {"psnr": Score("PSNR", psnr, None, False), "ssim": Score("SSIM", ssim, None, False)}
        return scores(30.0, piqe) | reference

    everything = {"input": known(40.0, 20.0, 0.5), "a": known(35.0, 25.126, 0.6), "b": known(36.0, 24.0, 0.7)}
    everything[REFERENCE] = scores(10.0, 5.0)
    _, piqe, psnr, ssim = score_cells(everything, "a", True)
    assert piqe["mark"] == "lowest", "the reference takes no part"
    assert psnr == {
        "label": "PSNR", "state": "known", "value": "25.13", "change": "+5.13 better", "tone": "better",
        "mark": "highest",
    }  # fmt: skip
    assert (ssim["value"], ssim["change"], ssim["mark"]) == ("0.600", "+0.100 better", "")
    assert [cell["label"] for cell in score_cells(everything, REFERENCE, True)] == ["BRISQUE", "PIQE"]
    assert score_cells({"input": scores(30.0, 40.0)}, "input", True)[2]["state"] == "pending"


@pytest.mark.parametrize(
    ("tile", "tiles", "left", "shown"),
    [
        (0, 1, None, "Student (4 of 5)"),
        (0, 8, None, "Student (4 of 5), tile 1 of 8"),
        (7, 8, 0.4, "Student (4 of 5), tile 8 of 8"),
        (8, 8, 0.4, "Student (4 of 5), tile 8 of 8"),
        (2, 8, 65.2, "Student (4 of 5), tile 3 of 8, about 1 min 5 s left"),
    ],
)
def test_progress(tile: int, tiles: int, left: float | None, shown: str) -> None:
    assert text.progress("Student", 4, 5, Progress(1, 1, tile, tiles, 0.5, 1.0), left) == shown


def test_progress_over_scales() -> None:
    assert text.progress("Student", 1, 1, Progress(3, 6, 0, 1, 0.1, 1.0), None) == "Student (1 of 1), scale 3 of 6"


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.04, "0.0"), (-3.21, "\N{MINUS SIGN}3.2"), (101.26, "101.3"), (10.0, "10.0")]
)
def test_number(value: float, shown: str) -> None:
    assert text.number(value) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0.04, "0.0 s"), (9.9, "9.9 s"), (42.4, "42 s"), (312, "5 min 12 s")])
def test_duration(seconds: float, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(
    ("name", "stage", "kinds", "title"),
    [
        ("teacher-haze", Stage.TEACHER, ("haze",), "Teacher: haze"),
        ("mine", Stage.TEACHER, ("haze",), "Teacher: haze (mine)"),
        ("student", Stage.TRANSFER, THREE, "Student"),
        ("other", Stage.ADAPTATION, THREE, "Adapted student (other)"),
    ],
)
def test_titles(name: str, stage: Stage, kinds: tuple[str, ...], title: str) -> None:
    assert text.title_of(Card(name, stage, tuple(map(Degradation, kinds)), "coarse-to-fine", {})) == title

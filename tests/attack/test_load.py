"""Several clients at once: UNIREMOVAL_LOAD_CLIENTS of them for UNIREMOVAL_LOAD_SECONDS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.load import GROWTH, OVERTAKEN, Report, Wait, load, overtaken
from tests.reliability import ran, table


@pytest.mark.slow
def test_many_clients_get_their_own_photos(tmp_path: Path) -> None:
    clients, seconds = (os.environ.get(f"UNIREMOVAL_LOAD_{name}") for name in ("CLIENTS", "SECONDS"))
    report = load(int(clients or 4), float(seconds or 12), tmp_path)
    assert not report.problems, report.problems
    assert report.done["restore"] > 2 * report.clients


def test_what_goes_wrong_is_told() -> None:
    good = Report(2, memory=(100, 100), left=3, expected=3)
    good.served.update({0: 5, 1: 4})
    good.refusals["Queue is full. Max size is 32 and size is 32."] = 4
    assert good.problems == []
    bad = Report(2, wrong=["client 0: not the photo"], memory=(100, 101 + GROWTH), left=4, expected=3)
    bad.served[0] = 5
    bad.waits = [Wait(0, 1, 60), *(Wait(2 + n, 3 + n, 10 + n) for n in range(OVERTAKEN + 1))]
    assert len(bad.problems) == 6


def test_only_who_came_later_and_was_done_earlier_has_overtaken() -> None:
    first, at_the_same_time, later_and_earlier = Wait(0, 1, 9), Wait(0.5, 1, 5), Wait(2, 3, 8)
    assert overtaken([]) == 0
    assert overtaken([first, at_the_same_time, Wait(2, 3, 10)]) == 0
    assert overtaken([first, at_the_same_time, later_and_earlier]) == 1


def test_the_table_of_everything_says_what_did_not_hold() -> None:
    good = ran("Units", ["core/test_tiling.py"])
    assert good[0] == "Units" and good[2].endswith("passed, 0 failed, 0 skipped") and good[3]
    bad = ("Load", "8 clients", "1 wrong", False)
    lines = table([good, bad], "python -m x", 60).splitlines()
    assert lines[-2].endswith("| yes |") and lines[-1] == "| Load | 8 clients | 1 wrong | **no** |"

"""Several clients at once: UNIREMOVAL_LOAD_CLIENTS of them for UNIREMOVAL_LOAD_SECONDS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.load import GROWTH, Report, load
from tests.reliability import ran, table


@pytest.mark.slow
def test_many_clients_get_their_own_photos(tmp_path: Path) -> None:
    clients, seconds = (os.environ.get(f"UNIREMOVAL_LOAD_{name}") for name in ("CLIENTS", "SECONDS"))
    report = load(int(clients or 4), float(seconds or 20), tmp_path)
    assert not report.problems, report.problems
    assert report.done["restore"] > 2 * report.clients


def test_what_goes_wrong_is_told() -> None:
    good = Report(2, memory=(100, 100), left=3, expected=3)
    good.served.update({0: 5, 1: 4})
    good.refusals["Queue is full. Max size is 32 and size is 32."] = 4
    assert good.problems == []
    bad = Report(2, wrong=["client 0: not the photo"], memory=(100, 101 + GROWTH), left=4, expected=3)
    bad.served[0] = 5
    assert len(bad.problems) == 5


def test_the_table_of_everything_says_what_did_not_hold() -> None:
    good = ran("Units", ["core/test_tiling.py"])
    assert good[0] == "Units" and good[2].endswith("passed, 0 failed, 0 skipped") and good[3]
    bad = ("Load", "8 clients", "1 wrong", False)
    lines = table([good, bad], "python -m x", 60).splitlines()
    assert lines[-2].endswith("| yes |") and lines[-1] == "| Load | 8 clients | 1 wrong | **no** |"

"""Curves and plots on the Checkpoints tab."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support import files
from tests.support.browser import DESKTOP, PHONE, ROOT, opened_page
from uniremoval.ui.checkpoints.chart import line_chart, nice_ticks
from uniremoval.ui.checkpoints.results import FOLDER, results_section

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        (0, 4, [0, 1, 2, 3, 4]),
        (0.036, 0.0435, [0.036, 0.038, 0.04, 0.042, 0.044]),
        (19.3, 21.1, [19, 20, 21, 22]),
        (-0.2, 0.3, [-0.2, 0, 0.2, 0.4]),
        (5, 5, [5]),
    ],
)
def test_ticks_are_round_and_enclose(least: float, most: float, ticks: list[float]) -> None:
    assert nice_ticks(least, most) == pytest.approx(ticks)


def test_a_chart_puts_values_where_they_belong() -> None:
    svg = ET.fromstring(line_chart({"haze": [(0, 20.0), (500, 22.0), (1000, 24.0)], "rain": [(1000, 20.0)]}, 'of "x"'))
    lines = {group.get("class"): group.find("polyline").get("points") for group in svg.findall("g")}
    points = [tuple(map(float, point.split(","))) for point in lines["haze"].split()]
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x0 < x1 < x2 and x1 == pytest.approx((x0 + x2) / 2, abs=0.1)
    assert y0 > y1 > y2 and y1 == pytest.approx((y0 + y2) / 2, abs=0.1)
    assert lines["rain"] == f"{x2:.1f},{y0:.1f}"
    assert svg.get("role") == "img" and "haze from 20 to 24 in 1,000 steps" in svg.get("aria-label")
    heights = {text.text: float(text.get("y")) for text in svg.findall("text") if text.get("class") == "up"}
    assert heights["20"] - y0 == pytest.approx(heights["24"] - y2, abs=0.2)


def shown(folder: Path) -> list[str]:
    return [component.value for component in results_section(folder)]


def test_the_section_shows_what_there_is(tmp_path: Path) -> None:
    assert results_section(tmp_path) == []
    files.png(tmp_path, np.zeros((8, 16, 3), np.uint8), name="brisque.png")
    (only_plots,) = shown(tmp_path)
    assert only_plots.count("<img") == 1 and "lower is better" in only_plots and "<svg" not in only_plots
    (tmp_path / "curves").mkdir()
    log = [{"step": 1, "student/loss": 2.0}, {"step": 2, "student/loss": 1.0, "validation/haze": 21.0}]
    for name in ("student", "teacher-<b>-run1"):
        (tmp_path / "curves" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, log)))
    plots, curves = shown(tmp_path)
    assert plots == only_plots and curves.count("<svg") == 4 and "<b>-" not in curves
    assert curves.index("teacher-&lt;b&gt;, run 1") < curves.index(">student<")
    assert "loss from 2 to 1 in 2 steps" in curves and re.search(r"validation psnr.*haze", curves, re.I)
    (tmp_path / "results.md").write_text("# Results\n\n| all |\n\n## Beside other networks\n\n| theirs |\n")
    assert shown(tmp_path) == [plots, "### Beside other networks\n\n| theirs |", curves]


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_results_of_the_shipped_checkpoints(app: str, browser: Browser, size: tuple[int, int]) -> None:
    assert FOLDER.is_relative_to(ROOT)
    plots, logs = len(list(FOLDER.glob("*.png"))), list((FOLDER / "curves").glob("*.jsonl"))
    assert plots and logs
    with opened_page(browser, app, size) as page:
        page.get_by_role("tab", name="Checkpoints").click()
        page.locator("#curves summary").click()
        section = page.locator("#curves")
        section.locator("svg.chart").first.wait_for()
        for log in logs:
            assert section.locator("figcaption", has_text=log.stem.split("-run")[0]).count() >= 1
        validated = sum("validation/" in log.read_text() for log in logs)
        assert section.locator("svg.chart").count() == len(logs) + validated
        assert all(chart.bounding_box()["height"] > 80 for chart in section.locator("svg.chart").all())
        pictures = page.locator("#results img").all()
        assert len(pictures) == plots
        for picture in pictures:
            assert picture.evaluate("picture => picture.naturalWidth") > 300
            assert "is better" in picture.get_attribute("alt")
        assert page.locator("#others table").count() == 3
        page.locator("#others td", has_text="AOD-Net").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

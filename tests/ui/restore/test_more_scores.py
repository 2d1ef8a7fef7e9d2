"""Scores besides the usual ones: where they are ticked, all that is shown gets them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pytest

from tests.support import files
from tests.support.browser import click_example, first_result, opened_page, upload
from tests.support.records import compared, noise
from uniremoval.photo import decode
from uniremoval.quality import extra_scores
from uniremoval.ui.restore.more_scores import MoreScoring
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.record import View, Weaker
from uniremoval.ui.visit.region import Region
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ME = gr.Request(session_hash="one")


def tick(visits: Visits, *names: str) -> list[tuple[Any, Any]]:
    return list(MoreScoring(Engine(Settings()), visits).choose([*names], ME))


def test_all_that_is_shown_gets_them(visits: Visits) -> None:
    record = compared(visits.of("one"), noise(200, 260), noise(200, 260, seed=1))
    record.scores = {key: {} for key in record.files()}
    record.weaker, record.view = Weaker(0.5, {"student": {}}), View(Region(20, 4, 220, 195), 1, {INPUT: {}})
    *_, (said, shown) = tick(visits, "fsim", "niqe")
    assert said == gr.skip() and shown["panes"]
    given, clean = (decode(record.files()[key]).pixels for key in (INPUT, REFERENCE))
    output = decode(record.files()["student"]).pixels
    blend = given + 0.5 * (output - given)
    region = np.s_[4:199, 20:240]
    expected = [
        (record.scores[INPUT], extra_scores(["niqe", "fsim"], given, clean)),
        (record.scores["student"], extra_scores(["niqe", "fsim"], output, clean)),
        (record.scores[REFERENCE], extra_scores(["niqe"], clean)),
        (record.weaker.scores["student"], extra_scores(["niqe", "fsim"], blend, clean)),
        (record.view.scores[INPUT], extra_scores(["niqe", "fsim"], given[region], clean[region])),
    ]
    for found, wanted in expected:
        assert {name: each.value for name, each in found.items()} == pytest.approx(
            {name: each.value for name, each in wanted.items()}, rel=1e-4
        )


def test_what_is_no_longer_ticked_is_hidden_and_kept(visits: Visits) -> None:
    record = compared(visits.of("one"), noise(200, 200))
    record.scores = {key: {} for key in record.files()}
    *_, (_, shown) = tick(visits, "niqe")
    assert "NIQE" in [cell["label"] for cell in shown["panes"][0]["scores"]]
    (_, shown), _ = tick(visits)
    assert "NIQE" not in [cell["label"] for cell in shown["panes"][0]["scores"]]
    assert len(tick(visits, "niqe")) == 2, "nothing is computed twice"


def test_they_wait_for_the_restoration_and_end_with_other_work(visits: Visits) -> None:
    visit = visits.of("one")
    record = compared(visit, noise(200, 200))
    record.scores = {key: {} for key in record.files()}
    stop = visit.begin()
    assert len(tick(visits, "niqe")) == 2 and not any(record.scores.values())
    visit.end(stop)
    telling = MoreScoring(Engine(Settings()), visits).complete(ME)
    next(telling), next(telling)
    visit.begin()
    assert list(telling) == [] and "niqe" not in record.scores["student"]
    record.opened.picture.unlink()
    visit.end(visit.stop)
    record.scores[INPUT].clear()
    _, (said, _) = MoreScoring(Engine(Settings()), visits).complete(ME)
    assert said["kind"] == "error" and "input.png" in said["words"]


def labels(page: Page, key: str) -> list[str]:
    page.wait_for_function("!document.querySelector('figcaption .pending')")
    return page.locator(f".pane[data-key={key}] > figcaption .scores dt").all_inner_texts()


@pytest.mark.browser
def test_niqe_is_ticked_and_stays_for_the_next_photo(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        click_example(page)
        first_result(page)
        page.get_by_role("button", name="Advanced").click()
        page.get_by_label("NIQE").check()
        page.locator(".pane[data-key=student-adapted] dt", has_text="NIQE").wait_for()
        for key in ("input", "student-adapted"):
            assert any("NIQE" in label for label in labels(page, key))
        upload(page, files.png(tmp_path, np.asarray(files.gradient(240, 320)), name="next.png"))
        first_result(page)
        page.locator(".pane[data-key=student-adapted] dt", has_text="NIQE").wait_for()
        assert any("NIQE" in label for label in labels(page, "student-adapted"))
        page.get_by_label("NIQE").uncheck()
        page.locator(".pane[data-key=student-adapted] dt", has_text="NIQE").wait_for(state="detached")

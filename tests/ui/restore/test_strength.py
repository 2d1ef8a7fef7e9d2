"""Outputs at less than full strength: the scores follow the slider."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import pytest

from tests.support.browser import click_example, opened_page, restore
from tests.support.records import compared, noise
from uniremoval.photo import decode
from uniremoval.quality import compare, haze_cue, score
from uniremoval.ui import text
from uniremoval.ui.restore.score_strength import StrengthScoring
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def moved(visits: Visits, wish: Any, visitor: str = "one") -> list[tuple[Any, Any]]:
    request = gr.Request(session_hash=visitor)
    return list(StrengthScoring(Engine(Settings()), visits).score_outputs(gr.EventData(None, wish), request))


def test_scores_are_those_of_the_blend(visits: Visits) -> None:
    record = compared(visits.of("one"), noise(), noise(seed=1))
    record.scores = {key: {} for key in record.files()}
    *_, (said, shown) = moved(visits, {"picture": str(record.opened.picture), "strength": 0.7})
    assert "70 %" in said["words"] and shown["strength"] == 0.7
    given, output, clean = (decode(record.files()[key]).pixels for key in (INPUT, "student", REFERENCE))
    blend = given + 0.7 * (output - given)
    expected = score(blend) | haze_cue(blend) | compare(blend, clean)
    found = record.scores_at(0.7)["student"]
    assert {name: each.value for name, each in found.items()} == pytest.approx(
        {name: each.value for name, each in expected.items()}, rel=1e-4
    )
    assert record.scores_at(1) is record.scores and "student" not in record.scores_at(0.5)
    *_, (_, shown) = moved(visits, {"picture": str(record.opened.picture), "strength": 1})
    assert shown["strength"] == 1 and record.weaker is None


def test_other_work_ends_it_in_silence(visits: Visits) -> None:
    visit = visits.of("one")
    record = compared(visit, noise())
    wish = gr.EventData(None, {"picture": str(record.opened.picture), "strength": 0.5})
    telling = StrengthScoring(Engine(Settings()), visits).score_outputs(wish, gr.Request(session_hash="one"))
    next(telling)
    visit.begin()
    assert list(telling) == [] and record.weaker is None


@pytest.mark.parametrize("wish", [None, [1], {"picture": None, "strength": 0.5}])
def test_nonsense_and_other_visitors_are_refused(visits: Visits, wish: Any) -> None:
    mine, theirs = (compared(visits.of(visitor), noise()) for visitor in ("one", "two"))
    for bad in (wish, {"picture": str(theirs.opened.picture), "strength": 0.5}):
        assert moved(visits, bad) == [({"kind": "error", "words": text.VIEW_CHANGED}, gr.skip())]
    assert mine.weaker is theirs.weaker is None


def settled(page: Page, words: str) -> list[str]:
    """Wait for the status, then return all scores as the student's pane shows them."""
    page.locator("#status .words", has_text=words).wait_for()
    page.wait_for_function("!document.querySelector('figcaption .pending')")
    return page.locator(".pane[data-key=student] > figcaption > .scores dd").all_inner_texts()


@pytest.mark.browser
def test_the_slider_moves_the_scores(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        click_example(page)
        restore(page)
        full = settled(page, "5 restorations")
        page.locator("[name=strength]").fill("40")
        weaker = settled(page, "at 40 % strength")
        given = page.locator(".pane[data-key=input] > figcaption > .scores .number").all_inner_texts()
        assert weaker != full
        page.locator("[name=strength]").fill("0")
        assert [words.split("\n")[0] for words in settled(page, "at 0 % strength")] == given
        page.locator("[name=strength]").fill("100")
        assert settled(page, "at 100 % strength") == full
        page.locator("[name=strength]").fill("40")
        settled(page, "at 40 % strength")
        page.locator("#pick-teacher input").first.uncheck()
        restore(page, panes=5)
        assert settled(page, "at 40 % strength") == weaker, "a new comparison is scored as it is shown"


def test_files_that_are_gone_are_told(visits: Visits) -> None:
    record = compared(visits.of("one"), noise())
    Path(record.files()["student"]).unlink()
    *_, (said, _) = moved(visits, {"picture": str(record.opened.picture), "strength": 0.5})
    assert said["kind"] == "error" and record.weaker is None

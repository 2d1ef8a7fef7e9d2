"""Score this view: BRISQUE and PIQE of exactly the part of the photo in view."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pytest

from tests.support import files
from tests.support.browser import PHONE, click_example, more_tools, opened_page, restore, shown_input, upload
from tests.support.records import compared, noise
from uniremoval.photo import decode
from uniremoval.quality import score
from uniremoval.ui import text
from uniremoval.ui.restore.examples import examples
from uniremoval.ui.restore.reference import References
from uniremoval.ui.restore.score_view import ViewScoring
from uniremoval.ui.viewer.scores import change
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.region import Region, region_of
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PART = {"x": 40, "y": 8, "width": 64, "height": 48}
VISIBLE = """() => {
    const viewport = document.querySelector('.pane .viewport');
    const photo = viewport.querySelector('img.photo').getBoundingClientRect();
    const box = viewport.getBoundingClientRect();
    const scale = photo.width / viewport.querySelector('img.photo').naturalWidth;
    const cut = (from, to, start, end) => [Math.max(start, from), Math.min(end, to)].map(at => (at - from) / scale);
    const [left, right] = cut(photo.left, photo.right, box.left, box.right);
    const [top, bottom] = cut(photo.top, photo.bottom, box.top, box.bottom);
    return [left, top, right - left, bottom - top];
}"""


def scored(page: Page) -> list[int]:
    """Press the button, wait for all scores, and return x, y, width and height as the page tells them."""
    page.evaluate(
        """() => {
            window.announced = false;
            const said = document.querySelector('#status .words');
            const look = () => { window.announced ||= said.innerText === 'Scoring the view'; };
            new MutationObserver(look).observe(said, { characterData: true, childList: true, subtree: true });
        }"""
    )
    page.locator(".score-view").click()
    page.wait_for_function(
        "() => window.announced && !document.querySelector('.local .pending')"
        " && document.querySelector('#status .words').innerText.startsWith('The part in view was scored')",
        timeout=60_000,
    )
    places = {place.inner_text() for place in page.locator(".local p").all()}
    assert len(places) == 1
    width, height, x, y = map(int, re.findall(r"\d+", places.pop()))
    return [x, y, width, height]


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_part_in_view_is_scored_as_it_is(app: str, browser: Browser, phone: bool) -> None:
    options: dict[str, Any] = {"size": PHONE, "has_touch": True, "is_mobile": True} if phone else {}
    with opened_page(browser, app, **options) as page:
        assert page.locator(".score-view").is_disabled()
        click_example(page)
        restore(page)
        more_tools(page)
        whole = page.locator(".pane > figcaption > .scores").all_inner_texts()
        page.locator("[data-zoom=actual]").click()
        seen = page.evaluate(VISIBLE)
        assert scored(page) == pytest.approx(seen, abs=0.51)
        x, y, width, height = map(int, scored(page))
        assert (width, height) < decode(examples()[0].path).size[::-1]
        assert page.locator(".pane > figcaption > .scores").all_inner_texts() == whole
        part = decode(examples()[0].path).pixels[y : y + height, x : x + width]
        with page.expect_download() as download:
            page.locator(".pane[data-key=student] .download").click()
        restored = decode(Path(download.value.path())).pixels[y : y + height, x : x + width]
        for metric, label in (("brisque", "BRISQUE"), ("piqe", "PIQE")):
            before, after = (score(pixels)[metric].value for pixels in (part, restored))
            assert shown(page, "input", label) == text.number(before)
            assert shown(page, "student", label).splitlines() == [
                text.number(after),
                change(after, before, known=False)["change"],
            ]
        if phone:
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        page.locator("[data-zoom=fit]").click()
        assert scored(page)[:2] == [0, 0]


def shown(page: Page, key: str, label: str) -> str:
    return page.locator(f".pane[data-key={key}] .local .score", has_text=label).locator("dd").inner_text()


@pytest.mark.browser
def test_a_view_too_small_says_why_there_is_no_score(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        upload(page, files.png(tmp_path, files.noise(30, 90, 3, bits=8), name="small.png"))
        shown_input(page)
        restore(page)
        page.locator(".pane .viewport").first.hover()
        page.keyboard.press("v")
        page.wait_for_function("document.querySelectorAll('.local .reason').length === 12", timeout=60_000)
        said = page.locator(".local .reason").first.inner_text()
        assert said == "no score, because the photo is smaller than 32 pixels (it has 90 x 30)"
        click_example(page)
        page.wait_for_function("document.querySelectorAll('.pane').length === 1")
        assert page.locator(".local:visible").count() == 0


def ask(visits: Visits, visitor: str, wish: Any) -> list[tuple[Any, Any]]:
    request = gr.Request(session_hash=visitor)
    return list(ViewScoring(Engine(Settings()), visits).score_view(gr.EventData(None, wish), request))


def test_the_reference_is_compared_with_in_view_too(visits: Visits) -> None:
    record = compared(visits.of("one"), noise(), noise(seed=1))
    *_, (said, _) = ask(visits, "one", PART | {"picture": str(record.opened.picture)})
    assert said == {
        "kind": "idle",
        "words": "The part in view was scored at full resolution: 64 x 48 pixels at (40, 8).",
    }
    assert record.view.region == Region(40, 8, 64, 48)
    assert set(record.view.scores) == {INPUT, REFERENCE, "student"}
    files_of = record.files()
    part, clean = (decode(files_of[key]).pixels[8:56, 40:104] for key in ("student", REFERENCE))
    assert record.view.scores["student"]["brisque"] == score(part)["brisque"]
    expected = -10 * np.log10(np.square(part - clean, dtype=np.float64).mean())
    assert record.view.scores["student"]["psnr"].value == pytest.approx(expected)
    assert set(record.view.scores[REFERENCE]) == {"brisque", "piqe"}


def test_scores_of_a_part_end_with_the_reference(visits: Visits) -> None:
    visit = visits.of("one")
    record = compared(visit, noise(), noise(seed=1))
    visit.reference = record.reference
    list(ask(visits, "one", PART | {"picture": str(record.opened.picture)}))
    assert record.view is not None
    _, shown = References(Engine(Settings()), visits).remove(gr.Request(session_hash="one"))
    assert record.view is None
    assert not any("view" in pane for pane in shown["panes"])


def test_flat_parts_have_no_score(visits: Visits) -> None:
    pixels = noise()
    pixels[:60, :120] = 0.25
    record = compared(visits.of("one"), pixels)
    *_, (_, shown) = ask(visits, "one", PART | {"picture": str(record.opened.picture)})
    assert shown["panes"][0]["view"]["place"] == "64 x 48 pixels at (40, 8)"
    for pane in shown["panes"]:
        assert [cell["reason"] for cell in pane["view"]["scores"]] == [
            "no score, because the photo is one flat tone"
        ] * 2


def test_visitors_do_not_score_each_others_photos(visits: Visits) -> None:
    mine, theirs = (compared(visits.of(visitor), noise(seed=seed)) for seed, visitor in enumerate(("one", "two")))
    assert ask(visits, "one", PART | {"picture": str(theirs.opened.picture)}) == [
        ({"kind": "error", "words": text.VIEW_CHANGED}, gr.skip())
    ]
    assert ask(visits, "three", PART | {"picture": str(mine.opened.picture)})[0][0]["words"] == text.NO_VIEW
    assert mine.view is theirs.view is None


@pytest.mark.parametrize(
    "part",
    [
        {}, {"x": -1}, {"y": -1}, {"x": 77}, {"y": 43}, {"width": 0}, {"height": -5}, {"width": 1e9},
        {"x": 1.5}, {"x": "0"}, {"x": None}, {"x": True}, {"width": [64]}, {"x": float("nan")},
    ],
)  # fmt: skip
def test_what_is_no_part_of_the_photo_is_refused(visits: Visits, part: dict[str, Any]) -> None:
    record = compared(visits.of("one"), noise())
    wish = {**PART, **part, "picture": str(record.opened.picture)} if part else {"picture": str(record.opened.picture)}
    [(said, _)] = ask(visits, "one", wish)
    assert said == {
        "kind": "error",
        "words": "That is no part of the photo, which has 140 x 90 pixels: move the view, then try again.",
    }
    assert record.view is None


@pytest.mark.parametrize("wish", [None, "x", [1], {"picture": None}])
def test_nonsense_is_refused(visits: Visits, wish: Any) -> None:
    compared(visits.of("one"), noise())
    assert ask(visits, "one", wish)[0][0]["words"] == text.VIEW_CHANGED


def test_a_part_may_touch_the_edges() -> None:
    assert region_of({"x": 0, "y": 0, "width": 140, "height": 90}, (90, 140)) == Region(0, 0, 140, 90)
    assert region_of({"x": 139, "y": 89, "width": 1, "height": 1}, (90, 140)).pixels == 1


def test_a_view_too_large_is_refused_with_both_numbers(visits: Visits) -> None:
    record = compared(visits.of("one"), np.full((2000, 2000, 3), 0.5, np.float32))
    wish = {"x": 0, "y": 0, "width": 2000, "height": 2000, "picture": str(record.opened.picture)}
    [(said, _)] = ask(visits, "one", wish)
    assert "holds 4.0 megapixels, and at most 2.5 are scored" in said["words"]


def test_a_new_photo_ends_the_scoring(visits: Visits) -> None:
    visit = visits.of("one")
    record = compared(visit, noise())
    request = gr.Request(session_hash="one")
    wish = gr.EventData(None, PART | {"picture": str(record.opened.picture)})
    telling = ViewScoring(Engine(Settings()), visits).score_view(wish, request)
    next(telling)
    visit.begin()
    assert len(list(telling)) == 1
    assert record.view is None

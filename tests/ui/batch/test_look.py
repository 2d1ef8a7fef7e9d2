"""A photo of the batch, looked at in the comparison."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.support import files
from tests.support.browser import opened_page, press, restore, shown_input, widths_become
from uniremoval.ui import text
from uniremoval.ui.restore.from_batch import FromBatch
from uniremoval.ui.visit.batch_record import Batch, items_of
from uniremoval.ui.visit.record import Opened, Record
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STUDENT = ".pane[data-key=student] img.photo"


@pytest.mark.browser
def test_a_click_shows_it_with_what_the_batch_made_of_it(app: str, browser: Browser, tmp_path: Path) -> None:
    paths = [files.png(tmp_path, files.noise(40, 60 + i, 3, bits=8, seed=i), name=f"photo {i}.png") for i in range(2)]
    with opened_page(browser, app) as page:
        page.get_by_role("tab", name="Batch").click()
        page.wait_for_selector("#batch-pick input")
        page.locator("#batch-photos input[type=file]").set_input_files(paths)
        page.locator("#batch-pick").get_by_label("Student", exact=True).check()
        page.locator("#batch-pick").get_by_label("Student", exact=False).last.uncheck()
        assert page.locator("#batch button.look").count() == 0
        press(page, "#batch-run")
        page.get_by_role("button", name="Look at photo 1.png in the comparison").first.click()
        shown_input(page)
        page.locator("#status .words", has_text=text.BATCH_OPENED.format(name="photo 1.png")).wait_for()
        widths_become(page, [61, 61])  # the second photo, and one output of it
        assert page.locator(".pane .score .known").count() == 4
        assert page.locator(".neighbours span").inner_text() == "Photo 2 of 2 of the batch"
        assert page.get_by_role("button", name="Next photo").is_disabled()
        page.get_by_role("button", name="Previous photo").click()
        widths_become(page, [60, 60])
        assert page.get_by_role("button", name="Previous photo").is_disabled()
        page.locator("#viewer .pane .viewport").first.hover()
        page.keyboard.press("n")
        widths_become(page, [61, 61])
        made = page.locator(STUDENT).get_attribute("src")
        restore(page)
        assert page.locator(STUDENT).get_attribute("src") == made, "what the batch made is not made again"


@pytest.mark.parametrize("asked", [None, -1, 1, "0", True, [0]])
def test_what_is_not_there_is_told(asked: object, checkpoints: Path, visits: Visits, tmp_path: Path) -> None:
    visit = visits.of("me")
    visit.batch = Batch(items_of([(files.jpeg(tmp_path), "photo.jpg")]))
    request = SimpleNamespace(session_hash="me")
    looking = FromBatch(Engine(Settings(checkpoints, "cpu")), visits)
    status, _ = looking.open(SimpleNamespace(_data={"photo": asked}), request)
    assert text.RECORD_GONE in str(status)
    assert visit.opened is None and not visit.busy


def test_steps_leave_out_photos_that_were_not_restored(visits: Visits, checkpoints: Path, tmp_path: Path) -> None:
    visit = visits.of("me")
    paths = [files.png(tmp_path, files.noise(40, 60, 3, bits=8), name=f"{number}.png") for number in range(4)]
    visit.batch = Batch(items_of([(path, path.name) for path in paths]))
    for number in (0, 1, 3):
        item = visit.batch.items[number]
        item.record = Record(Opened(item.source, item.name, item.source, (40, 60)))
    looking = FromBatch(Engine(Settings(checkpoints, "cpu")), visits)
    _, shown = looking.open(SimpleNamespace(_data={"photo": 1}), SimpleNamespace(session_hash="me"))
    assert shown["batch"] == {"number": 2, "photos": 4, "before": 0, "after": 3}

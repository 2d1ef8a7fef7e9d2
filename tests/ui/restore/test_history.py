"""Earlier comparisons of the visit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import files
from tests.support.browser import click_example, no_history, opened_page, restore, shown_input, upload, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_one_click_brings_a_comparison_back(app: str, browser: Browser, tmp_path: Path) -> None:
    hostile = files.png(tmp_path, files.noise(50, 70, 3, bits=8), name="<b>mine.png")
    earlier = "#history button"
    with opened_page(browser, app) as page:
        upload(page, hostile)
        shown_input(page)
        restore(page)
        no_history(page)
        pictures = page.locator(".pane img.photo").evaluate_all("all => all.map(i => i.getAttribute('src'))")
        scores = page.locator(".score .number").all_inner_texts()

        click_example(page)
        page.locator(earlier).wait_for()
        assert page.locator(earlier).inner_text() == "<b>mine.png: 5 outputs"
        restore(page)
        page.locator("#pick-teacher input").first.uncheck()
        restore(page, panes=5)
        page.wait_for_function("document.querySelectorAll('#history button').length === 2")

        page.locator(earlier, has_text="mine.png").click()
        page.wait_for_function(
            "src => document.querySelector('.pane img.photo').getAttribute('src') === src", arg=pictures[0]
        )
        assert words(page).startswith("<b>mine.png, as it was")
        assert page.locator(".pane img.photo").evaluate_all("all => all.map(i => i.getAttribute('src'))") == pictures
        page.wait_for_function(
            "() => [...document.querySelectorAll('.pane img.photo')].every(i => i.complete && i.naturalWidth === 70)"
        )
        assert page.locator(".score .number").all_inner_texts() == scores
        page.wait_for_function("document.querySelectorAll('#history button').length === 2")
        with page.expect_download() as download:
            page.locator(".zip").click()
        assert download.value.suggested_filename == "_b_mine-all.zip"
        restore(page, panes=5)


def test_the_history_is_the_visitors_own(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        click_example(page)
        restore(page)
        with opened_page(browser, app) as other:
            click_example(other)
            restore(other)
            assert other.locator("#history button").count() == 0

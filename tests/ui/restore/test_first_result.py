"""A photo that is opened is restored at once, with the recommended checkpoint; the comparison is a click away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import files
from tests.support.browser import (
    click_example,
    first_result,
    no_history,
    opened_page,
    restore,
    shown_input,
    upload,
    words,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def titles(page: Page) -> list[str]:
    return page.locator(".pane .head strong").all_inner_texts()


def picture(page: Page, key: str) -> str:
    return page.locator(f".pane[data-key={key}] img.photo").get_attribute("src") or ""


def test_one_result_then_the_comparison_keeps_it(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        click_example(page)
        first_result(page)
        assert titles(page) == ["Input", "Adapted student"]
        assert "pixels, 8 bits per channel" in words(page)
        page.wait_for_selector("#cancel[disabled]")
        assert page.locator("#restore").is_enabled()
        first = picture(page, "student-adapted")
        restore(page)
        assert titles(page)[:3] == ["Input", "Adapted student", "Student"]
        assert picture(page, "student-adapted") == first
        assert words(page).startswith("5 restorations")
        no_history(page)


def test_the_comparison_does_not_wait_for_the_first_result(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        page.locator("#pick-teacher input").first.wait_for()
        for box in page.locator("#pick-teacher input, #pick-adaptation input").all():
            box.uncheck()
        upload(page, files.large(tmp_path))
        page.locator("#status .words", has_text="Adapted student (1 of 1)").wait_for()
        page.locator("#restore").click()
        page.wait_for_selector("#restore[disabled]")
        page.wait_for_selector("#restore:not([disabled])", timeout=60_000)
        assert titles(page) == ["Input", "Student"]
        assert words(page).startswith("1 restoration ")
        page.wait_for_selector("#cancel[disabled]")


def test_the_first_result_can_be_cancelled(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        upload(page, files.large(tmp_path))
        page.locator("#status .words", has_text="Adapted student (1 of 1)").wait_for()
        page.locator("#cancel").click()
        page.locator("#status .words", has_text="Cancelled: 0 of 1").wait_for()
        page.wait_for_selector("#cancel[disabled]")
        assert page.locator("#restore").is_enabled()


def test_after_a_bad_file_the_photo_before_stays(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        upload(page, files.png(tmp_path, files.gradient(40, 60), name="good.png"))
        shown_input(page)
        first_result(page)
        before = picture(page, "student-adapted")
        upload(page, files.text(tmp_path))
        page.wait_for_selector("#status .error")
        page.wait_for_selector("#cancel[disabled]")
        assert picture(page, "student-adapted") == before
        assert page.locator("#restore").is_enabled()

"""The page in a real browser; see tests.support.browser for what every test here also checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support import files
from tests.support.browser import PHONE, click_example, opened_page, restore, shown_input, upload, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
NUMBER = re.compile("\N{MINUS SIGN}?[0-9]+[.][0-9]")
CHANGE = re.compile("([+\N{MINUS SIGN}][0-9]+[.][0-9])|no change")


def test_example_to_five_scored_outputs(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        assert page.locator("#examples button").count() >= 6
        click_example(page)
        restore(page)
        titles = page.locator(".pane .head strong").all_inner_texts()
        assert titles[0] == "Input"
        assert len(titles) == len(set(titles)) == 6
        assert all(NUMBER.fullmatch(number) for number in page.locator(".score .number").all_inner_texts())
        changes = page.locator(".score .change").all_inner_texts()
        assert len(changes) == 10
        assert all(CHANGE.fullmatch(change) for change in changes)
        assert page.locator(".mark").count() >= 2
        assert "lower is more natural" in page.locator("#scores-help").inner_text()
        assert page.locator(".download").count() == 5
        assert words(page).startswith("5 restorations")


def test_chosen_checkpoints_only(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        click_example(page)
        page.wait_for_selector("#pick-transfer input")
        page.locator("#pick-teacher").get_by_label("Haze").uncheck()
        page.locator("#pick-teacher").get_by_label("Blur").uncheck()
        page.locator("#pick-adaptation input").uncheck()
        restore(page, panes=3)
        assert page.locator(".pane .head strong").all_inner_texts() == ["Input", "Student", "Teacher: rain"]
        page.locator("#pick-teacher").get_by_label("Rain").uncheck()
        page.locator("#pick-transfer input").uncheck()
        page.locator("#restore").click()
        page.wait_for_selector("#status .error")
        assert words(page).startswith("No checkpoint is selected")


def test_restore_without_a_photo(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        page.locator("#restore").click()
        page.wait_for_selector("#status .error")
        assert words(page).startswith("There is no photo yet")


BAD = {
    "empty": files.empty, "text": files.text, "truncated": files.truncated, "bomb": files.bomb, "svg": files.svg,
}  # fmt: skip


def test_bad_files_give_a_sentence_and_the_page_lives_on(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        for kind, draw in BAD.items():
            (tmp_path / kind).mkdir()
            path = draw(tmp_path / kind)
            upload(page, path)
            page.wait_for_function(
                "name => document.querySelector('#status .error')?.innerText.includes(name)", arg=path.name
            )
            assert words(page).endswith(".")
            assert str(tmp_path) not in words(page)
        click_example(page)
        assert page.locator("#status .error").count() == 0


def test_a_file_too_large_is_not_even_uploaded(app: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(110_000_000)
    with opened_page(browser, app) as page:
        upload(page, path)
        page.wait_for_selector("#status .error")
        assert words(page).startswith("huge.png has 110 MB, and the limit is 106 MB")


def black(folder: Path) -> Path:
    return files.png(folder, np.zeros((80, 100, 3), np.uint8), name="black.png")


def transparent(folder: Path) -> Path:
    return files.png(folder, np.zeros((80, 100, 4), np.uint8), name="transparent.png")


def single_pixel(folder: Path) -> Path:
    return files.png(folder, np.full((1, 1, 3), 90, np.uint8), name="pixel.png")


def narrow(folder: Path) -> Path:
    return files.png(folder, np.zeros((400, 3, 3), np.uint8), name="narrow.png")


@pytest.mark.parametrize("draw", [black, transparent, single_pixel, narrow])
def test_photos_without_scores_are_restored(
    app: str, browser: Browser, tmp_path: Path, draw: Callable[[Path], Path]
) -> None:
    with opened_page(browser, app) as page:
        upload(page, draw(tmp_path))
        shown_input(page)
        restore(page)
        assert "no score, because" in page.locator(".pane .scores").first.inner_text()
        assert page.locator(".download").count() == 5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_phone_stacks_and_nothing_overflows(app: str, browser: Browser, dark: bool) -> None:
    with opened_page(browser, app, PHONE, dark, has_touch=True, is_mobile=True) as page:
        click_example(page)
        restore(page)
        boxes = [pane.bounding_box() for pane in page.locator(".pane").all()]
        assert len({box["x"] for box in boxes}) == 1
        for mode in ("wipe", "side"):
            page.locator(f"button[data-mode={mode}]").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        backdrop = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", backdrop)[:3])) < 3 * 64) == dark


def test_keyboard_reaches_everything(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        click_example(page)
        restore(page)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll('button, select, a[href], [tabindex="0"], input:not([type=file])')]
                .filter(node => node.offsetParent && !node.closest('footer'))
                .filter(node => !(node.innerText || node.ariaLabel || node.closest('label')?.innerText || '').trim())
                .map(node => node.outerHTML.slice(0, 80))"""
        )
        assert unnamed == []
        page.locator("button[data-mode=wipe]").focus()
        page.keyboard.press("Enter")
        handle = page.locator(".handle")
        handle.focus()
        page.keyboard.press("ArrowRight")
        assert handle.get_attribute("aria-valuenow") == "52"

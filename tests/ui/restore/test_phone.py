"""At the width of a phone nothing of the Restore tab sticks out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import PHONE, click_example, first_result, more_tools, opened_page, restore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

STICKING_OUT = """([selector, width]) => [...document.querySelectorAll(selector)]
    .filter(node => node.offsetParent)
    .filter(node => {
        const box = node.getBoundingClientRect();
        return box.left < 0 || box.right > width || node.scrollWidth > Math.ceil(box.width);
    })
    .map(node => `${node.className || node.id} of ${selector}: ${node.getBoundingClientRect().right}`)"""


def check(page: Page, *selectors: str) -> None:
    """Each is there, none is wider than the page or than its own frame, and neither is the page itself."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    for selector in selectors:
        assert page.locator(selector).locator("visible=true").count() >= 1, selector
        assert page.evaluate(STICKING_OUT, [selector, PHONE[0]]) == []


def test_slider_history_and_scores_fit(app: str, browser: Browser) -> None:
    with opened_page(browser, app, PHONE, dark=True, has_touch=True, is_mobile=True) as page:
        for index in (0, 1):
            click_example(page, index)
            first_result(page)
            restore(page)
        page.locator("#history button").first.wait_for()
        assert page.locator(".bar").bounding_box()["height"] < 60, "one row, until one asks for more"
        more_tools(page)
        check(page, ".strength", "#history .earlier", "#history button", ".pane .scores", ".pane .score", ".pane .head")
        page.locator("[name=strength]").fill("45")
        page.locator(".share").tap()
        page.locator("[data-zoom=actual]").tap()
        page.locator(".score-view").tap()
        page.wait_for_function(
            "document.querySelectorAll('.local .number').length === 12 && !document.querySelector('.local .pending')",
            timeout=60_000,
        )
        page.locator(".magnify").tap()
        for mode in ("side", "wipe", "blink", "difference"):
            page.locator(f"button[data-mode={mode}]").tap()
            check(page, ".strength", ".weaker", ".tools", ".sharing", ".chosen", ".local", ".local .score", ".scores")
            if mode != "side":
                check(page, ".of-two", ".pair", ".name")
        check(page, ".factor")
        page.locator("[name=strength]").fill("100")  # else what is brought back is scored anew
        page.locator("#status .words", has_text="at 100 % strength").wait_for()
        page.locator("#history button").first.tap()
        page.wait_for_function("document.querySelector('#status .words').innerText.includes('as it was restored')")
        check(page, ".strength", "#history .earlier", ".pane .scores")
        ink, paper = page.locator(".pane .number").first.evaluate(
            "node => [getComputedStyle(node).color, getComputedStyle(node.closest('.pane')).backgroundColor]"
        )
        assert brightness(ink) > brightness(paper) + 120


def brightness(colour: str) -> float:
    """0 to 255, of a colour as a browser tells it: "rgb(1, 2, 3)"."""
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3

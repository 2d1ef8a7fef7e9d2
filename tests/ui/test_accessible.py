"""Roles, labels, names and contrast as WCAG 2.1 AA wants them, on every tab, in light and in dark, judged by axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import DESKTOP, PHONE, click_example, more_tools, opened_page, restore
from uniremoval.ui.text import ADVANCED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


SETTLED = """() => document.getAnimations().every(
    ({ effect, playState }) => playState !== 'running' || effect.getTiming().iterations === Infinity)"""


def violations(page: Page) -> list[str]:
    page.wait_for_function(SETTLED)  # a button that fades in has little contrast on its way
    judged = Axe().run(page, options=RULES).response
    assert "color-contrast" in {rule["id"] for rule in judged["passes"]}
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in judged["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, True), (PHONE, False)], ids=["desktop-dark", "phone-light"])
def test_no_violation(app: str, browser: Browser, size: tuple[int, int], dark: bool) -> None:
    with opened_page(browser, app, size, dark) as page:
        page.wait_for_selector("#pick-teacher input")
        found = {"start": violations(page)}
        click_example(page, 0)
        restore(page)
        more_tools(page)
        for mode in ("side", "wipe", "blink", "difference"):
            page.locator(f"button[data-mode={mode}]").click()
            found[mode] = violations(page)
        page.get_by_role("tab", name="Batch").click()
        page.get_by_role("tabpanel").get_by_role("button", name=ADVANCED).locator("visible=true").click()
        page.locator("#batch-strength input[type=number]").wait_for()
        found["batch"] = violations(page)
        for tab, drawn in (("Checkpoints", "#cards tbody tr"), ("About", "#about svg")):
            page.get_by_role("tab", name=tab).click()
            page.wait_for_selector(drawn)
            found[tab] = violations(page)
        assert not {tab: problems for tab, problems in found.items() if problems}

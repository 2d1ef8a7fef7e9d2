"""The viewer: one zoom and pan for all panes, and full-resolution pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.support.browser import click_example, opened_page, restore
from uniremoval.ui.restore.examples import examples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(app: str, browser: Browser) -> Iterator[Page]:
    """An example restored by two checkpoints."""
    with opened_page(browser, app) as opened:
        click_example(opened)
        opened.wait_for_selector("#pick-transfer input")
        for box in opened.locator("#pick-teacher input").all():
            box.uncheck()
        restore(opened, panes=3)
        yield opened


def transforms(page: Page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('.pane img.photo')].map(photo => photo.style.transform)")


def scale(page: Page) -> float:
    return float(transforms(page)[0].split("scale(")[1].rstrip(")"))


def centre(page: Page, selector: str = ".pane .viewport") -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_wheel_drag_and_buttons_move_all_panes_alike(page: Page) -> None:
    fitted = transforms(page)
    assert len(set(fitted)) == 1
    page.mouse.move(*centre(page))
    page.mouse.wheel(0, -400)
    page.wait_for_function(
        "before => document.querySelector('.pane img.photo').style.transform !== before", arg=fitted[0]
    )
    zoomed = transforms(page)
    assert len(set(zoomed)) == 1
    assert scale(page) > 1.5 * float(fitted[0].split("scale(")[1].rstrip(")"))
    x, y = centre(page)
    page.mouse.down()
    page.mouse.move(x - 40, y - 25, steps=4)
    page.mouse.up()
    dragged = transforms(page)
    assert len(set(dragged)) == 1
    assert dragged[0] != zoomed[0]
    page.locator("[data-zoom=actual]").click()
    assert scale(page) == 1
    page.locator("[data-zoom=fit]").click()
    assert transforms(page) == fitted


def test_the_point_under_the_wheel_stays(page: Page) -> None:
    box = page.locator(".pane .viewport").first.bounding_box()
    at = (box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.6)
    under = """([x, y]) => {
        const box = document.querySelector('.pane img.photo').getBoundingClientRect();
        return [(x - box.left) / box.width, (y - box.top) / box.height];
    }"""
    before = page.evaluate(under, at)
    page.mouse.move(*at)
    page.mouse.wheel(0, -600)
    page.wait_for_selector(".pane .viewport.zoomed")
    assert page.evaluate(under, at) == pytest.approx(before, abs=0.01)


def test_pinch_zooms(page: Page) -> None:
    before = scale(page)
    page.evaluate(
        """() => {
            const viewport = document.querySelector('.pane .viewport');
            const box = viewport.getBoundingClientRect();
            const finger = (type, id, dx) => viewport.dispatchEvent(new PointerEvent(type, {
                pointerId: id, pointerType: 'touch', bubbles: true, isPrimary: id === 11,
                clientX: box.left + box.width / 2 + dx, clientY: box.top + box.height / 2,
            }));
            viewport.setPointerCapture = () => {};
            finger('pointerdown', 11, -20); finger('pointerdown', 12, 20);
            for (let spread = 20; spread <= 60; spread += 4) {
                finger('pointermove', 11, -spread); finger('pointermove', 12, spread);
            }
            finger('pointerup', 11, -60); finger('pointerup', 12, 60);
        }"""
    )
    assert scale(page) / before == pytest.approx(3, rel=0.1)


def test_keys(page: Page) -> None:
    page.locator(".pane .viewport").nth(1).focus()
    page.keyboard.press("1")
    assert scale(page) == 1
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(1.25)
    before = transforms(page)
    page.keyboard.press("ArrowRight")
    assert transforms(page) != before
    page.keyboard.press("0")
    assert page.locator("[data-zoom=fit]").get_attribute("aria-pressed") == "true"


def test_panes_hold_every_pixel(page: Page) -> None:
    sizes = page.evaluate(
        "[...document.querySelectorAll('.pane img.photo')].map(i => [i.naturalWidth, i.naturalHeight])"
    )
    with Image.open(examples()[0].path) as original:
        assert sizes == [list(original.size)] * 3
    page.locator("[data-zoom=actual]").click()
    density = page.evaluate("window.devicePixelRatio")
    assert page.locator(".pane img.photo").first.bounding_box()["width"] == pytest.approx(sizes[0][0] / density)

"""The magnifier: the same place in every pane, four times enlarged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support.browser import PHONE, click_example, more_tools, opened_page, restore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DRAWN = """(selector) => {
    const canvas = document.querySelector(selector);
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return [canvas.width, Array.from(data)];
}"""
AROUND = """([selector, x, y, reach]) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 2 * reach + 1;
    const pen = canvas.getContext('2d');
    pen.drawImage(document.querySelector(selector), reach - x, reach - y);
    return [canvas.width, Array.from(pen.getImageData(0, 0, canvas.width, canvas.height).data)];
}"""


@pytest.fixture
def page(compared: Page) -> Iterator[Page]:
    """Side by side, fitted, the magnifier on and in the middle of the first pane."""
    compared.mouse.move(*centre(compared, ".pane .viewport, .pair .viewport"))
    compared.keyboard.press("s")
    compared.mouse.move(*centre(compared, ".pane .viewport"))
    compared.keyboard.press("0")
    compared.keyboard.press("m")
    settled(compared)
    yield compared
    compared.locator(".magnify[aria-pressed=true]").click()


def centre(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).locator("visible=true").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def settled(page: Page) -> None:
    """Until what was asked for is drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def labels(page: Page) -> list[str]:
    return page.locator(".loupe canvas").locator("visible=true").evaluate_all("all => all.map(c => c.ariaLabel)")


def place(page: Page) -> tuple[int, int]:
    """Where the magnifier is, in photo pixels, which all panes agree on."""
    places = {tuple(map(int, re.search(r"at (\d+), (\d+)$", label).groups())) for label in labels(page)}
    assert len(places) == 1
    return places.pop()


def drawn_in(page: Page, pane: str) -> np.ndarray:
    """What the magnifier shows there: HxWx3 levels of 0 to 255."""
    return _pixels(page.evaluate(DRAWN, f"{pane} .loupe canvas"))


def enlarged(page: Page, photo: str, side: int) -> np.ndarray:
    """What it must show: `side` pixels per side, the photo's pixel at `place` in the middle, each of them four wide."""
    reach = side // 8 + 1
    around = _pixels(page.evaluate(AROUND, [photo, *place(page), reach]))
    cells = np.floor(reach + 0.5 + (np.arange(side) + 0.5 - side / 2) / 4).astype(int)
    return around[cells][:, cells]


def _pixels(given: tuple[int, list[int]]) -> np.ndarray:
    width, data = given
    return np.array(data, int).reshape(-1, width, 4)[..., :3]


def test_every_pane_shows_the_same_pixels_four_times_enlarged(page: Page) -> None:
    assert len(labels(page)) == 6
    assert labels(page)[0].startswith("Input, magnified 4 times at ")
    for key in ("input", "student", "teacher-rain"):
        drawn = drawn_in(page, f".pane[data-key={key}]")
        assert drawn.std() > 1
        np.testing.assert_array_equal(drawn, enlarged(page, f".pane[data-key={key}] img.photo", len(drawn)))


def test_it_follows_the_pointer_over_any_pane(page: Page) -> None:
    before = place(page)
    scale = page.locator(".pane img.photo").first.evaluate("p => p.getBoundingClientRect().width / p.naturalWidth")
    box = page.locator(".pane .viewport").nth(3).bounding_box()
    x, y = box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 2 - 12
    page.mouse.move(x, y)
    settled(page)
    assert np.subtract(place(page), before) == pytest.approx([30 / scale, -12 / scale], abs=1.01)
    glass = page.locator(".pane .loupe").nth(3).bounding_box()
    assert glass["x"] + glass["width"] / 2 == pytest.approx(x, abs=2)
    assert glass["y"] + glass["height"] / 2 == pytest.approx(y, abs=2)
    page.mouse.move(box["x"] + 12, box["y"] + 12)
    settled(page)
    glass = page.locator(".pane .loupe").nth(3).bounding_box()
    assert box["x"] - 1 < glass["x"] < x - 100, "it stays within the pane"
    assert glass["y"] == pytest.approx(box["y"], abs=1)


def test_keyboard_alone(page: Page) -> None:
    page.keyboard.press("m")
    settled(page)
    assert labels(page) == []
    button = page.locator(".magnify")
    button.focus()
    page.keyboard.press("Enter")
    settled(page)
    assert button.get_attribute("aria-pressed") == "true"
    page.locator(".pane .viewport").nth(1).focus()
    start = place(page)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    settled(page)
    assert place(page) == (start[0] + 1, start[1] + 1)
    page.keyboard.press("ArrowLeft")
    settled(page)
    assert place(page)[0] < start[0]
    page.keyboard.press("1")
    before = page.locator(".pane img.photo").first.evaluate("p => p.style.transform")
    page.keyboard.press("ArrowUp")
    settled(page)
    assert page.locator(".pane img.photo").first.evaluate("p => p.style.transform") == before
    for _ in range(60):
        page.keyboard.press("ArrowUp")
    settled(page)
    assert place(page)[1] == 0
    assert page.locator(".pane img.photo").first.evaluate("p => p.style.transform") != before


def test_before_is_magnified_while_held(page: Page) -> None:
    page.keyboard.down("h")
    settled(page)
    held = drawn_in(page, ".pane[data-key=student]")
    np.testing.assert_array_equal(held, drawn_in(page, ".pane[data-key=input]"))
    page.keyboard.up("h")
    settled(page)
    assert np.abs(drawn_in(page, ".pane[data-key=student]") - held).max() > 3


def test_strength_is_magnified_too(page: Page) -> None:
    full, given = (drawn_in(page, f".pane[data-key={key}]") for key in ("student", "input"))
    page.locator("[name=strength]").fill("50")
    settled(page)
    np.testing.assert_allclose(drawn_in(page, ".pane[data-key=student]"), (full + given) / 2, atol=1.5)
    page.locator("[name=strength]").fill("100")
    page.locator("#status .words", has_text="at 100 % strength").wait_for()


def test_it_shows_both_sides_of_the_wipe_and_the_difference(page: Page) -> None:
    page.keyboard.press("a")
    page.mouse.move(*centre(page, ".pair .viewport"))
    settled(page)
    assert len(labels(page)) == 1
    drawn = drawn_in(page, ".pair")
    sides = [enlarged(page, f".pair img.{side}", len(drawn)) for side in ("left", "right")]
    edge = len(drawn) // 2
    np.testing.assert_array_equal(drawn[:, : edge - 6], sides[0][:, : edge - 6])
    np.testing.assert_array_equal(drawn[:, edge + 6 :], sides[1][:, edge + 6 :])
    page.keyboard.press("d")
    page.wait_for_function("document.querySelector('.pair .difference').width > 1")
    settled(page)
    drawn = drawn_in(page, ".pair")
    np.testing.assert_array_equal(drawn, np.abs(sides[0] - sides[1]))
    assert page.locator(".pair .loupe canvas").evaluate("c => c.style.filter") == "brightness(8)"


def test_full_screen(page: Page) -> None:
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === document.querySelector('.viewer')")
    page.mouse.move(*centre(page, ".pane .viewport"))
    settled(page)
    assert len(labels(page)) == 6
    assert page.locator(".loupe").first.is_visible()
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")


def test_a_finger_moves_it_and_not_the_photo(app: str, browser: Browser) -> None:
    with opened_page(browser, app, PHONE, has_touch=True, is_mobile=True, device_scale_factor=2) as page:
        click_example(page)
        restore(page)
        more_tools(page)
        page.locator("[data-zoom=actual]").tap()
        page.locator(".magnify").tap()
        before = page.locator(".pane img.photo").first.evaluate("p => p.style.transform")
        page.evaluate(
            """() => {
                const viewport = document.querySelector('.pane .viewport');
                const box = viewport.getBoundingClientRect();
                viewport.setPointerCapture = () => {};
                for (const [type, dx] of [['pointerdown', 0], ['pointermove', 20], ['pointermove', 40]]) {
                    viewport.dispatchEvent(new PointerEvent(type, {
                        pointerId: 21, pointerType: 'touch', bubbles: true, isPrimary: true,
                        clientX: box.left + box.width / 2 + dx, clientY: box.bottom - 20,
                    }));
                }
                viewport.dispatchEvent(new PointerEvent('pointerup', { pointerId: 21, pointerType: 'touch' }));
            }"""
        )
        settled(page)
        assert page.locator(".pane img.photo").first.evaluate("p => p.style.transform") == before
        assert len(labels(page)) == 6
        glass, box = (page.locator(f".pane {part}").first.bounding_box() for part in (".loupe", ".viewport"))
        assert glass["x"] + glass["width"] / 2 == pytest.approx(box["x"] + box["width"] / 2 + 40, abs=2)
        assert glass["y"] + glass["height"] < box["y"] + box["height"] - 20, "the finger does not cover it"
        drawn = drawn_in(page, ".pane[data-key=student]")
        assert len(drawn) == round(glass["width"] * 2)
        np.testing.assert_array_equal(drawn, enlarged(page, ".pane[data-key=student] img.photo", len(drawn)))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

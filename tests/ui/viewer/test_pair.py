"""Two photos on one spot: wipe, blink and difference; holding for before, full screen, and the keys for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PIXELS = """(selector) => {
    const shown = document.querySelector(selector);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [shown.naturalWidth || shown.width, shown.naturalHeight || shown.height];
    const pen = canvas.getContext('2d');
    pen.drawImage(shown, 0, 0);
    return Array.from(pen.getImageData(0, 0, canvas.width, 40).data);
}"""


@pytest.fixture
def page(compared: Page) -> Page:
    """The page with the pointer in the viewer, all panes side by side."""
    compared.locator(".pane .viewport, .pair .viewport").locator("visible=true").first.hover()
    compared.keyboard.press("s")
    return compared


def pixels(page: Page, selector: str) -> np.ndarray:
    return np.array(page.evaluate(PIXELS, selector), int).reshape(-1, 4)[:, :3]


def visible(page: Page, selector: str) -> bool:
    return page.locator(selector).evaluate(
        "node => getComputedStyle(node).visibility === 'visible' && node.offsetParent !== null"
    )


def centre(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_wipe_between_any_two(page: Page) -> None:
    page.locator("button[data-mode=wipe]").click()
    left, right = page.locator("select[name=left]"), page.locator("select[name=right]")
    assert (left.input_value(), right.input_value()) == ("input", "student-adapted"), "the recommended one at first"
    right.select_option("student")
    for side, key in (("left", "input"), ("right", "student")):
        shown = page.locator(f".pair img.{side}").get_attribute("src")
        assert shown == page.locator(f".pane[data-key={key}] img.photo").get_attribute("src")
    x, y = centre(page, ".handle")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y, steps=4)
    page.mouse.up()
    assert centre(page, ".handle")[0] == pytest.approx(x + 150, abs=2)
    edges = page.evaluate(
        """() => ['left', 'right'].map(side => {
            const photo = document.querySelector('.pair img.' + side);
            const box = photo.getBoundingClientRect();
            const cut = Math.max(...photo.style.clipPath.match(/[0-9.]+/g).map(Number)) * box.width / photo.offsetWidth;
            return side === 'left' ? box.right - cut : box.left + cut;
        })"""
    )
    assert edges == pytest.approx([x + 150, x + 150], abs=2)


def test_the_difference_is_exact_and_amplified(page: Page) -> None:
    page.locator("button[data-mode=difference]").click()
    page.locator("select[name=left]").select_option("teacher-haze")
    page.locator("select[name=right]").select_option("student")
    page.wait_for_function("document.querySelector('.pair canvas').getAttribute('aria-label').includes('Student')")
    expected = np.abs(pixels(page, ".pair img.left") - pixels(page, ".pair img.right"))
    assert expected.max() > 3
    np.testing.assert_array_equal(pixels(page, ".pair canvas"), expected)
    size = "node => [node.width || 0, node.height || 0]"
    natural = page.locator(".pair img.left").evaluate("photo => [photo.naturalWidth, photo.naturalHeight]")
    assert page.locator(".pair canvas").evaluate(size) == natural
    assert page.locator(".factor output").inner_text() == "8x"
    page.locator("[name=factor]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(".")
    assert page.locator(".factor output").inner_text() == "32x"
    assert page.locator(".pair canvas").evaluate("node => node.style.filter") == "brightness(32)"
    page.keyboard.press(",")
    page.keyboard.press(",")
    page.locator("select[name=left]").select_option("input")


def test_strength_weakens_the_difference(page: Page) -> None:
    page.locator("button[data-mode=difference]").click()
    page.locator("select[name=left]").select_option("input")
    page.locator("select[name=right]").select_option("student")
    page.wait_for_function("document.querySelector('.pair canvas').getAttribute('aria-label').includes('Student')")
    full = pixels(page, ".pair canvas")
    page.locator("[name=strength]").fill("50")
    np.testing.assert_allclose(pixels(page, ".pair canvas"), full / 2, atol=1.5)
    assert page.locator(".weaker").is_visible()
    page.locator("[name=strength]").fill("100")
    page.locator("#status .words", has_text="at 100 % strength").wait_for()
    np.testing.assert_array_equal(pixels(page, ".pair canvas"), full)


def test_blink_flips_while_the_key_or_the_button_is_held(page: Page) -> None:
    page.keyboard.press("b")
    shown = [(".pair img.left", ".left-name"), (".pair img.right", ".right-name")]

    def sides() -> list[bool]:
        assert [visible(page, name) for _, name in shown] == [visible(page, ".left-name"), visible(page, ".right-name")]
        return [visible(page, name) for _, name in shown]

    assert sides() == [False, True]
    page.keyboard.down("h")
    assert sides() == [True, False]
    assert visible(page, ".pair img.left")
    page.keyboard.up("h")
    assert sides() == [False, True]
    page.mouse.move(*centre(page, ".hold"))
    page.mouse.down()
    assert sides() == [True, False]
    page.mouse.up()
    assert sides() == [False, True]
    page.locator(".hold").focus()
    page.keyboard.down(" ")
    assert sides() == [True, False]
    page.keyboard.up(" ")
    assert sides() == [False, True]


def test_holding_shows_the_input_in_every_pane(page: Page) -> None:
    opacity = "nodes => nodes.map(node => getComputedStyle(node).opacity)"
    assert set(page.locator(".pane img.before:not([hidden])").evaluate_all(opacity)) == {"0"}
    page.keyboard.down("h")
    assert page.locator(".pane img.before:not([hidden])").evaluate_all(opacity) == ["1"] * 5
    shown = page.locator(".pane[data-key=input] img.photo").get_attribute("src")
    over = page.locator(".pane img.before:not([hidden])")
    sources = over.evaluate_all("nodes => nodes.map(n => n.getAttribute('src'))")
    assert sources == [shown] * 5
    page.keyboard.up("h")
    assert set(page.locator(".pane img.before:not([hidden])").evaluate_all(opacity)) == {"0"}


def test_panes_are_labelled_with_scores_in_every_mode(page: Page) -> None:
    for key in "abd":
        page.keyboard.press(key)
        for side in ("left", "right"):
            label = page.locator(f".{side}-name").text_content()
            assert "BRISQUE" in label
            assert "PIQE" in label
        assert page.locator(".pane figcaption").locator("visible=true").count() == 6


def test_the_keys_are_listed_and_step_through_the_photos(page: Page) -> None:
    assert not page.locator(".keys").is_visible()
    page.keyboard.press("?")
    assert "blink" in page.locator(".keys").inner_text()
    page.locator(".help").click()
    assert not page.locator(".keys").is_visible()
    page.keyboard.press("a")
    right = page.locator("select[name=right]")
    right.select_option("teacher-rain")
    page.locator(".pair .viewport").hover()
    page.locator(".pair .viewport").focus()
    page.keyboard.press("]")
    assert right.input_value() == "teacher-blur"
    page.keyboard.press("]")
    assert right.input_value() == "input"
    page.keyboard.press("[")
    assert right.input_value() == "teacher-blur"


def test_zoom_keys_work_wherever_the_pointer_is_in_the_viewer(page: Page) -> None:
    page.locator(".pane figcaption").first.hover()
    page.locator("body").evaluate("() => document.activeElement.blur()")
    for key, pressed in (("1", "actual"), ("0", "fit")):
        page.keyboard.press(key)
        assert page.locator(f"[data-zoom={pressed}]").get_attribute("aria-pressed") == "true"
    before = page.locator(".zoom output").inner_text()
    page.keyboard.press("+")
    assert page.locator(".zoom output").inner_text() != before
    page.keyboard.press("0")


def test_keys_do_nothing_elsewhere(page: Page) -> None:
    page.mouse.move(5, 5)
    page.locator("#restore").focus()
    page.keyboard.press("d")
    assert page.locator(".viewer").get_attribute("data-mode") == "side"


def test_full_screen(page: Page) -> None:
    page.locator(".whole").click()
    page.wait_for_function("document.fullscreenElement === document.querySelector('.viewer')")
    page.wait_for_selector(".whole[aria-pressed=true]")
    page.keyboard.press("a")
    page.wait_for_selector(".viewer[data-mode=wipe]")
    assert page.locator(".pair .viewport").bounding_box()["width"] > 1300
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
    page.wait_for_selector(".whole[aria-pressed=false]")

"""A clean photo to compare with: PSNR, SSIM and the error map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support import files
from tests.support.browser import first_result, opened_page, restore, shown_input, upload, words
from uniremoval.photo import decode
from uniremoval.quality import compare

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def choose_reference(page: Page, path: Path) -> None:
    if not page.locator("#reference-file").is_visible():
        page.locator("#reference button").first.click()
    page.locator("#reference input[type=file]").set_input_files(path)


def shown_scores(page: Page, key: str) -> dict[str, str]:
    cells = page.locator(f".pane[data-key={key}] .score").all()
    return {cell.locator("dt").inner_text().split("\n")[0]: cell.locator(".number").inner_text() for cell in cells}


def pending(page: Page) -> None:
    """Wait until nothing is being restored, compared or scored."""
    page.wait_for_function("!document.querySelector('.score .pending') && document.querySelector('#status .idle')")


def test_reference_before_and_after_the_restoration(app: str, browser: Browser, tmp_path: Path) -> None:
    clean = np.asarray(files.gradient(90, 120))
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 20, clean.shape), 0, 255).astype(np.uint8)
    reference = files.png(tmp_path, clean, name="clean.png")
    photo = files.png(tmp_path, noisy, name="noisy.png")
    with opened_page(browser, app) as page:
        choose_reference(page, files.png(tmp_path, clean, name="too early.png"))
        page.wait_for_selector("#status .error")
        assert words(page).startswith("There is no photo yet")
        upload(page, photo)
        shown_input(page)
        restore(page)
        choose_reference(page, reference)
        page.locator("#status .words", has_text="Compared with clean.png").wait_for()
        pending(page)
        expected = compare(decode(photo).pixels, decode(reference).pixels)
        scores = shown_scores(page, "input")
        assert scores["PSNR"] == f"{expected['psnr'].value:.2f}"
        assert scores["SSIM"] == f"{expected['ssim'].value:.3f}"
        assert page.locator(".pane").count() == 7
        assert page.locator(".mark").count() >= 4
        late = {key: shown_scores(page, key) for key in ("student", "reference")}
        assert set(late["reference"]) == {"BRISQUE", "PIQE"}

        page.locator("button[data-mode=difference]").click()
        assert page.locator("select[name=left]").input_value() == "reference"
        page.locator("button[data-mode=side]").click()

        restore(page, panes=7)
        pending(page)
        assert {key: shown_scores(page, key) for key in late} == late
        page.get_by_role("button", name="Remove").click()
        page.wait_for_selector(".pane[data-key=reference]", state="detached")
        assert set(shown_scores(page, "student")) == {"BRISQUE", "PIQE"}


def test_a_reference_of_another_size_is_refused(app: str, browser: Browser, tmp_path: Path) -> None:
    photo = files.png(tmp_path, files.gradient(40, 60), name="photo.png")
    other = files.png(tmp_path, files.gradient(50, 60), name="other.png")
    with opened_page(browser, app) as page:
        upload(page, photo)
        first_result(page)
        for path, sentence in (
            (other, "other.png has 60 x 50 pixels and the photo 60 x 40"),
            (files.text(tmp_path), ""),
        ):
            choose_reference(page, path)
            page.wait_for_function(
                "name => document.querySelector('#status .error')?.innerText.includes(name)", arg=path.name
            )
            assert words(page).startswith(sentence)
        assert page.locator(".pane").count() == 2

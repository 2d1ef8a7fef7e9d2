"""Uploads, downloads, cancelling, leaving, and several visitors at once, in a real browser."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from tests.support import files
from tests.support.browser import (
    GRADIOS_OWN,
    click_example,
    first_result,
    opened_page,
    restore,
    shown_input,
    start,
    upload,
    widths_become,
    words,
)
from tests.support.files import large
from tests.support.models import card_of, tiny
from uniremoval import checkpoint
from uniremoval.catalog import Catalog
from uniremoval.photo import decode, encode
from uniremoval.restore import load_restorer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("bits", [8, 16])
def test_downloads_are_what_the_engine_gives(
    app: str, browser: Browser, checkpoints: Path, tmp_path: Path, bits: int
) -> None:
    path = files.png(tmp_path, files.noise(60, 80, 4, bits=bits), name="my photo.png")
    torch.set_num_threads(1)
    engine = load_restorer("student", catalog=Catalog([checkpoints]))
    with opened_page(browser, app) as page:
        upload(page, path)
        shown_input(page)
        restore(page)
        with page.expect_download() as download:
            page.locator(".pane[data-key=student] .download").click()
        assert download.value.suggested_filename == "my photo-student.png"
        assert Path(download.value.path()).read_bytes() == encode(engine.restore(path).photo, "PNG")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_drop_and_paste(app: str, browser: Browser, tmp_path: Path, way: str) -> None:
    path = files.jpeg(tmp_path, name="dropped.jpg", height=50, width=70)
    with opened_page(browser, app) as page:
        page.wait_for_selector("#photo input[type=file]", state="attached")
        page.evaluate(
            """([data, way]) => {
                const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
                const carried = new DataTransfer();
                carried.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }));
                const event = way === 'drop'
                    ? new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true })
                    : new ClipboardEvent('paste', { clipboardData: carried, bubbles: true });
                document.querySelector('#viewer').dispatchEvent(event);
            }""",
            [base64.b64encode(path.read_bytes()).decode(), way],
        )
        shown_input(page)
        first_result(page)
        assert words(page).startswith("dropped.jpg: 70 x 50 pixels")


def test_several_photos_dropped_go_to_batch(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        page.wait_for_selector("#photo input[type=file]", state="attached")
        page.evaluate(
            """async () => {
                const carried = new DataTransfer();
                for (const index of [0, 1]) {
                    const source = document.querySelectorAll('#examples img')[index].src;
                    const blob = await (await fetch(source)).blob();
                    carried.items.add(new File([blob], `photo ${index}.jpg`, { type: 'image/jpeg' }));
                }
                const event = new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true });
                document.querySelector('#viewer').dispatchEvent(event);
            }"""
        )
        page.locator("#batch-status .words", has_text="2 photos. Choose the checkpoints").wait_for()
        assert page.locator("#batch tbody tr").count() == 2


def test_cancel_and_leave_free_the_machine(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        upload(page, large(tmp_path))
        shown_input(page)
        start(page)
        assert "(1 of " in words(page)
        clicked = time.monotonic()
        page.locator("#cancel").click()
        page.wait_for_selector("#restore:not([disabled])", timeout=60_000)
        assert time.monotonic() - clicked < 10
        assert words(page).startswith("Cancelled: ")
        assert page.locator(".pane .waiting", has_text="Cancelled").count() >= 1
        start(page)
    left = time.monotonic()
    with opened_page(browser, app) as page:
        click_example(page)
        assert time.monotonic() - left < 15
        restore(page)


def test_a_new_photo_replaces_the_work_on_the_old_one(app: str, browser: Browser, tmp_path: Path) -> None:
    small = files.png(tmp_path, files.noise(50, 70, 3, bits=8), name="small.png")
    with opened_page(browser, app) as page:
        upload(page, large(tmp_path))
        shown_input(page)
        start(page)
        upload(page, small)
        page.wait_for_function("document.querySelector('#status .words').innerText.startsWith('small.png')")
        assert page.locator(".pane[data-key=student]").count() == 0
        restore(page)


def test_visitors_are_kept_apart(app: str, browser: Browser, tmp_path: Path) -> None:
    sizes = [(40, 60), (50, 45)]
    paths = [
        files.png(tmp_path, np.full((*size, 3), 60 * index, np.uint8), name=f"{index}.png")
        for index, size in enumerate(sizes, 1)
    ]
    with opened_page(browser, app) as first, opened_page(browser, app) as second:
        pages = (first, second)
        for page, path in zip(pages, paths, strict=True):
            upload(page, path)
        for page in pages:
            shown_input(page)
            page.wait_for_selector("#pick-transfer input")
        for page in pages:
            page.locator("#restore").click()
        for page, (height, width) in zip(pages, sizes, strict=True):
            restore_finished(page)
            widths_become(page, [width] * 6)
            for photo in page.locator(".pane img.photo").all():
                assert photo.evaluate("photo => photo.naturalHeight") == height
        with opened_page(browser, app) as third:
            assert third.locator(".pane").count() == 0
            third.locator("#restore").click()
            third.wait_for_selector("#status .error")
            assert words(third).startswith("There is no photo yet")


def restore_finished(page: Page) -> None:
    page.locator("#status .words", has_text="5 restorations").wait_for(timeout=60_000)


def test_reload_in_mid_run(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app, tolerated=GRADIOS_OWN) as page:
        upload(page, large(tmp_path))
        shown_input(page)
        start(page)
        page.reload()
        page.locator("#status .words", has_text="as it was before this page was loaded again").wait_for()
        assert page.locator(".pane .waiting", has_text="Cancelled").count() >= 1
        click_example(page)
        page.wait_for_function(  # the large photo's own picture is shown until then
            "() => document.querySelector('.pane[data-key=input] img.photo')?.naturalWidth === 800"
        )
        restore(page)
        pictures = page.locator(".pane img.photo").evaluate_all("all => all.map(i => i.getAttribute('src'))")
        page.reload()
        page.locator("#status .words", has_text="as it was before this page was loaded again").wait_for()
        page.wait_for_function("count => document.querySelectorAll('.pane').length === count", arg=len(pictures))
        again = page.locator(".pane img.photo").evaluate_all("all => all.map(i => i.getAttribute('src'))")
        assert again == pictures
        restore(page)


def test_added_checkpoints_come_back_with_the_page(
    app: str, browser: Browser, checkpoints: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.safetensors"
    network = tiny(3)
    checkpoint.save(path, network, card_of(network, "mine"))
    with opened_page(browser, app, tolerated=GRADIOS_OWN) as page:
        page.get_by_role("tab", name="Checkpoints").click()
        page.locator("#add-file input[type=file]").set_input_files(path)
        page.locator("#cards-status .words", has_text="Added: mine").wait_for()
        page.reload()
        page.locator("#pick-transfer").get_by_label("mine").wait_for()
        assert page.locator("#pick-transfer").get_by_label("mine").is_checked()
        assert page.locator("#pick-transfer input").count() == 2
        page.get_by_role("tab", name="Checkpoints").click()
        page.locator("#cards tbody tr", has_text="mine").wait_for()
        assert page.locator("#remove-added").is_visible()


def test_what_the_server_has_forgotten_is_said(app: str, browser: Browser) -> None:
    with opened_page(browser, app, tolerated=GRADIOS_OWN) as page:
        click_example(page)
        first_result(page)
        page.evaluate("sessionStorage.setItem('uniremoval-visit', 'nobody')")
        page.reload()
        page.locator("#status .words", has_text="no longer on the server").wait_for()
        click_example(page)
        first_result(page)


def test_decoding_agrees_with_the_page(app: str, browser: Browser, tmp_path: Path) -> None:
    """A photo that a camera stored on its side is shown, and scored, upright."""
    path = files.turned(tmp_path, 6, ".jpg")
    height, width = decode(path).size
    with opened_page(browser, app) as page:
        upload(page, path)
        shown_input(page)
        shown = page.locator(".pane[data-key=input] img.photo")
        natural = shown.evaluate("photo => [photo.naturalHeight, photo.naturalWidth]")
    assert natural == [height, width]

"""Markup and scripts in file names, EXIF and colour profiles, shown on the page: no script runs in a real browser."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import ExifTags, Image

from tests.support import files
from tests.support.browser import first_result, opened_page, press, restore, shown_input, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Page

pytestmark = pytest.mark.browser
ATTACK = "<img src=x onerror=window.hacked=1><svg onload=window.hacked=1>\"'>{{1}}${window.hacked=1}"


def hostile(name: str) -> FilePayload:
    """A photo whose EXIF and colour profile attack, under a name that no file system but a request can hold."""
    exif = Image.Exif()
    for tag in (ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Artist, ExifTags.Base.Copyright):
        exif[tag] = ATTACK
    buffer = io.BytesIO()
    icc = files.matrix_profile("GRB", 1.8, name=f"{ATTACK[:55]}\n\u202e")
    Image.fromarray(files.gradient(60, 80)).save(buffer, "JPEG", exif=exif, icc_profile=icc)
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def assert_unharmed(page: Page) -> None:
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x], script:text('hacked')").count() == 0


@pytest.mark.parametrize("name", [f"{ATTACK}.jpg", "<style><script><svg onload=window.hacked=1>.jpg"])
def test_a_hostile_photo_runs_no_script(app: str, browser: Browser, name: str) -> None:
    with opened_page(browser, app) as page:
        page.locator("#photo input[type=file]").set_input_files(hostile(name))
        shown_input(page)
        first_result(page)
        assert "<svg onload" in words(page) or "<img src=x onerror=window.hacked=1>" in words(page)
        assert "profile '<img src=x onerror=window.hacked=1>" in words(page), "the profile's name is shown, as text"
        assert "\u202e" not in words(page) and "\n" not in words(page)
        assert_unharmed(page)
        restore(page)
        assert_unharmed(page)
        with page.expect_download() as download:
            page.locator(".zip").click()
        assert_unharmed(page)
        assert not set(download.value.suggested_filename) & set("<>\"'/\\${}")
        with zipfile.ZipFile(Path(download.value.path())) as archive:
            for inside in archive.namelist():
                assert not set(inside) & set("<>\"'/\\${}:\0") and len(inside.encode()) < 200


def test_a_hostile_refusal_runs_no_script(app: str, browser: Browser) -> None:
    with opened_page(browser, app) as page:
        text = {"name": f"{ATTACK}.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
        page.locator("#photo input[type=file]").set_input_files(text)
        page.wait_for_selector("#status .error")
        assert "<img src=x" in words(page)
        assert_unharmed(page)


def test_a_hostile_batch_runs_no_script(app: str, browser: Browser) -> None:
    names = [f"{ATTACK}.jpg", "../../../etc/passwd.jpg", "a\u202egpj.exe", "x" * 220 + ".jpg", "x" * 220 + ".jpg"]
    with opened_page(browser, app) as page:
        page.get_by_role("tab", name="Batch").click()
        page.wait_for_selector("#batch-pick input")
        bad = {"name": f"{ATTACK}.png", "mimeType": "image/png", "buffer": b"no photo"}
        page.locator("#batch-photos input[type=file]").set_input_files([*map(hostile, names), bad])
        page.wait_for_function("document.querySelectorAll('#batch tbody tr').length >= 6", timeout=60_000)
        press(page, "#batch-run")
        assert_unharmed(page)
        with page.expect_download() as download:
            page.locator(".batch-zip").click()
        with zipfile.ZipFile(Path(download.value.path())) as archive:
            pictures = [name for name in archive.namelist() if name.endswith(".png")]
            assert len(set(pictures)) == 5 and archive.testzip() is None
            for inside in pictures:
                assert not set(inside) & set("<>\"'/\\${}:\u202e") and len(inside.encode()) < 200
        assert_unharmed(page)

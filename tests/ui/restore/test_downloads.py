"""Downloads made on request: JPEG, WebP, and everything as one ZIP."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import FIVE
from tests.support import files
from tests.support.browser import opened_page, restore, shown_input, upload
from uniremoval.photo import decode
from uniremoval.quality import score
from uniremoval.ui.work.export import COLUMNS, as_csv
from uniremoval.ui.work.strength import strength_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def downloaded(page: Page, selector: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.locator(selector).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.mark.browser
def test_other_formats_and_everything_as_zip(app: str, browser: Browser, tmp_path: Path) -> None:
    name = "<b>=x & 'y'.png"
    path = files.png(tmp_path, np.asarray(files.gradient(60, 80)).astype(np.uint16) * 257, name=name)
    with opened_page(browser, app) as page:
        assert page.locator(".zip").is_disabled()
        upload(page, path)
        shown_input(page)
        restore(page)
        _, lossless = downloaded(page, ".pane[data-key=student] .download")
        for kind, suffix in (("JPEG", "jpg"), ("WebP", "webp")):
            page.locator("select[name=format]").select_option(kind)
            assert page.locator(".pane[data-key=student] .download").inner_text() == kind
            saved, data = downloaded(page, ".pane[data-key=student] .download")
            assert saved == f"_b__x _ _y_-student.{suffix}"
            with Image.open(io.BytesIO(data)) as image:
                assert (image.format.lower(), image.size) == (kind.lower(), (80, 60))
            np.testing.assert_allclose(decode(data).pixels, decode(lossless).pixels, atol=0.3)
        saved, data = downloaded(page, ".zip")
    assert saved == "_b__x _ _y_-all.zip"
    check_zip(data, name, lossless)


def check_zip(data: bytes, name: str, student: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        pictures = {f"_b__x _ _y_-{checkpoint}.png" for checkpoint in FIVE}
        assert pictures <= set(archive.namelist())
        assert archive.read("_b__x _ _y_-student.png") == student
        assert decode(archive.read("_b__x _ _y_-student.png")).bits == 16
        rows = list(csv.DictReader(io.StringIO(archive.read("scores.csv").decode())))
        settings = json.loads(archive.read("settings.json"))
    assert [row["checkpoint"] for row in rows] == ["input", *(row["checkpoint"] for row in settings["outputs"])]
    assert {row["checkpoint"] for row in rows[1:]} == set(FIVE)
    assert all(float(row["brisque"]) and float(row["piqe"]) for row in rows)
    assert settings["photo"] == {"name": name, "width": 80, "height": 60}
    assert {"checkpoint", "precision", "seconds", "tiles"} <= set(settings["outputs"][0])
    assert {"uniremoval", "torch", "gradio"} <= set(settings["versions"])


@pytest.mark.parametrize(
    ("given", "written"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("a,b", '"a,b"'), (-1.5, "-1.5"), ("photo.png", "photo.png")],
)
def test_csv_holds_no_formula(given: Any, written: str) -> None:
    assert as_csv([{"photo": given}]).splitlines()[1] == written + "," * (len(COLUMNS) - 1)


@pytest.mark.browser
def test_strength_blends_what_is_seen_and_what_is_saved(app: str, browser: Browser, tmp_path: Path) -> None:
    path = files.png(tmp_path, np.asarray(files.gradient(60, 80)).astype(np.uint16) * 257, name="deep.png")
    with opened_page(browser, app) as page:
        upload(page, path)
        shown_input(page)
        restore(page)
        _, full = downloaded(page, ".pane[data-key=student] .download")
        for _ in range(6):
            page.locator("[name=strength]").press("ArrowLeft")
        assert page.locator(".strength output").inner_text() == "70 %"
        assert "what you see" in page.locator(".weaker").inner_text()
        seen = page.locator(".pane[data-key=student] img.before").evaluate("node => getComputedStyle(node).opacity")
        assert float(seen) == pytest.approx(0.3)
        name, weaker = downloaded(page, ".pane[data-key=student] .download")
        zip_name, archive = downloaded(page, ".zip")
    assert name == "deep-student-70.png"
    blended = 0.3 * decode(path).pixels + 0.7 * decode(full).pixels
    assert np.abs(decode(full).pixels - blended).max() > 0.02
    np.testing.assert_allclose(decode(weaker).pixels, blended, atol=2e-5)
    assert zip_name == "deep-all-70.zip"
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.read("deep-student.png") == weaker
        assert json.loads(opened.read("settings.json"))["strength"] == 0.7
        rows = {row["checkpoint"]: row for row in csv.DictReader(io.StringIO(opened.read("scores.csv").decode()))}
    assert float(rows["student"]["brisque"]) == pytest.approx(score(decode(weaker).pixels)["brisque"].value, abs=0.1)


@pytest.mark.parametrize(
    ("given", "taken"),
    [(0.5, 0.5), (0, 0.0), (1, 1.0), (1.5, 1.0), (-1, 1.0), ("0.5", 1.0), (None, 1.0), (float("nan"), 1.0)],
)
def test_strength_is_a_share(given: Any, taken: float) -> None:
    assert strength_of(given) == taken

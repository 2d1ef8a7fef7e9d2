"""The Batch tab: many photos, one table, one ZIP."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from tests.support import files
from tests.support.browser import GRADIOS_OWN, click_example, opened_page, press, restore
from uniremoval.photo import decode
from uniremoval.quality import score
from uniremoval.ui import text
from uniremoval.ui.batch.run import Batching
from uniremoval.ui.limits import Limits
from uniremoval.ui.parts.thumbnails import save_thumbnail
from uniremoval.ui.visit.batch_record import Batch, items_of
from uniremoval.ui.visit.record import Opened, Output, Record
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def choose(page: Page, paths: list[Path]) -> None:
    page.get_by_role("tab", name="Batch").click()
    page.wait_for_selector("#batch-pick input")
    page.locator("#batch-photos input[type=file]").set_input_files(paths)
    page.wait_for_function("n => document.querySelectorAll('#batch tbody tr').length === n", arg=len(paths))


def words(page: Page) -> str:
    return page.locator("#batch-status .words").inner_text()


def column(page: Page, name: str, part: str = "tbody") -> list[str]:
    return page.locator(f"#batch {part} td.{name}").all_inner_texts()


def check_means(page: Page, metric: str) -> None:
    """Beneath the table stands the mean over the photos of each checkpoint."""
    values: dict[str, list[float]] = {}
    for checkpoint, shown in zip(column(page, "checkpoint"), column(page, metric), strict=True):
        if shown:
            values.setdefault(checkpoint, []).append(float(shown.replace("\N{MINUS SIGN}", "-")))
    shown = [float(text.replace("\N{MINUS SIGN}", "-")) for text in column(page, metric, "tfoot")]
    assert column(page, "checkpoint", "tfoot") == list(values)
    assert shown == pytest.approx([np.mean(own) for own in values.values()], abs=0.06)


@pytest.mark.browser
def test_many_photos_with_bad_ones_among_them(app: str, browser: Browser, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    hostile = "<img src=x onerror=alert(1)>.png"
    paths = [
        files.png(tmp_path / "a", files.noise(50, 70, 3, bits=16, seed=1), name="same.png"),
        files.text(tmp_path),
        files.jpeg(tmp_path / "b", name="same.jpg", height=64, width=64),
        files.png(tmp_path, files.noise(40, 40, 3, bits=8, seed=2), name=hostile),
    ]
    with opened_page(browser, app) as page:
        choose(page, paths)
        assert column(page, "message") == ["Waiting"] * 4
        page.locator("#batch-pick").get_by_label("Student", exact=True).check()
        press(page, "#batch-run")
        assert words(page).startswith("6 restorations in ")
        assert words(page).endswith("1 photo could not be restored: see the table.")
        bad = page.locator("#batch tr.failed").inner_text()
        assert paths[1].name in bad
        assert str(tmp_path) not in bad
        assert set(column(page, "photo")) == {"same.png", paths[1].name, "same (2).jpg", hostile}
        assert (
            page.locator("#batch td.pictures img").evaluate_all(
                "all => all.filter(i => i.alt.endsWith('after')).length"
            )
            == 6
        )

        for metric in ("brisque", "piqe"):
            check_means(page, metric)

        page.get_by_role("button", name="BRISQUE", exact=True).click()
        ascending = [float(text.replace("\N{MINUS SIGN}", "-")) for text in column(page, "brisque") if text]
        assert ascending == sorted(ascending)
        assert column(page, "brisque")[-1] == ""
        page.get_by_role("button", name="BRISQUE", exact=True).click()
        assert page.locator("th[data-column=brisque]").get_attribute("aria-sort") == "descending"
        assert column(page, "brisque")[-1] == ""
        page.get_by_role("button", name="Photo", exact=True).click()
        order = list(dict.fromkeys(column(page, "photo")))
        page.get_by_role("button", name="Photo", exact=True).click()
        assert list(dict.fromkeys(column(page, "photo"))) == order[::-1]

        with page.expect_download() as download:
            page.locator(".batch-zip").click()
        data = Path(download.value.path()).read_bytes()
        with page.expect_download() as download:
            page.get_by_label("Download same-student.png").click()
        student = Path(download.value.path()).read_bytes()
    check_zip(data, student, paths[1].name)


def check_zip(data: bytes, student: bytes, bad: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert archive.read("same-student.png") == student
        rows = list(csv.DictReader(io.StringIO(archive.read("scores.csv").decode())))
        settings = json.loads(archive.read("settings.json"))
        page = archive.read("report.html").decode()
    assert decode(student).bits == 16
    assert len(names) == len(set(names)) == 9
    outputs = set(names) - {"scores.csv", "settings.json", "report.html"}
    assert {output["file"] for output in settings["outputs"]} == outputs
    assert [row["problem"] != "" for row in rows if row["photo"] == bad] == [True]
    assert sum(row["file"] != "" for row in rows) == 6
    assert "<img src=x" not in page and "&lt;img src=x" in page
    assert {unquote(link) for link in re.findall(r'href="([^"]*)"', page)} == outputs
    assert page.count("data:image/jpeg") == 9 and page.count("<td>3</td>") == 2, "three inputs, six outputs, two means"


@pytest.mark.browser
def test_format_strength_filter_and_a_page_loaded_again(app: str, browser: Browser, tmp_path: Path) -> None:
    paths = [files.png(tmp_path, files.noise(50, 60 + i, 3, bits=8, seed=i), name=f"{i}.png") for i in range(4)]
    with opened_page(browser, app, tolerated=GRADIOS_OWN) as page:
        choose(page, paths)
        page.get_by_role("tabpanel").get_by_role("button", name=text.ADVANCED).locator("visible=true").click()
        page.locator("#batch-format").get_by_label("JPEG").check()
        page.locator("#batch-strength input[type=number]").fill("60")
        page.locator("#batch-strength input[type=number]").press("Tab")
        press(page, "#batch-run")
        assert words(page).startswith("4 restorations in ")
        with page.expect_download() as download:
            page.get_by_label("Download 2-student-adapted-60.jpg").click()
        restored = decode(Path(download.value.path()))
        shown = [float(cell.replace("\N{MINUS SIGN}", "-")) for cell in column(page, "brisque")]
        assert shown[2] == pytest.approx(score(restored.pixels)["brisque"].value, abs=3), "scored before JPEG"
        changes = zip(column(page, "brisque_change"), column(page, "piqe_change"), strict=True)
        rose = [f"{i}.png" for i, change in enumerate(changes) if "+" in "".join(change)]
        page.get_by_label("Only where a score rose").check()
        assert column(page, "photo") == rose
        assert page.locator("#batch .count").inner_text() == f"4 of 4 done, {len(rose)} shown"
        page.get_by_label("Only where a score rose").uncheck()
        table = page.locator("#batch tbody").inner_text()
        page.reload()
        page.get_by_role("tab", name="Batch").click()
        page.locator("#batch-status .words", has_text=text.BATCH_BACK).wait_for()
        page.wait_for_function("document.querySelectorAll('#batch tbody tr').length === 4")
        assert page.locator("#batch tbody").inner_text() == table
        page.get_by_role("button", name="Look at 1.png in the comparison").click()
        page.locator(".pane .remark", has_text=text.AT_STRENGTH.format(percent=60)).wait_for()
        with page.expect_download() as download:
            page.locator(".pane[data-key=student-adapted] .download").click()
        assert download.value.suggested_filename == "1-student-adapted.png"
        with page.expect_download() as download:
            page.locator(".zip").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert "1-student-adapted-60.jpg" in archive.namelist()


def test_strength_is_a_blend_and_the_format_that_of_the_suffix(checkpoints: Path, tmp_path: Path) -> None:
    photo = files.png(tmp_path, files.noise(40, 60, 3, bits=16))
    engine, made = Engine(Settings(checkpoints, "cpu")), {}
    for strength in (0.0, 0.4, 1.0):
        batch = Batch(items_of([(photo, "1.png")]), tmp_path / f"{strength}", strength=strength)
        batch.folder.mkdir()
        for _ in Batching(engine, Visits())._run(engine, batch, batch.folder, ["student"]):
            pass
        [(record, _, path)] = batch.done()
        made[strength] = decode(path).pixels
        assert record.scores["student"]["brisque"].value == pytest.approx(score(made[strength])["brisque"].value, 1e-3)
    np.testing.assert_array_equal(made[0.0], decode(photo).pixels)
    np.testing.assert_allclose(made[0.4], 0.6 * made[0.0] + 0.4 * made[1.0], atol=2e-5)
    assert np.abs(made[1.0] - made[0.0]).max() > 0.02


def test_a_batch_that_was_broken_off_says_so_when_it_comes_back(visits: Visits, tmp_path: Path) -> None:
    visit, request = visits.of("me"), SimpleNamespace(session_hash="me")
    work = Batching(Engine(Settings()), visits)
    assert "value" not in work.come_back(request)[1]
    visit.back = True
    visit.batch = Batch(items_of([(tmp_path / "1.png", "1.png"), (tmp_path / "2.png", "2.png")]), tmp_path)
    opened = Opened(tmp_path / "1.png", "1.png", tmp_path / "1.png", (4, 4))
    visit.batch.items[0].record = Record(opened, {"student": Output("student", "Student", "working")})
    status, table = work.come_back(request)
    assert status["words"] == text.BATCH_BACK
    assert [(row["state"], row["message"]) for row in table["rows"]] == [
        ("stopped", text.CANCELLED),
        ("failed", text.CANCELLED),
    ]


@pytest.mark.browser
def test_cancel_and_turns_with_other_visitors(app: str, browser: Browser, tmp_path: Path) -> None:
    """While a batch of large photos runs, another visitor is served between two of them, and sees none of it."""
    large = tmp_path / "large.jpg"
    Image.fromarray(np.asarray(files.gradient(2000, 3000))).save(large)
    paths = [Path(shutil.copy(large, tmp_path / f"large {index}.jpg")) for index in range(40)]
    with opened_page(browser, app) as page:
        choose(page, paths)
        page.locator("#batch-run").click()
        page.wait_for_function("document.querySelector('#batch td.message')?.innerText === 'Restoring'")
        with opened_page(browser, app) as other:
            click_example(other)
            restore(other)
            other.get_by_role("tab", name="Batch").click()
            assert other.locator("#batch tbody tr").count() == 0
        assert page.locator("#batch-run").is_disabled(), "the batch should still be under way"
        assert page.locator("#batch-photos button").is_disabled(), "no other photos may be chosen meanwhile"
        clicked = time.monotonic()
        page.locator("#batch-cancel").click()
        page.wait_for_selector("#batch-run:not([disabled])", timeout=60_000)
        assert time.monotonic() - clicked < 10
        assert words(page).startswith("Cancelled: ")
        assert column(page, "message")[-1] == "Cancelled"
        page.wait_for_selector("#batch-photos button:not([disabled])")


@pytest.mark.browser
def test_nothing_chosen(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        page.get_by_role("tab", name="Batch").click()
        page.wait_for_selector("#batch-pick input")
        press(page, "#batch-run")
        assert words(page).startswith("Choose the photos")
        choose(page, [files.jpeg(tmp_path)])
        for box in page.locator("#batch-pick input:checked").all():
            box.uncheck()
        press(page, "#batch-run")
        assert words(page).startswith("No checkpoint is selected")


def test_names_that_would_collide_get_numbers() -> None:
    given = ["a.jpg", "A.png", "a.jpg", "b.jpg", "x/y.jpg"]
    assert [item.name for item in items_of((Path(name), name) for name in given)] == [
        "a.jpg", "A (2).png", "a (3).jpg", "b.jpg", "x/y.jpg",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["x" * 200 + ".png", "é" * 100, "", ".", "..", "a.", ".a.b..", "???", "a" * 119])
def test_hostile_names_get_numbers_too(name: str) -> None:
    records = [Opened(item.source, item.name, item.source, (1, 1)) for item in items_of([(Path("p"), name)] * 12)]
    saved = [record.download_name("student") for record in records]
    assert len({each.casefold() for each in saved}) == 12
    assert all(len(each.encode()) < 200 for each in saved)


def test_a_batch_stops_where_the_disk_would_fill(checkpoints: Path, tmp_path: Path) -> None:
    photo = files.png(tmp_path, files.noise(40, 40, 3, bits=8))
    folder = tmp_path / "out"
    folder.mkdir()
    batch = Batch(items_of([(photo, "1.png"), (photo, "2.png")]), folder)
    work = Batching(Engine(Settings(checkpoints, "cpu", limits=Limits(batch_bytes=100))), Visits())
    for _ in work._run(work.engine, batch, folder, {"student": "Student"}):
        pass
    assert [row["state"] for row in batch.shown()["rows"]] == ["done", "failed"]
    assert "save it as ZIP" in batch.items[1].problem


def test_other_photos_are_refused_while_a_batch_runs(checkpoints: Path, tmp_path: Path) -> None:
    visits = Visits()
    work = Batching(Engine(Settings(checkpoints, "cpu")), visits)
    running = visits.of("page").batch = Batch([], running=True)
    status, table = work.choose([{"path": str(tmp_path)}], SimpleNamespace(session_hash="page"))
    assert status["kind"] == "error" and status["words"].startswith("A batch is under way")
    assert "value" not in table and visits.of("page").batch is running


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (900, 700)])
def test_thumbnails_are_small(tmp_path: Path, size: tuple[int, int]) -> None:
    save_thumbnail(np.full((*size, 3), 0.5, np.float32), tmp_path / "small.jpg")
    with Image.open(tmp_path / "small.jpg") as image:
        assert max(image.size) <= 160

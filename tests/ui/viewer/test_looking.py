"""What somebody looks at closely is restored and shown before the rest of a large photo."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from tests.support import files
from tests.support.browser import first_result, opened_page, start, upload
from uniremoval.errors import PhotoError
from uniremoval.photo import Photo, decode
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.visit.events import Finished, Sharpened
from uniremoval.ui.visit.record import Opened, Output, Record
from uniremoval.ui.visit.region import Region
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.comparison import Job, compare
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NEAR = [(x, y) for x in range(-2, 3) for y in range(-2, 3)]
ME = gr.Request(session_hash="me")


def test_a_comparison_gives_it_first(checkpoints: Path, tmp_path: Path) -> None:
    across, down = np.meshgrid(np.linspace(0, 1, 900, dtype=np.float32), np.linspace(0, 1, 400, dtype=np.float32))
    photo = Photo(np.stack([across, down, across * down], axis=-1))
    targets = {name: tmp_path / f"{name}.png" for name in ("student", "teacher-haze")}
    job = Job(photo, targets, for_page=True, looked_at=lambda: Region(600, 100, 130, 90))
    events = list(compare(Engine(Settings(checkpoints, "cpu")), job, threading.Event()))
    told = [event for event in events if isinstance(event, Sharpened | Finished)]
    assert [(type(event), event.name) for event in told] == [
        (kind, name) for name in targets for kind in (Sharpened, Finished)
    ]
    for event in told[::2]:
        assert event.region == Region(600, 100, 130, 90)
        with Image.open(event.path) as part:
            found = np.asarray(part, np.float32) / 255
        output = decode(targets[event.name]).pixels
        away = {(x, y): np.abs(found - Region(600 + x, 100 + y, 130, 90).of(output)).mean() for x, y in NEAR}
        assert min(away, key=away.__getitem__) == (0, 0), "the output there, but for JPEG's losses"


def test_it_lies_over_the_draft_until_the_output_is_there(tmp_path: Path) -> None:
    record = Record(Opened(tmp_path, "a.png", tmp_path / "a.png", (40, 60)), {"student": Output("student", "Student")})
    for path in ("a.png", "part.jpg", "student.png"):
        (tmp_path / path).touch()
    record.take(Sharpened("student", tmp_path / "part.jpg", Region(3, 4, 20, 10)))
    part = record.shown()["panes"][-1]["part"]
    assert part["file"]["path"] == str(tmp_path / "part.jpg")
    assert (part["x"], part["y"], part["width"], part["height"]) == (3, 4, 20, 10)
    record.take(Finished("student", tmp_path / "student.png", 1.0, 1, "fp32", ()))
    assert "part" not in record.shown()["panes"][-1]


def test_the_page_tells_where_somebody_looks(visits: Visits, tmp_path: Path) -> None:
    handlers, visit = Handlers(Engine(Settings()), visits, []), visits.of("me")

    def look(**asked: Any) -> Region | None:
        handlers.look(gr.EventData(None, asked), ME)
        return visit.region_of(visit.opened) if visit.opened else None

    assert look(picture="none", x=0, y=0, width=1, height=1) is None, "before there is a photo"
    path = files.png(tmp_path, files.noise(40, 60, 3, bits=8))
    upload = {"path": str(path), "orig_name": path.name}
    handlers.announce_photo(upload, ME)
    handlers.open_upload(upload, ME)
    here = {"picture": str(visit.opened.picture)}
    assert look(**here, x=5, y=6, width=30, height=20) == Region(5, 6, 30, 20)
    assert look(picture="another", x=0, y=0, width=1, height=1) == Region(5, 6, 30, 20)
    assert look(**here, x=0, y=0, width=31, height=20) is None, "more than a quarter"
    assert look(**here, x=59, y=39, width=1, height=1) == Region(59, 39, 1, 1)
    assert look(**here) is None, "the whole"
    with pytest.raises(PhotoError, match="60 x 40"):
        look(**here, x=59, y=39, width=2, height=1)
    look(**here, x=5, y=6, width=3, height=2)
    handlers.announce_photo(upload, ME)
    handlers.open_upload(upload, ME)
    assert visit.region_of(visit.opened) is None, "of another photo nothing is known yet"


@pytest.mark.browser
def test_it_is_seen_before_the_output_is_there(app: str, browser: Browser, tmp_path: Path) -> None:
    with opened_page(browser, app) as page:
        upload(page, files.large(tmp_path))
        first_result(page)
        viewport = page.locator(".pane[data-key=input] .viewport")
        viewport.focus()
        page.keyboard.press("1")
        start(page)
        ahead = page.locator(".pane .photo.tiles img[src$='.jpg']").first
        ahead.wait_for()
        apart = ahead.evaluate(
            """part => {
                const view = part.closest('.viewport').getBoundingClientRect(), it = part.getBoundingClientRect();
                return [it.left - view.left, it.top - view.top, it.right - view.right, it.bottom - view.bottom];
            }"""
        )
        assert apart == pytest.approx([0, 0, 0, 0], abs=1), "it fills the view"
        key = ahead.evaluate("part => part.closest('.pane').dataset.key")
        page.locator(f".pane[data-key={key}] .download").wait_for(timeout=120_000)
        assert page.locator(f".pane[data-key={key}] .photo.tiles img[src$='.jpg']").count() == 0
        page.locator("#cancel").click()

"""Large JPEG photos are looked at, and restored for a first look, before they are decoded in full."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from tests.support import files
from tests.support.browser import first_result, opened_page, upload, widths_become
from tests.support.other_networks import nafnet, write
from uniremoval.photo import Photo, decode, preview
from uniremoval.ui.parts.thumbnails import save_jpeg
from uniremoval.ui.restore import open_photo
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.viewer.zoom_tiles import LARGEST_WHOLE
from uniremoval.ui.visit.events import Drafted
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work import first_look as looking
from uniremoval.ui.work.comparison import Job, compare
from uniremoval.ui.work.engine import Engine, Settings
from uniremoval.ui.work.first_look import first_look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ME = gr.Request(session_hash="me")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small photos are large enough."""
    monkeypatch.setattr(looking, "LEAST", 96)


def test_it_is_what_the_checkpoint_makes_of_the_preview(checkpoints: Path, tmp_path: Path) -> None:
    engine, path = Engine(Settings(checkpoints, "cpu")), files.jpeg(tmp_path, height=400, width=600)
    look = first_look(engine, path, path.name, "student", tmp_path / "student.png", threading.Event())
    assert look.side == 100 and look.event.name == "student"
    expected = engine.restorer("student").restore(preview(path, 96).photo).photo
    assert look.event.path.read_bytes() == save_jpeg(expected.pixels, tmp_path / "expected.jpg").read_bytes()


def test_there_is_none_where_it_would_tell_little_or_fails(checkpoints: Path, tmp_path: Path) -> None:
    write(nafnet(), checkpoints / "other.safetensors")
    engine, path = Engine(Settings(checkpoints, "cpu")), files.jpeg(tmp_path, height=400, width=600)
    stopped = threading.Event()
    stopped.set()
    png = files.png(tmp_path, files.gradient(400, 600))
    for photo, name, stop in (
        (path, "other", threading.Event()), (path, "gone", threading.Event()), (path, "student", stopped),
        (png, "student", threading.Event()), (tmp_path / "gone.jpg", "student", threading.Event()),
    ):  # fmt: skip
        assert first_look(engine, photo, photo.name, name, tmp_path / "out.png", stop) is None


def test_smaller_drafts_do_not_follow(checkpoints: Path, tmp_path: Path) -> None:
    photo = Photo(np.random.default_rng(1).random((400, 900, 3), np.float32))
    job = Job(photo, {"student": tmp_path / "student.png"}, for_page=True, looks={"student": 100})
    events = compare(Engine(Settings(checkpoints, "cpu")), job, threading.Event())
    drafts = [event.path for event in events if isinstance(event, Drafted)]
    sizes = []
    for path in drafts:
        with Image.open(path) as image:
            sizes.append(image.size)
    assert sizes == [(450, 200)]


def test_the_preview_is_shown_until_more_is_there(
    visits: Visits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_photo, "FIRST_SIDE", 100)
    monkeypatch.setattr(open_photo, "FIRST_RESULT_SECONDS", 0)
    path = files.jpeg(tmp_path, height=300, width=2700)
    handlers, upload = Handlers(Engine(Settings()), visits, []), {"path": str(path), "orig_name": path.name}
    handlers.announce_photo(upload, ME)
    said, first = handlers.open_upload(upload, ME)
    assert "2700 x 300 pixels" in said["words"] and first["panes"][0]["draft"]["path"].endswith("input.first.jpg")
    opened = visits.of("me").opened
    assert opened.size == (300, 2700) and opened.file == path and not handlers.engine._kept
    _, last = handlers.show_whole(ME)
    assert last["panes"][0]["draft"] is None and last["panes"][0]["file"]["path"].endswith("input.png")
    np.testing.assert_allclose(decode(opened.picture).pixels, decode(path).pixels, atol=1e-6)


@pytest.mark.browser
def test_a_large_jpeg_is_seen_restored_before_it_is_decoded(app: str, browser: Browser, tmp_path: Path) -> None:
    path = files.jpeg(tmp_path, height=2600, width=2600)
    with opened_page(browser, app) as page:
        page.evaluate(
            """() => {
                window.seen = [];
                const look = () => document.querySelectorAll(".pane img.photo").forEach(image => {
                    const name = image.src.split("/").pop();
                    if (image.src && !window.seen.includes(name)) window.seen.push(name);
                });
                new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
            }"""
        )
        upload(page, path)
        first_result(page)
        widths_become(page, [LARGEST_WHOLE, LARGEST_WHOLE])
        seen = page.evaluate("window.seen")
        assert seen[:2] == ["input.first.jpg", "photo-student-adapted-first.jpg"]
        assert {"input.small.png", "photo-student-adapted.small.png"} <= set(seen)

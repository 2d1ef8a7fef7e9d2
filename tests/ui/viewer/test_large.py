"""Large photos: a smaller picture at first, and tiles that show every pixel where one looks closely."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from tests.support import files
from tests.support.browser import first_result, opened_page, shown_input, upload, widths_become
from uniremoval.errors import PhotoError
from uniremoval.photo import decode
from uniremoval.ui.restore import open_photo
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.viewer.zoom_tiles import (
    LARGEST_WHOLE,
    TILE,
    bytes_of,
    save_for_view,
    save_smaller,
    save_whole,
    smaller_of,
    tiles_of,
)
from uniremoval.ui.visit.events import Finished
from uniremoval.ui.visit.record import Output, Record
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTH, HEIGHT = 2700, 260
LAYER = ".pane[data-key={key}] .{name}.tiles"


def test_tiles_are_the_photo(tmp_path: Path) -> None:
    samples = files.noise(1100, WIDTH, 4, bits=8)
    photo = decode(files.png(tmp_path, samples))
    picture = tmp_path / "shown.png"
    assert save_smaller(photo, picture) == smaller_of(picture)
    assert files.listed(tmp_path) == ["photo.png", smaller_of(picture).name]
    assert save_whole(photo, picture) == picture
    with Image.open(smaller_of(picture)) as small:
        assert small.size == (LARGEST_WHOLE, round(1100 * LARGEST_WHOLE / WIDTH)) and small.mode == "RGBA"
    whole = np.zeros_like(samples)
    for tile in picture.with_suffix(".tiles").iterdir():
        row, column = map(int, tile.stem.split("-"))
        with Image.open(tile) as part:
            whole[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE] = np.array(part)
    np.testing.assert_array_equal(whole, samples)
    np.testing.assert_array_equal(np.array(Image.open(picture)), samples)
    pictures = (path for path in tmp_path.rglob("*.png") if path.name != "photo.png")
    assert bytes_of(picture) == sum(path.stat().st_size for path in pictures)


def test_tiles_keep_the_colours_of_the_photo(tmp_path: Path) -> None:
    profile = files.matrix_profile(primaries="BGR")
    photo = decode(files.with_profile(tmp_path, profile, files.noise(40, WIDTH, 3, bits=8)))
    picture = save_for_view(photo, tmp_path / "shown.png")
    for path in (picture, smaller_of(picture), picture.with_suffix(".tiles") / "0-0.png"):
        with Image.open(path) as image:
            assert image.info.get("icc_profile", b"") == photo.profile, path.name


def test_a_small_photo_has_none(tmp_path: Path) -> None:
    picture = save_for_view(decode(files.png(tmp_path, files.noise(30, 40, 3, bits=8))), tmp_path / "shown.png")
    assert files.listed(tmp_path) == ["photo.png", picture.name]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    photo = decode(files.png(tmp_path, files.noise(30, WIDTH, 3, bits=8)))
    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(PhotoError, match="No space left"):
        save_for_view(photo, tmp_path / "shown.png")


ME = gr.Request(session_hash="me")


@pytest.fixture
def handlers(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> Handlers:
    """They wait for no first result, as there is none."""
    monkeypatch.setattr(open_photo, "FIRST_RESULT_SECONDS", 0)
    return Handlers(Engine(Settings()), visits, [])


def opened(handlers: Handlers, path: Path) -> tuple[Any, Any]:
    upload = {"path": str(path), "orig_name": path.name}
    handlers.announce_photo(upload, ME)
    return handlers.open_upload(upload, ME)


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    return files.png(tmp_path, files.noise(40, WIDTH, 3, bits=8))


def test_a_large_photo_is_shown_before_it_is_written(visits: Visits, handlers: Handlers, wide: Path) -> None:
    visit = visits.of("me")
    _, first = opened(handlers, wide)
    assert first["panes"][0]["file"] is None and first["panes"][0]["draft"]["path"].endswith("input.small.png")
    assert visit.opened is not None and visit.fresh is visit.stop, "its restoration may begin"
    _, last = handlers.show_whole(ME)
    assert last["panes"][0]["draft"] is None and last["panes"][0]["file"]["path"].endswith("input.png")
    assert first["picture"] == last["picture"]
    written = visit.opened.picture.stat().st_mtime_ns
    assert handlers.show_whole(ME)[1] == last and visit.opened.picture.stat().st_mtime_ns == written, "only once"


def test_a_page_loaded_again_gets_the_whole(visits: Visits, handlers: Handlers, wide: Path) -> None:
    """It was a draft when the page went away."""
    opened(handlers, wide)
    visit = visits.of("me")
    visits.leave("me")
    visit.end(visit.stop)
    again = gr.Request(session_hash="again")
    assert visits.take_over(visit.token, "again") is visit
    _, shown = handlers.come_back(again)
    assert shown["panes"][0]["draft"]
    _, shown = handlers.show_whole(again)
    assert shown["panes"][0]["file"] and visits.of("again").opened.draft is None


def test_it_is_decoded_once(visits: Visits, handlers: Handlers, wide: Path, tmp_path: Path) -> None:
    opened(handlers, wide)
    read = handlers.engine.read(visits.of("me").opened.source, wide.name)
    assert handlers.engine.read(wide, wide.name) is read
    handlers.show_whole(ME)
    assert handlers.engine.read(wide, wide.name) is not read, "and takes no memory any longer"
    opened(handlers, wide)
    opened(handlers, files.png(tmp_path, files.noise(40, WIDTH, 3, bits=8), name="other.png"))
    assert len(handlers.engine._kept) == 1, "however many photos are opened at once"


def test_work_on_a_draft_goes_on_when_the_photo_is_there(visits: Visits, handlers: Handlers, wide: Path) -> None:
    visit = visits.of("me")
    opened(handlers, wide)
    visit.begin()  # Compare was pressed
    visit.record = Record(visit.opened, {"student": Output("student", "Student")}, scores={"input": {}})
    assert visit.record.files()["input"] == wide and visit.record.shown()["panes"][0]["scores"]
    said, last = handlers.show_whole(ME)
    assert "words" not in said and [pane["key"] for pane in last["panes"]] == ["input", "student"]
    assert last["panes"][0]["file"] is not None


@pytest.mark.parametrize("shown", ["draft", "output", "other photo", "nothing more to come"])
def test_the_first_result_comes_before_the_whole(
    visits: Visits, handlers: Handlers, wide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    monkeypatch.setattr(open_photo, "FIRST_RESULT_SECONDS", 60)
    visit = visits.of("me")
    opened(handlers, wide)
    output = Output("student", "Student")
    visit.record = Record(visit.opened, {"student": output})
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(handlers.show_whole, ME)
        with pytest.raises(TimeoutError):
            writing.result(0.3)
        assert visit.opened.draft
        if shown == "draft":
            output.draft = tmp_path
        elif shown == "output":
            output.done = Finished("student", tmp_path, 1, 1, "fp32", ())
        elif shown == "other photo":
            opened(handlers, files.png(tmp_path, files.noise(30, 40, 3, bits=8), name="after.png"))
        else:
            visit.end(visit.stop)
        assert (writing.result(20) == (gr.skip(), gr.skip())) == (shown == "other photo")


def test_a_photo_that_came_after_is_left_alone(
    visits: Visits, handlers: Handlers, wide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_comes(*given: Any) -> Path:
        monkeypatch.setattr(open_photo, "save_whole", save_whole)
        opened(handlers, files.png(tmp_path, files.noise(30, 40, 3, bits=8), name="after.png"))
        return save_whole(*given)

    opened(handlers, wide)
    monkeypatch.setattr(open_photo, "save_whole", another_comes)
    assert handlers.show_whole(ME) == (gr.skip(), gr.skip())
    assert visits.of("me").opened.name == "after.png"


def test_a_full_disk_leaves_the_draft(visits: Visits, handlers: Handlers, wide: Path) -> None:
    opened(handlers, wide)
    shutil.rmtree(visits.of("me").opened.picture.parent)
    smaller_of(visits.of("me").opened.picture).parent.mkdir()
    smaller_of(visits.of("me").opened.picture).touch()
    tiles_of(visits.of("me").opened.picture).touch()  # where a folder should be
    said, shown = handlers.show_whole(ME)
    assert said["kind"] == "error" and shown == gr.skip() and visits.of("me").opened.draft


def test_a_full_disk_leaves_the_photo_before(
    visits: Visits, handlers: Handlers, wide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    visit = visits.of("me")
    opened(handlers, files.png(tmp_path, files.noise(40, 60, 3, bits=8), name="before.png"))
    before = visit.opened
    monkeypatch.setattr(Image.Image, "save", full)
    said, _ = opened(handlers, wide)
    assert said["kind"] == "error" and visit.opened is before and not visit.busy


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files.png(tmp_path_factory.mktemp("wide"), files.noise(HEIGHT, WIDTH, 3, bits=8), name="wide.png")


@pytest.fixture(scope="module")
def page(server: tuple[str, Path], browser: Browser, photo: Path) -> Iterator[Page]:
    """With the photo and its recommended output."""
    with opened_page(browser, server[0]) as page:
        upload(page, photo)
        shown_input(page)
        first_result(page)
        yield page


def loaded(page: Page, layer: str) -> list[str]:
    """The tiles in a layer, once one is there and all are."""
    page.wait_for_function(
        "layer => { const all = [...document.querySelector(layer).children];"
        " return all.length && all.every(tile => tile.complete && tile.naturalWidth && !tile.hidden); }",
        arg=layer,
    )
    return sorted(page.locator(f"{layer} img").evaluate_all("all => all.map(tile => tile.dataset.at)"))


@pytest.mark.browser
def test_the_whole_is_shown_by_a_smaller_picture(page: Page) -> None:
    widths_become(page, [LARGEST_WHOLE, LARGEST_WHOLE])
    assert page.locator(".pane .tiles img").count() == 0
    link = page.locator(".pane .download").get_attribute("href")
    assert link.endswith("student-adapted.png"), "what is saved is the whole file"
    with page.expect_download() as saved:
        page.locator(".pane .download").click()
    with Image.open(saved.value.path()) as image:
        assert image.size == (WIDTH, HEIGHT)


@pytest.mark.browser
def test_tiles_come_where_one_zooms_in_and_go(page: Page, photo: Path) -> None:
    viewport = page.locator(".pane[data-key=input] .viewport")
    viewport.focus()
    page.keyboard.press("1")
    seen = [loaded(page, LAYER.format(key=key, name="photo")) for key in ("input", "student-adapted")]
    assert seen[0] == seen[1] and "0-1" in seen[0] and "0-2" not in seen[0], "the middle of the photo is in view"
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.pane .photo.tiles [data-at=\"0-2\"]')")
    assert "0-0" not in loaded(page, LAYER.format(key="input", name="photo"))
    offset = page.evaluate(
        """() => {
            const whole = document.querySelector('.pane img.photo').getBoundingClientRect();
            const tile = document.querySelector('.pane .photo.tiles [data-at="0-2"]').getBoundingClientRect();
            return [tile.left - whole.left, tile.right - whole.right, tile.top - whole.top, tile.bottom - whole.bottom];
        }"""
    )
    density = page.evaluate("devicePixelRatio")
    assert offset == pytest.approx([2 * TILE / density, 0, 0, 0], abs=0.5), "each lies where it belongs"
    page.keyboard.press("0")
    page.wait_for_function("!document.querySelector('.pane .tiles img')")


@pytest.mark.browser
def test_the_magnifier_shows_true_pixels(page: Page, photo: Path) -> None:
    page.locator(".pane[data-key=input] .viewport").hover()
    page.keyboard.press("m")
    loaded(page, LAYER.format(key="input", name="photo"))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    label = page.locator(".pane[data-key=input] .loupe canvas").get_attribute("aria-label")
    x, y = map(int, re.search(r"at (\d+), (\d+)$", label).groups())
    drawn = page.locator(".pane[data-key=input] .loupe canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data]"
    )
    page.keyboard.press("m")
    np.testing.assert_array_equal(drawn[:3], np.array(Image.open(photo))[y, x])


@pytest.mark.browser
def test_the_wipe_cuts_tiles_too(page: Page) -> None:
    page.locator("button[data-mode=wipe]").click()
    page.locator(".pair .viewport").focus()
    page.keyboard.press("1")
    for side in ("left", "right"):
        assert loaded(page, f".pair .{side}.tiles")
        clips = page.locator(f".pair .{side}").evaluate_all("all => all.map(layer => layer.style.clipPath)")
        assert len(clips) == 2 and clips[0] == clips[1] != ""
    page.locator("button[data-mode=difference]").click()
    page.locator(".pair .note", has_text="95 % of its size").wait_for()
    page.keyboard.press("0")
    page.keyboard.press("s")

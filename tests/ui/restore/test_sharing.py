"""The labelled picture: panes side by side with names and scores, in one file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from tests.support.browser import DESKTOP, PHONE, click_example, more_tools, opened_page, restore
from tests.support.records import compared, noise
from uniremoval.photo import decode
from uniremoval.ui import text
from uniremoval.ui.restore.downloads import Downloads
from uniremoval.ui.restore.examples import examples
from uniremoval.ui.restore.labelled_picture import footer, labelled_picture
from uniremoval.ui.restore.sheet import NARROWEST, TALLEST, WIDEST, Panel, columns_for, draw, drawable, fitted, wrapped
from uniremoval.ui.viewer.scores import score_cells, score_lines
from uniremoval.ui.visit.events import INPUT, REFERENCE
from uniremoval.ui.visit.record import View
from uniremoval.ui.visit.region import Region
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def saved(page: Page) -> tuple[str, Image.Image]:
    with page.expect_download() as download:
        page.locator(".save-picture").click()
    return download.value.suggested_filename, Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_whole_or_the_part_in_view(app: str, browser: Browser, phone: bool) -> None:
    options: dict[str, Any] = {"size": PHONE, "dark": True, "has_touch": True, "is_mobile": True} if phone else {}
    with opened_page(browser, app, **options) as page:
        assert page.locator(".share").is_disabled()
        click_example(page)
        restore(page)
        more_tools(page)
        page.locator(".share").click()
        assert page.locator(".share").get_attribute("aria-expanded") == "true"
        assert page.locator(".sharing .what").inner_text().startswith("Shows the whole photo")
        name, picture = saved(page)
        original = decode(examples()[0].path).pixels
        assert name == f"{examples()[0].path.stem}-compared.png"
        assert picture.width <= WIDEST
        np.testing.assert_allclose(top_left(picture, original.shape), np.rint(original * 255), atol=1)

        for box in page.locator(".chosen input").all()[:-1]:
            box.uncheck()
        page.locator("select[name=format]").select_option("JPEG")
        page.locator("[data-zoom=actual]").click()
        page.locator("[data-zoom=in]").click()
        words = page.locator(".sharing .what").inner_text()
        assert page.locator(".save-picture").inner_text() == "Save as JPEG"
        name, part = saved(page)
        assert (name, part.format) == (f"{examples()[0].path.stem}-compared.jpg", "JPEG")
        region = page.evaluate("document.querySelector('.sharing .what').innerText.match(/[0-9]+/g).map(Number)")
        assert words == f"Shows the part in view, {region[0]} x {region[1]} pixels."
        assert part.height < picture.height
        assert page.evaluate("document.documentElement.scrollWidth") <= (PHONE if phone else DESKTOP)[0]
        page.locator(".chosen input").last.uncheck()
        assert page.locator(".save-picture").is_disabled()


EXTRAS = ("niqe",)


def top_left(picture: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """The first photo, which is as large as it was: two of an example's size fit side by side."""
    return np.asarray(picture.convert("RGB"), float)[: shape[0], : shape[1]]


def expected(engine: Engine, record: Any, region: Region | None, strength: float, factor: int) -> np.ndarray:
    """The picture of input and student, put together from the parts by hand."""
    files = record.files()
    part = region or Region(0, 0, 140, 90)
    given, restored = (part.of(decode(files[key]).pixels) for key in (INPUT, "student"))
    pixels = {INPUT: given, "student": given + np.float32(strength) * (restored - given)}
    if region:
        scores = {key: engine.score_as_it_is(image) for key, image in pixels.items()}
    else:
        scores = {key: engine.score(image) | engine.cue(image) for key, image in pixels.items()}
    for key, image in pixels.items():
        scores[key] |= engine.extras(EXTRAS, image, None, as_it_is=region is not None)
    panels = [
        Panel(title, score_lines(score_cells(scores, key, False, EXTRAS)), enlarged(pixels[key], factor))
        for key, title in ((INPUT, "Input"), ("student", "Student"))
    ]
    return np.asarray(draw(panels, 2, footer("input.png", region, strength)))


def enlarged(pixels: np.ndarray, factor: int) -> Image.Image:
    return Image.fromarray(np.rint(pixels * 255).astype(np.uint8).repeat(factor, 0).repeat(factor, 1))


@pytest.mark.parametrize(("region", "factor"), [(None, 2), (Region(40, 8, 64, 48), 5)])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_scores_are_those_of_what_is_drawn(visits: Visits, region: Region | None, factor: int, strength: float) -> None:
    engine, record = Engine(Settings()), compared(visits.of("one"), noise())
    record.extras = EXTRAS
    made = labelled_picture(engine, record, {"student"}, region, strength)
    np.testing.assert_array_equal(np.rint(made.pixels * 255), expected(engine, record, region, strength, factor))


def test_known_scores_are_not_computed_again(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, record = Engine(Settings()), compared(visits.of("one"), noise(), noise(seed=1))
    region = Region(0, 0, 64, 48)
    known = {key: engine.score_as_it_is(noise(seed=seed)) for seed, key in enumerate(record.files())}
    record.scores, record.view = known, View(region, scores=known)
    computed = []
    for method in ("score", "score_as_it_is"):
        original = getattr(engine, method)
        monkeypatch.setattr(engine, method, lambda pixels, f=original: computed.append(1) or f(pixels))
    for part in (None, region):
        labelled_picture(engine, record, {"student", REFERENCE}, part, 1.0)
        assert computed == []
    labelled_picture(engine, record, {"student", REFERENCE}, Region(1, 0, 64, 48), 1.0)
    assert len(computed) == 3


@pytest.fixture
def wish(visits: Visits) -> dict[str, Any]:
    """A picture of the one comparison, of visitor "one"."""
    record = compared(visits.of("one"), noise())
    return {"format": "picture", "as": "png", "keys": ["student"], "picture": str(record.opened.picture)}


def told(visits: Visits, wish: Any, visitor: str = "one") -> str:
    request = gr.Request(session_hash=visitor)
    [(said, _)] = Downloads(Engine(Settings()), visits).fetch(gr.EventData(None, wish), request)
    return said["words"]


def test_other_visitors_and_nonsense_get_nothing(visits: Visits, wish: dict[str, Any]) -> None:
    assert told(visits, wish).startswith("input-compared.png is ready")
    compared(visits.of("two"), noise())
    assert told(visits, wish, "two") == text.VIEW_CHANGED
    assert told(visits, wish, "three") == text.NOTHING_TO_SAVE
    for bad in ({"as": "exe"}, {"keys": []}, {"keys": None}, {"keys": [["x"], {}]}, {"keys": ["input"]}, {"keys": 5}):
        assert told(visits, wish | bad) == text.NOTHING_TO_SAVE
    for region in ({}, "x", {"x": 0, "y": 0, "width": 141, "height": 1}):
        assert told(visits, wish | {"region": region}).startswith("That is no part of the photo")


@pytest.mark.parametrize(
    ("size", "count"),
    [((4000, 3000), 6), ((3000, 4000), 6), ((30, 20), 3), ((3, 400), 2), ((9000, 90), 1), ((1, 1), 5)],
)
def test_sizes_stay_within_the_limits(size: tuple[int, int], count: int) -> None:
    columns = columns_for(count, size[1] > size[0])
    photo = fitted(Image.new("RGB", size, "red"), count, columns)
    picture = draw([Panel("Title", ["BRISQUE 20.0"], photo)] * count, columns, ["name"])
    assert NARROWEST - columns <= picture.width <= WIDEST
    assert picture.height < TALLEST + 4000 < 16383
    assert photo.width / photo.height == pytest.approx(size[0] / size[1], rel=0.02) or min(photo.size) < 20


def test_words_stay_beneath_their_photo() -> None:
    photo = Image.new("RGB", (600, 100), "white")
    long = "A very long title of a checkpoint that somebody calls " + "x" * 90
    picture = np.asarray(draw([Panel(long, ["PIQE 1.0"], photo), Panel("B", [], photo)], 2, ["footer"]).convert("L"))
    step = 5 * (picture.shape[1] // 34) // 4
    beneath = picture[100 : -3 * step]
    assert beneath[:, :600].min() < 60
    assert beneath[step * 2 :, 600:].min() == 255
    assert all(len(line) < 60 for line in wrapped([long], 35, 570))
    assert "".join(wrapped([long], 35, 570)).replace(" ", "") == long.replace(" ", "")


@pytest.mark.parametrize(
    ("words", "drawn"), [("\N{MINUS SIGN}1.2", "-1.2"), ("été.jpg", "ete.jpg"), ("霧 x", "? x"), ("a\tb", "a?b")]
)
def test_only_letters_of_the_font_are_drawn(words: str, drawn: str) -> None:
    assert drawable(words) == drawn

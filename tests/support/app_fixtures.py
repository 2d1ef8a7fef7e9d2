"""The app as one process for all tests of it, and one browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import (
    check_log,
    chromium_path,
    click_example,
    launched_browser,
    opened_page,
    restore,
    running_app,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from uniremoval.ui.visit.visits import Visits


@pytest.fixture(scope="session")
def server(checkpoints: Path) -> Iterator[tuple[str, Path]]:
    """Address and log of `python app.py` with the small checkpoints."""
    folder = checkpoints.parent / "app"
    folder.mkdir()
    with running_app(folder, "--checkpoints", str(checkpoints), "--max-megapixels", "13", threads=1) as url:
        yield url, folder / "app.log"


@pytest.fixture
def app(server: tuple[str, Path]) -> Iterator[str]:
    """The app's address; AssertionError if the test makes it log a traceback."""
    url, log = server
    before = len(log.read_text())
    yield url
    check_log(log, before)


@pytest.fixture
def visits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Visits:
    """Nobody yet, and Gradio's cache in a folder of the test's own."""
    from uniremoval.ui.visit.visits import Visits

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return Visits()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with launched_browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def compared(server: tuple[str, Path], browser: Browser) -> Iterator[Page]:
    """An example restored by five checkpoints; a module's tests share the page, as none changes what is on it."""
    with opened_page(browser, server[0]) as opened:
        click_example(opened)
        restore(opened)
        yield opened

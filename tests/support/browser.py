"""The app as a real process, and a real browser on it that tolerates no console error and no foreign host."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from uniremoval.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

START_SECONDS = 120
DESKTOP, PHONE = (1400, 900), (390, 844)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

GRADIOS_OWN = ("signal is aborted", "BodyStreamBuffer was aborted", "Connection errored out")
"""What Gradio's script complains of on a page that is loaded again."""


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running_app(
    folder: Path,
    *options: str,
    threads: int | None = None,
    variables: Mapping[str, str] | None = None,
    host: str = "127.0.0.1",
    port_option: bool = True,
) -> Iterator[str]:
    """`python app.py` with these options on a free port; yields its address. Its log lies in `folder`.

    variables: of the environment, besides this process's. host: where it is expected to listen, not an option.
    port_option: else the port is told by GRADIO_SERVER_PORT.

    AssertionError if it leaves a temporary folder behind.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port = probe.getsockname()[1]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = os.environ | {"TMPDIR": str(temporary), "HF_HUB_OFFLINE": "1"}
    if threads is not None:
        environment["OMP_NUM_THREADS"] = str(threads)
    for name in ("UNIREMOVAL_CHECKPOINTS", "GRADIO_TEMP_DIR"):
        environment.pop(name, None)
    environment |= {**(variables or {}), **({} if port_option else {"GRADIO_SERVER_PORT": str(port)})}
    with (folder / "app.log").open("w") as log:
        command = [sys.executable, "app.py", *(["--port", str(port)] if port_option else []), *options]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(url, process, folder / "app.log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert not list(temporary.glob("uniremoval-*")), "temporary files were left behind"


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"app.py ended with {process.returncode}:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{url}/config", timeout=5):
                return
        except urllib.error.HTTPError as error:
            if error.code == 401:
                return  # a password is asked for
            raise
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"app.py does not answer after {START_SECONDS} s:\n{log.read_text()}")


def check_log(log: Path, since: int = 0) -> None:
    """AssertionError, with all that the app logged from this character on, if a traceback is in it."""
    logged = log.read_text()[since:]
    if "Traceback" in logged:
        raise AssertionError(f"the app's log:\n{logged}")


@contextmanager
def launched_browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened_page(
    browser: Browser,
    url: str,
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    tolerated: tuple[str, ...] = (),
    **context_options: Any,
) -> Iterator[Page]:
    """The page. On leaving: AssertionError if anything was complained of (but for `tolerated`) or fetched abroad."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        accept_downloads=True,
        **context_options,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("request", lambda r: complaints.append(f"foreign host: {r.url}") if _foreign(r.url) else None)
    try:
        page.goto(f"{url}/?__theme=dark" if dark else url)
        page.wait_for_selector("#viewer .empty")
        yield page
        unexpected = [text for text in complaints if not any(known in text for known in tolerated)]
        assert not unexpected, unexpected
    finally:
        context.close()


def _foreign(url: str) -> bool:
    parts = urlparse(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")


def click_example(page: Page, index: int = 0) -> None:
    """Load an example and wait until it is shown."""
    page.locator("#examples button").nth(index).click()
    shown_input(page)


def upload(page: Page, path: Path) -> None:
    page.locator("#photo input[type=file]").set_input_files(path)


def words(page: Page) -> str:
    """What the status line says."""
    return page.locator("#status .words").inner_text()


def shown_input(page: Page) -> None:
    page.wait_for_function(
        "() => [...document.querySelectorAll('.pane[data-key=input] img.photo')].some(i => !i.hidden)",
        timeout=30_000,
    )


def first_result(page: Page) -> None:
    """Wait until the photo just opened has been restored with the recommended checkpoint, and scored."""
    page.locator("#status .words", has_text="1 restoration").wait_for()


def press(page: Page, selector: str, timeout: float = 60_000) -> None:
    """Press a button that is disabled while its work goes on, and wait until the work is done."""
    page.wait_for_selector(f"{selector}:not([disabled])", timeout=timeout)
    page.evaluate(
        """selector => {
            window.pressed = false;
            const look = () => { window.pressed ||= document.querySelector(selector).disabled; };
            new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
        }""",
        selector,
    )
    page.locator(selector).click()
    page.wait_for_function(
        "selector => window.pressed && !document.querySelector(selector).disabled", arg=selector, timeout=timeout
    )


def restore(page: Page, panes: int = 6, timeout: float = 60_000) -> None:
    """Press Restore and wait until all panes, the input's included, show a picture and all scores are there."""
    page.wait_for_selector("#pick-transfer input[type=checkbox]")
    press(page, "#restore", timeout)
    page.wait_for_function(
        "n => [...document.querySelectorAll('.pane img.photo')].filter(i => !i.hidden && i.naturalWidth).length === n"
        " && !document.querySelector('.score .pending')",
        arg=panes,
        timeout=timeout,
    )


def no_history(page: Page) -> None:
    """Wait until no earlier comparison is listed: a comparison takes the place of what it holds once it is done."""
    page.wait_for_function("!document.querySelector('#history button')")


def widths_become(page: Page, widths: list[int]) -> None:
    """Wait until the panes' pictures are loaded and that many pixels wide."""
    page.wait_for_function(
        "widths => JSON.stringify([...document.querySelectorAll('.pane img.photo')].map(photo => photo.naturalWidth))"
        " === JSON.stringify(widths)",
        arg=widths,
    )


def more_tools(page: Page) -> None:
    """Unfold what a phone has no room for; elsewhere everything is there."""
    more = page.locator(".more")
    if more.is_visible() and more.get_attribute("aria-expanded") == "false":
        more.click()


def start(page: Page) -> None:
    """Press Restore, and wait until a tile is done."""
    page.wait_for_selector("#pick-transfer input")
    page.locator("#restore").click()
    page.wait_for_selector("#restore[disabled]")
    page.wait_for_function(
        "document.querySelector('#status .words').innerText.includes(' (')"
        " && document.querySelector('#status .track').getAttribute('aria-valuenow') > 0",
        timeout=60_000,
    )

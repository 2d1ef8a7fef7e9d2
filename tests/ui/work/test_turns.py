"""Waiting for one's turn: in order, told how many are before, and never held up by those who have gone."""

from __future__ import annotations

import threading
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import pytest
from gradio_client import Client, handle_file

from tests.support import files
from tests.support.browser import click_example, opened_page, shown_input, start, upload, words
from tests.support.files import large
from uniremoval.ui import text
from uniremoval.ui.restore.examples import examples
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings
from uniremoval.ui.work.turns import FORGOTTEN_SECONDS, Turns

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_turns_come_in_order() -> None:
    queue = Turns()
    first, second, third = (queue.join() for _ in range(3))
    assert first.wait(0) and not second.wait(0)
    assert [turn.ahead for turn in (first, second, third)] == [0, 1, 2]
    second.end()
    assert third.ahead == 1
    first.end()
    first.end()
    assert third.wait(0)
    with queue.join() as fourth:
        assert fourth.ahead == 1
    assert queue.join().ahead == 1


def test_who_asks_for_something_else_keeps_the_place() -> None:
    queue = Turns()
    first, second, third = (queue.join(owner) for owner in ("a", "b", "c"))
    again = queue.join("b")
    assert [turn.ahead for turn in (first, again, third)] == [0, 1, 2]
    assert not second.wait(0)
    second.end()
    first.hold()
    assert queue.join("a").ahead == 3, "what is at work goes on"
    first.end()
    assert again.wait(0) and not third.wait(0)
    assert [queue.join().ahead, queue.join().ahead] == [3, 4], "who names no owner shares no place"


def test_the_place_is_kept_though_the_work_before_has_ended(visits: Visits) -> None:
    engine = Engine(Settings())
    handlers, request = Handlers(engine, visits, examples()), gr.Request(session_hash="one")
    handlers.announce_photo(0, request)
    handlers.open_example(0, request)
    at_work = engine.machine.join()
    at_work.hold()
    before = handlers.restoring.restore_recommended(request)
    told = [status for status, _ in islice(before, 2)]
    assert told[-1]["words"] == text.waiting(1)
    other = engine.machine.join("two")
    handlers.start(request)
    list(before)
    assert other.ahead == 2
    asked = handlers.restoring.restore_chosen(False, request, [], ["student"], [], [])
    told = [status for status, _ in islice(asked, 2)]
    assert told[-1]["words"] == text.waiting(1)
    asked.close()
    assert other.ahead == 1


def test_who_asks_for_nothing_holds_up_nobody(visits: Visits) -> None:
    engine = Engine(Settings())
    handlers, request = Handlers(engine, visits, []), gr.Request(session_hash="one")
    handlers.start(request)
    assert len(list(handlers.restoring.restore_chosen(False, request, [], [], [], []))) == 1
    assert engine.machine.join("two").ahead == 0


def test_whoever_waits_begins_as_soon_as_the_one_before_ends() -> None:
    queue = Turns()
    first, second = queue.join(), queue.join()
    begun: list[bool] = []
    thread = threading.Thread(target=lambda: begun.append(second.wait(600)), daemon=True)
    thread.start()
    time.sleep(0.2)
    assert not begun
    first.end()
    thread.join(30)
    assert begun == [True], "it is told, and need not wait until its time is up"


def test_who_has_gone_holds_up_nobody() -> None:
    queue = Turns()
    gone, here = queue.join(), queue.join()
    assert not here.wait(0.05)
    gone.asked -= FORGOTTEN_SECONDS + 1
    assert here.wait(0)
    assert gone.ahead == 1 and not gone.wait(0), "it is back, at the end"
    here.kept = True
    here.asked -= FORGOTTEN_SECONDS + 1
    assert not gone.wait(0), "what is kept lasts, however long it takes"


def test_words() -> None:
    assert text.waiting(1) == "Waiting: 1 visitor before you"
    assert text.waiting(2) == "Waiting: 2 visitors before you"


def said(page: Page, wanted: str) -> None:
    page.wait_for_function(
        "wanted => document.querySelector('#status .words').innerText.includes(wanted)", arg=wanted, timeout=60_000
    )


@pytest.mark.browser
def test_visitors_are_told_how_many_are_before_them(app: str, browser: Browser, tmp_path: Path) -> None:
    small = files.png(tmp_path, files.noise(50, 70, 3, bits=8), name="small.png")
    with opened_page(browser, app) as first, opened_page(browser, app) as second, opened_page(browser, app) as third:
        upload(first, large(tmp_path))
        shown_input(first)
        first.get_by_role("button", name=text.ADVANCED).click()
        first.locator("#ensemble input").check()  # four times the work, which must last until all others have waited
        start(first)
        click_example(second)  # opened and shown while the first one's photo is at work
        said(second, text.waiting(1))
        upload(third, small)
        shown_input(third)
        said(third, text.waiting(2))
        assert first.locator("#restore").is_disabled()
        for page, ahead in ((second, 1), (third, 2)):  # who asks for something else keeps the place
            page.locator("#restore").click()
            page.wait_for_selector("#restore[disabled]")
            said(page, text.waiting(ahead))
        second.locator("#cancel").click()
        said(second, "Cancelled: 0 of 5")
        said(third, text.waiting(1))
        assert first.locator("#restore").is_disabled(), "the first is still at work"
        first.locator("#cancel").click()
        said(third, "5 restorations")
        assert "Cancelled" in words(first)


@pytest.mark.browser
def test_batches_and_programs_wait_too(app: str, browser: Browser, tmp_path: Path) -> None:
    photo = files.png(tmp_path, files.noise(50, 70, 3, bits=8), name="small.png")
    with opened_page(browser, app) as first, opened_page(browser, app) as second:
        for page, path in ((first, large(tmp_path)), (second, photo)):
            page.get_by_role("tab", name="Batch").click()
            page.locator("#batch-photos input[type=file]").set_input_files(path)
            page.wait_for_selector("#batch tbody tr")
        first.locator("#batch-run").click()
        first.locator("#batch-status .words", has_text="Photo 1 of 1").wait_for()
        second.locator("#batch-run").click()
        second.locator("#batch-status .words", has_text=text.waiting(1)).wait_for()
        job = Client(app, verbose=False).submit(handle_file(photo), "student", api_name="/restore")
        first.locator("#batch-cancel").click()
        second.locator("#batch-status .words", has_text="1 restoration in").wait_for(timeout=60_000)
        assert Path(job.result(60)[0]).exists()

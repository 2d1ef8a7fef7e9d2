"""Whose visit a page may go on with."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest

from uniremoval.ui import text
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.visit.record import Opened
from uniremoval.ui.visit.visits import Visits
from uniremoval.ui.work.engine import Engine, Settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def test_only_the_token_opens_a_visit_and_only_once_its_page_is_gone() -> None:
    visits = Visits()
    visit = visits.of("before")
    own = visits.of("after").folder
    assert visits.take_over(visit.token, "after") is None, "the page is open still"
    visits.leave("before")
    assert visits.take_over("guess", "after") is None and not visits.knows("guess")
    assert visits.take_over(visit.token, "after") is visit is visits.of("after")
    assert visit.back and visit.left is None and visit.folder.exists() and not own.exists()
    assert visits.of("before") is not visit
    assert visits.take_over(visit.token, None) is None


def test_a_call_on_its_way_does_not_keep_a_closed_page_open(monkeypatch: pytest.MonkeyPatch) -> None:
    visits = Visits()
    visit = visits.of("before")
    visits.leave("before")
    assert visits.of("before") is visit and visits.take_over(visit.token, "after") is visit
    monkeypatch.setattr("uniremoval.ui.visit.visits.LATE_SECONDS", 0)
    visits.leave("after")
    assert visits.of("after") is visit, "the connection was lost, the page is there still"
    assert visits.take_over(visit.token, "another tab") is None


@pytest.mark.parametrize("token", ["", "é", "\ud800", "x" * 10**6])
def test_odd_tokens_open_nothing(token: str) -> None:
    visits = Visits()
    visits.of("before")
    visits.leave("before")
    assert not visits.knows(token) and visits.take_over(token, "after") is None


def test_work_begun_on_the_new_page_is_not_thrown_away() -> None:
    visits = Visits()
    token, own = visits.of("before").token, visits.of("after")
    visits.leave("before")
    own.begin()
    assert visits.take_over(token, "after") is None and visits.of("after") is own and own.folder.exists()


def test_a_page_that_kept_its_own_photo_is_not_told_of_another(tmp_path: Path) -> None:
    visits, request = Visits(), gr.Request(session_hash="after")
    handlers = Handlers(Engine(Settings()), visits, [])
    own = visits.of("after")
    own.opened = Opened(tmp_path, "own.png", tmp_path / "own.png", (1, 1))
    assert all("value" not in update for update in handlers.come_back(request))
    own.back = True
    said, shown = handlers.come_back(request)
    assert said["words"].startswith("own.png, as it was before") and len(shown["panes"]) == 1
    own.lost = True
    assert handlers.come_back(request)[0]["words"] == text.VISIT_GONE


def test_tokens_cannot_be_guessed() -> None:
    visits = Visits()
    tokens = {visits.of(str(index)).token for index in range(100)}
    assert len(tokens) == 100 and min(map(len, tokens)) >= 32

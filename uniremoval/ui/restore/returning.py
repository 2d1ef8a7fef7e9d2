"""A page that is loaded again finds what was on it, as long as the server has it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.parts.component import component
from uniremoval.ui.parts.status import idle
from uniremoval.ui.visit.record import Record
from uniremoval.ui.visit.visits import Visits

LEAVING_SECONDS = 3.0
"""A reloaded page is often here before the server has noticed that the page before is gone."""


def returning() -> gr.HTML:
    """Invisible: keeps the visit's token in the tab, and on a page loaded again its select event tells it."""
    return component(Path(__file__).parent, "returning", value={}, html_template="", elem_id="returning")


class Returning:
    """The listeners of that component."""

    def __init__(self, visits: Visits) -> None:
        self.visits = visits

    def remember(self, request: gr.Request) -> dict[str, Any]:
        """The component's value, once there is a photo on the page to come back to."""
        visit = self.visits.of(request.session_hash)
        return {"token": visit.token} if visit.opened else gr.skip()

    def bring_back(self, click: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer) as they were before, without what was still at work then."""
        token = str(click._data.get("token")) if isinstance(click._data, dict) else ""
        visit, deadline = None, time.monotonic() + LEAVING_SECONDS
        while visit is None and self.visits.knows(token) and time.monotonic() < deadline:
            visit = self.visits.take_over(token, request.session_hash)
            if visit is None:
                time.sleep(0.1)
        own = self.visits.of(request.session_hash)
        if visit is None and not (own.opened or own.busy):
            return idle(text.VISIT_GONE), gr.skip()
        if visit is None or visit.opened is None:
            return gr.skip(), gr.skip()
        record = visit.record or Record(visit.opened)
        record.stop()
        return idle(text.VISIT_BACK.format(name=visit.opened.name)), record.shown()

"""A page that is loaded again finds what was on it, as long as the server has it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.ui.parts.component import component
from uniremoval.ui.queues import AT_ONCE
from uniremoval.ui.visit.visits import Visits

LEAVING_SECONDS = 10.0
"""A reloaded page is often here before the server has noticed that the page before is gone."""
ASK = "() => document.dispatchEvent(new Event('uniremoval-loaded'))"
"""For a listener of the page: it is filled, and may take its visit over."""


class ReturningPage:
    """component: invisible, keeps the visit's token in the browser's tab; a listener that puts something on the page
    fills it by `remember`. taken_over: the event after which a page loaded again has its visit."""

    def __init__(self, visits: Visits) -> None:
        self.visits = visits
        self.component = component(Path(__file__).parent, "returning", value={}, html_template="", elem_id="returning")
        self.taken_over = self.component.select(self._take_over, None, None, **AT_ONCE)

    def remember(self, request: gr.Request) -> dict[str, Any]:
        """The component's value, once there is something on the page to come back to."""
        visit = self.visits.of(request.session_hash)
        return {"token": visit.token} if visit.anything else gr.skip()

    def _take_over(self, click: gr.EventData, request: gr.Request) -> None:
        token = str(click._data.get("token")) if isinstance(click._data, dict) else ""
        visit, deadline = None, time.monotonic() + LEAVING_SECONDS
        while visit is None and self.visits.knows(token) and time.monotonic() < deadline:
            visit = self.visits.take_over(token, request.session_hash)
            if visit is None:
                time.sleep(0.1)
        own = self.visits.of(request.session_hash)
        own.lost = visit is None and not (own.anything or own.busy)

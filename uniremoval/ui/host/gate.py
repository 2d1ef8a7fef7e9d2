"""A filter in front of Gradio: requests that neither the page nor the API needs, or that are too large, are refused.

Gradio also serves what this app has no use for: it relays public URLs, takes in screen recordings, and fetches files
that a request names by URL.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import gradio as gr
from gradio import processing_utils
from starlette.requests import ClientDisconnect

from uniremoval.ui.limits import DEFAULT
from uniremoval.ui.text import UPLOADS_ONLY

MOST_WORDS = 2**20
"""Bytes of any other request."""
_POSTS = re.compile(r"(/gradio_api)?/(upload|login|queue/join|cancel|reset|(call|call/v2|run|api)/[^/]+)/?")
_RELAYED = re.compile(r"/(file=\s*https?:|proxy=)", re.IGNORECASE)

LINGER_BYTES, LINGER_SECONDS = 32 * 2**20, 5.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class TooLarge(Exception):
    """More came than a request may hold."""


class Gate:
    """ASGI middleware: 404 for what is not offered, 413 for what is too large, as soon as that is known.

    Where an answer comes before the request is over, the connection is closed, or the rest would be read all the same.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], most_bytes: int = DEFAULT.request_bytes) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        upload = path.rstrip("/").endswith("/upload")
        exchange = _Exchange(scope, receive, send, self.most_bytes if upload else MOST_WORDS)
        if _RELAYED.search(path) or (method not in ("GET", "HEAD", "OPTIONS") and not _POSTS.fullmatch(path)):
            await exchange.answer(404, b"There is nothing here.")
            return
        try:
            if exchange.announced > exchange.most:
                raise TooLarge
            await self.app(scope, exchange.receive, exchange.send)
        except TooLarge:
            await exchange.answer(413, b"This request is too large.")
        except ClientDisconnect:
            return  # nobody is left to answer, and nothing to log


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Message, receive: Receive, send: Send, most: int) -> None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        self.announced = int(length) if length.isdigit() else 0
        self.most = most
        self._coming = self.announced > 0 or b"transfer-encoding" in headers
        self._taken = 0
        self._receive, self._send = receive, send

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        self._coming = self._coming and message.get("more_body", False)
        if self._taken > self.most:
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on. The last part of an early one waits for a client that is about to finish."""
        if message["type"] == "http.response.start" and self._coming:
            message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
        elif message["type"] == "http.response.body" and self._coming and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def answer(self, status: int, words: bytes) -> None:
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(words))]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": words})

    async def _linger(self) -> None:
        """Read on for a little, as many clients look for an answer only when they have sent everything."""
        self.most = self._taken + LINGER_BYTES
        with suppress(TimeoutError, TooLarge):
            async with asyncio.timeout(LINGER_SECONDS):
                while self._coming:
                    await self.receive()


async def _refuse(*_: Any, **__: Any) -> str:
    raise gr.Error(UPLOADS_ONLY, print_exception=False)


def fetch_nothing() -> None:
    """Have Gradio refuse a file given by its URL, which it would otherwise fetch, of any size, from any public host."""
    processing_utils.async_ssrf_protected_download = _refuse

"""A reverse proxy that serves an app under a prefix, which it strips; any other path is not found."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"}


class Handler(BaseHTTPRequestHandler):
    prefix: str
    upstream: str
    strays: set[str]

    def log_message(self, *_: Any) -> None: ...

    def pass_on(self) -> None:
        if self.path == self.prefix:
            self.send_response(301)
            self.send_header("Location", f"{self.prefix}/")
            self.end_headers()
            return
        if not self.path.startswith(f"{self.prefix}/"):
            self.strays.add(self.path)
            self.send_error(404)
            return
        connection = http.client.HTTPConnection(self.upstream, timeout=120)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        try:
            connection.request(self.command, self.path.removeprefix(self.prefix), body or None, headers)
            answer = connection.getresponse()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in HOP_BY_HOP:
                    self.send_header(key, value)
            self.end_headers()
            while data := answer.read1(65536):
                self.wfile.write(data)
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError, http.client.IncompleteRead):
            self.close_connection = True  # the browser has gone elsewhere, or the app has ended
        finally:
            connection.close()

    do_GET = do_HEAD = do_POST = pass_on


@contextmanager
def running_proxy(url: str, prefix: str) -> Iterator[tuple[str, set[str]]]:
    """Yields the address, prefix included, at which the app at `url` is served too, and the paths asked for outside."""
    strays: set[str] = set()
    bound = type("BoundHandler", (Handler,), {"prefix": prefix, "upstream": urlsplit(url).netloc, "strays": strays})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}", strays
    finally:
        server.shutdown()
        server.server_close()

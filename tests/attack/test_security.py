"""Attacks on the running app over HTTP: paths, addresses, sizes and file types that no request may get away with."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support import files
from uniremoval.paths import ROOT
from uniremoval.photo import decode
from uniremoval.ui.host.gate import MOST_WORDS, Gate

PNG = files.png_bytes(files.noise(30, 40, 3, bits=8))


@pytest.fixture
def inside() -> Iterator[tuple[str, list[Any]]]:
    """A service that only this machine can reach, and who has called on it."""
    callers: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, caller = listener.accept()
                except TimeoutError:
                    continue
                callers.append(caller)
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", callers
        over.set()
        thread.join()


def uploaded(app: str, data: bytes, name: str = "photo.png") -> str:
    """The path that the server gives an upload."""
    answer = httpx.post(f"{app}/gradio_api/upload", files={"files": (name, data, "image/png")})
    assert answer.status_code == 200, answer.text
    return answer.json()[0]


def called(app: str, endpoint: str, *arguments: Any) -> tuple[str, Any]:
    """("complete", the results) or ("error", what was said)."""
    event = httpx.post(f"{app}/gradio_api/call/{endpoint}", json={"data": arguments}).json()["event_id"]
    answer = httpx.get(f"{app}/gradio_api/call/{endpoint}/{event}", timeout=60).text
    kind, data = (line.split(": ", 1)[1] for line in answer.strip().splitlines()[-2:])
    return kind, json.loads(data)


def described(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def test_an_upload_is_restored(app: str) -> None:
    """So that the refusals below mean something."""
    kind, (restored, scores) = called(app, "restore", described(uploaded(app, PNG)), "student")
    assert kind == "complete" and set(scores) == {"input", "output"}
    answer = httpx.get(restored["url"])
    assert answer.headers["content-type"] == "image/png"
    assert decode(answer.content).size == (30, 40)


@pytest.mark.parametrize(
    "address",
    [
        "http://{inside}/photo.png",
        "http://localhost:{port}/photo.png",
        "http://[::ffff:127.0.0.1]:{port}/photo.png",
        "http://169.254.169.254/latest/meta-data/",
        "https://example.com/photo.png",
        "https://huggingface.co/photo.png",
    ],
)
def test_no_address_is_fetched_instead_of_an_upload(
    server: tuple[str, Path], inside: tuple[str, list[Any]], address: str
) -> None:
    address = address.format(inside=inside[0], port=inside[0].split(":")[1])
    for given in (described(address), described(address, url=address), {"path": address, "url": address}):
        kind, said = called(server[0], "restore", given, "student")
        assert kind == "error" and "must be an uploaded file" in str(said)
    assert called(server[0], "restore", described("", url=address), "student")[0] == "error"
    assert inside[1] == []


def test_no_address_is_relayed(app: str, inside: tuple[str, list[Any]]) -> None:
    for path in (
        "file=http://{0}/x",
        "file=HTTP://{0}/x",
        "file=http%3A//{0}/x",
        "file=https://{0}/",
        "proxy=http://{0}/",
    ):
        for prefix in ("/gradio_api", ""):
            status = httpx.get(f"{app}{prefix}/{path.format(inside[0])}").status_code
            assert status == 404, path
    assert inside[1] == []


@pytest.mark.parametrize(
    "path", ["/etc/hostname", "../../../../etc/hostname", "{upload}/../../../../../etc/hostname", ""]
)
def test_no_path_of_the_server_is_opened(server: tuple[str, Path], path: str) -> None:
    """Gradio logs a traceback of its own where it refuses such a path."""
    path = path.format(upload=uploaded(server[0], PNG))
    for endpoint, arguments in (("restore", ["student"]), ("score", [])):
        for given in (described(path), {"path": path}, path):
            kind, said = called(server[0], endpoint, given, *arguments)
            assert kind == "error", said
            assert str(ROOT) not in str(said)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/hostname",
        "..%2f..%2f..%2fetc/hostname",
        "{upload}/../../../../../etc/hostname",
        "app.py",
        "{folder}",
        "~/.ssh",
    ],
)
def test_no_file_of_the_server_is_served(app: str, path: str) -> None:
    upload = uploaded(app, PNG)
    path = path.format(upload=upload, folder=Path(upload).parent)
    address = urlsplit(app)
    with socket.create_connection(
        (address.hostname, address.port), timeout=30
    ) as connection:  # as it is, not tidied up
        request = f"GET /gradio_api/file={path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        assert answered(connection) in (403, 404)


def answered(connection: socket.socket) -> int:
    """The status of the answer; 0 where the connection was closed without one."""
    try:
        line = connection.makefile("rb").readline().split()
    except ConnectionResetError:
        return 0
    return int(line[1]) if line else 0


@pytest.mark.parametrize("path", ["process_recording", "component_server", "vibe-edit", "runs", "stream/x"])
def test_what_the_app_does_not_need_is_not_offered(app: str, path: str) -> None:
    answer = httpx.post(f"{app}/gradio_api/{path}", files={"video": ("a.mp4", b"x" * 100, "video/mp4")})
    assert answer.status_code == 404
    assert httpx.request("DELETE", f"{app}/gradio_api/{path}").status_code == 404


PAGE = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "data"), [("x.html", PAGE), ("x.svg", SVG), ("x.xml", SVG), ("x.png", PAGE), ("x", PAGE)]
)
def test_no_upload_is_a_page_of_this_site(app: str, name: str, data: bytes) -> None:
    answer = httpx.get(f"{app}/gradio_api/file={uploaded(app, data, name)}")
    kind, disposition = answer.headers["content-type"], answer.headers.get("content-disposition", "")
    assert disposition.startswith("attachment") or kind.startswith("image/png")


@pytest.mark.parametrize(
    "name", ["../../x.png", "/etc/x.png", "a\x01\x7f\u202egnp.exe", "x" * 300 + ".png", "C:\\x.png", "a;b=\u00fc.png"]
)
def test_hostile_names_of_uploads_stay_in_their_folder_and_header(app: str, name: str, checkpoints: Path) -> None:
    path = Path(uploaded(app, PNG, name))
    assert path.resolve().is_relative_to((checkpoints.parent / "app" / "tmp").resolve()) and path.is_file()
    kind, (restored, _) = called(app, "restore", described(str(path), orig_name=name), "student")
    assert kind == "complete"
    answer = httpx.get(restored["url"])
    assert "student.png" in str(answer.url)
    assert all(value.isprintable() for value in answer.headers.values())


def test_an_oversized_upload_is_refused_before_it_is_sent(app: str) -> None:
    address = urlsplit(app)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        assert answered(connection) == 413


def test_an_oversized_file_is_refused_on_the_way(app: str, checkpoints: Path) -> None:
    """The app takes 106 MB; the upload announces no length and would go on for 2 GB."""
    address, sent, block = urlsplit(app), 0, b"x" * 2**20
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        connection.sendall(b"%x\r\n%s\r\n" % (len(head), head))
        try:
            while sent < 2 * 10**9:
                connection.sendall(b"%x\r\n%s\r\n" % (len(block), block))
                sent += len(block)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert answered(connection) in (413, 0)
    assert sent < 200 * 10**6
    left = [path for path in (checkpoints.parent / "app" / "tmp").rglob("tmp*") if path.is_file()]
    assert sum(path.stat().st_size for path in left) < 10**6


def test_a_request_in_words_may_not_be_large(app: str) -> None:
    answer = httpx.post(f"{app}/gradio_api/call/restore", json={"data": ["x" * MOST_WORDS]})
    assert answer.status_code == 413
    assert httpx.get(f"{app}/config").status_code == 200


@pytest.mark.parametrize("announced", [True, False])
def test_many_files_count_together(announced: bool) -> None:
    """The gate alone, with a limit of 1000 bytes, before an application that reads everything."""
    read, answers = [], []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            read.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def run(pieces: int) -> int:
        coming = iter(range(pieces))

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"x" * 100, "more_body": next(coming) < pieces - 1}

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        headers = [(b"content-length", b"%d" % (pieces * 100)) if announced else (b"transfer-encoding", b"chunked")]
        scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": headers}
        read.clear()
        answers.clear()
        with ThreadPoolExecutor(1) as thread:  # a browser of other tests may keep a loop running in this one
            thread.submit(asyncio.run, Gate(application, 1000)(scope, receive, send)).result()
        return answers[0]["status"]

    assert (run(10), len(read)) == (200, 10)
    assert (run(10_000), len(read)) == (413, 0 if announced else 10)
    assert (b"connection", b"close") in answers[0]["headers"]


def test_bombs_are_refused_in_no_time(app: str, tmp_path: Path) -> None:
    """A header of 60,000 x 60,000 pixels over almost no data, in every format that can say so."""
    bombs = [files.bomb(tmp_path).read_bytes(), *lying()]
    for data in bombs:
        kind, said = called(app, "restore", described(uploaded(app, data)), "student")
        assert kind == "error" and "megapixels" in str(said), said


def lying() -> list[bytes]:
    """Valid small photos whose headers claim 60,000 pixels per side."""
    from PIL import Image

    def saved(kind: str) -> bytearray:
        buffer = io.BytesIO()
        Image.fromarray(files.gradient(16, 16)).save(buffer, kind)
        return bytearray(buffer.getvalue())

    side = 60_000
    bmp, gif, jpeg = saved("BMP"), saved("GIF"), saved("JPEG")
    bmp[18:26] = side.to_bytes(4, "little") * 2
    gif[6:10] = side.to_bytes(2, "little") * 2
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = side.to_bytes(2, "big") * 2
    return [bytes(each) for each in (bmp, gif, jpeg)]


@pytest.mark.parametrize("way", ["run", "api"])
def test_nobody_gets_past_the_queue(app: str, way: str) -> None:
    upload = described(uploaded(app, PNG))
    answer = httpx.post(f"{app}/gradio_api/{way}/restore", json={"data": [upload, "student"]}, timeout=60)
    assert answer.status_code >= 400 and "student.png" not in answer.text

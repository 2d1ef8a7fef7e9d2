"""How the app is hosted: each option, and its environment variable, on a real process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from gradio.tunneling import BINARY_FILENAME
from gradio_client import Client, handle_file

from tests.support import files
from tests.support.browser import check_log, click_example, opened_page, restore, running_app
from tests.support.proxy import running_proxy
from uniremoval.catalog import Catalog
from uniremoval.paths import ROOT
from uniremoval.photo import encode
from uniremoval.restore import load_restorer
from uniremoval.ui.host.options import options

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PREFIX = "/tools/uniremoval"


def status_of(url: str, data: bytes | None = None, jar: CookieJar | None = None) -> int:
    opener = urllib.request.build_opener(*([urllib.request.HTTPCookieProcessor(jar)] if jar is not None else []))
    try:
        with opener.open(url, data, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_password_is_asked_for(tmp_path: Path, checkpoints: Path) -> None:
    assert options(["--auth", "ann:se:cret"]).auth == ("ann", "se:cret")
    variables = {"UNIREMOVAL_AUTH": "ann:se:cret"}
    with running_app(tmp_path, "--checkpoints", str(checkpoints), variables=variables) as url:
        closed = ("/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/gradio_api/file=x.png")
        assert {status_of(f"{url}{path}") for path in closed} == {401}
        for path in ("/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/call/checkpoints"):
            assert status_of(f"{url}{path}", b"{}") == 401
        for user, password in (("ann", "wrong"), ("ann", ""), ("bob", "se:cret")):
            form = urllib.parse.urlencode({"username": user, "password": password}).encode()
            assert status_of(f"{url}/login", form) in (400, 422)
        jar = CookieJar()
        form = urllib.parse.urlencode({"username": "ann", "password": "se:cret"}).encode()
        assert status_of(f"{url}/login", form, jar) == 200
        assert status_of(f"{url}/config", jar=jar) == 200
        client = Client(url, auth=("ann", "se:cret"), verbose=False)
        assert client.predict(api_name="/checkpoints")
    assert "se:cret" not in (tmp_path / "app.log").read_text()


@pytest.mark.parametrize("auth", ["", "ann", "ann:", ":secret"])
def test_half_a_password_is_refused(
    auth: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        options(["--auth", auth])
    assert "--auth: must be a user and a password" in capsys.readouterr().err
    if auth:
        monkeypatch.setenv("UNIREMOVAL_AUTH", auth)
        with pytest.raises(SystemExit):
            options([])
        assert "UNIREMOVAL_AUTH: must be" in capsys.readouterr().err
    monkeypatch.setenv("UNIREMOVAL_AUTH", "")
    assert options([]).auth is None


@pytest.mark.browser
def test_behind_a_proxy_that_strips_a_prefix(tmp_path: Path, checkpoints: Path, browser: Browser) -> None:
    """All that the page asks for lies under the prefix, but for the manifest, which Gradio links to from the root."""
    with (
        running_app(tmp_path, "--checkpoints", str(checkpoints), "--root-path", PREFIX, threads=1) as direct,
        running_proxy(direct, PREFIX) as (url, strays),
    ):
        with opened_page(browser, url, tolerated=("404",)) as page:
            click_example(page)
            restore(page)
            source = page.locator(".pane[data-key=student] img.photo").get_attribute("src")
            assert urllib.parse.urlsplit(source).path.startswith(f"{PREFIX}/gradio_api/file=")
            with page.expect_download() as download:
                page.locator(".pane[data-key=student] .download").click()
            assert Path(download.value.path()).stat().st_size > 10_000
        assert Client(url, verbose=False).predict(api_name="/checkpoints")
        assert strays <= {"/manifest.json", "/favicon.ico"}
    check_log(tmp_path / "app.log")


def test_a_root_path_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(["--root-path", "tools"])
    assert "--root-path tools: must begin with /" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no second loopback address by default")
def test_host_and_port(tmp_path: Path, checkpoints: Path) -> None:
    with running_app(tmp_path, "--checkpoints", str(checkpoints), "--host", "127.0.0.2", host="127.0.0.2") as url:
        assert status_of(f"{url}/config") == 200
        with pytest.raises(urllib.error.URLError, match="refused"):
            urllib.request.urlopen(url.replace("127.0.0.2", "127.0.0.1"), timeout=5)


def test_behind_proxies_and_on_ipv6(tmp_path: Path, checkpoints: Path) -> None:
    nowhere = "127.0.0.1:9"
    proxies = {
        "HTTP_PROXY": f"http://{nowhere}",
        "https_proxy": f"http://{nowhere}",
        "ALL_PROXY": f"socks5://{nowhere}",
    }
    options = ("--checkpoints", str(checkpoints), "--host", "::")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with running_app(tmp_path, *options, variables=proxies, host="::1") as url:
        assert direct.open(f"{url}/config", timeout=20).status == 200
    assert "uniremoval: ALL_PROXY names a proxy that cannot be used (SOCKS" in (tmp_path / "app.log").read_text()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--port", "99999"], "--port 99999: must be a whole number from 1 to 65535"),
        (["--port", "0x50"], "--port 0x50: must be"),
        (["--host", "192.0.2.1"], "--host 192.0.2.1: this machine cannot listen there"),
        (["--host", "no such host"], "--host no such host: this machine cannot listen there"),
        (["--max-megapixels", "-1"], "--max-megapixels -1: must be a number above 0"),
        (["--max-megapixels", "nan"], "--max-megapixels nan: must be"),
        (["--device", "gpu"], "--device gpu: there is no such device"),
    ],
)
def test_what_cannot_work_is_one_sentence(given: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        options(given)
    assert caught.value.code == 2 and words in capsys.readouterr().err.splitlines()[-1]


def test_a_port_in_use_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit):
            options(["--port", str(port)])
        assert f"--port {port}: nothing can listen" in capsys.readouterr().err
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        with pytest.raises(SystemExit):
            options([])


@pytest.mark.skipif(torch.cuda.is_available(), reason="here it would start")
def test_a_gpu_that_is_not_there_is_one_sentence() -> None:
    done = subprocess.run([sys.executable, "app.py", "--device", "cuda"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("uniremoval: The device 'cuda' is not available here")
    assert "Traceback" not in done.stderr


def recorder(path: Path, says: str = "") -> Path:
    """A program that writes down how it was called, and stays for a while."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$@" > "{path}.called"\necho "{says}"\nexec sleep 30\n')
    path.chmod(0o755)
    return Path(f"{path}.called")


def waited_for(path: Path, seconds: float = 20) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not (path.exists() and path.read_text()):
        time.sleep(0.1)
    return path.read_text()


@dataclass(frozen=True)
class Recorders:
    """variables: with which the app calls these programs. What each is called with, it writes to its path."""

    variables: dict[str, str]
    tunnel: Path
    browser: Path


@pytest.fixture
def recorders(tmp_path: Path) -> Recorders:
    home, browser = tmp_path / "home", tmp_path / "browser"
    variables = {
        "HF_HOME": str(home),
        "GRADIO_SHARE_SERVER_ADDRESS": "127.0.0.1:9",
        "BROWSER": f"{browser} %s",
    }
    tunnel = recorder(home / "gradio" / "frpc" / BINARY_FILENAME, "start proxy success: http://public.invalid")
    return Recorders(variables, tunnel, recorder(browser))


@pytest.mark.parametrize("option", ["--share", "--inbrowser"])
def test_share_and_inbrowser(tmp_path: Path, checkpoints: Path, recorders: Recorders, option: str) -> None:
    """--share starts the tunnel program on the app's port; --inbrowser the browser on its address; else neither."""
    with running_app(tmp_path, "--checkpoints", str(checkpoints), option, variables=recorders.variables) as url:
        if option == "--inbrowser":
            assert waited_for(recorders.browser).strip().rstrip("/") == url
            assert not recorders.tunnel.exists()
        else:
            assert f"-l {urllib.parse.urlsplit(url).port}" in waited_for(recorders.tunnel)
            assert not recorders.browser.exists()
        assert status_of(f"{url}/config") == 200


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no second loopback address by default")
def test_variables_of_gradio_in_place_of_options(tmp_path: Path, checkpoints: Path, recorders: Recorders) -> None:
    here = {"GRADIO_SERVER_NAME": "127.0.0.2", "GRADIO_ROOT_PATH": PREFIX, "GRADIO_SHARE": "True"}
    with running_app(
        tmp_path, "--checkpoints", str(checkpoints),
        variables=recorders.variables | here, host="127.0.0.2", port_option=False,
    ) as url:  # fmt: skip
        assert f"-l {urllib.parse.urlsplit(url).port}" in waited_for(recorders.tunnel)
        with urllib.request.urlopen(f"{url}/config", timeout=20) as answer:
            assert json.load(answer)["root"] == f"{url}{PREFIX}"


SPACES = """
import pickle
from pathlib import Path

def GPU(function):
    def lent(*arguments):
        with (Path(__file__).parent / "lent").open("a") as file:
            file.write(f"{arguments[0].name} {arguments[1]}\\n")
        return pickle.loads(pickle.dumps(function(*pickle.loads(pickle.dumps(arguments)))))
    return lent
"""


def test_a_lent_gpu_restores(tmp_path: Path, checkpoints: Path) -> None:
    """A package called spaces decorates restoring; what goes in and comes out can cross to another process."""
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "spaces.py").write_text(SPACES)
    path = os.pathsep.join([str(packages), *filter(None, [os.environ.get("PYTHONPATH")])])
    photo = files.png(tmp_path, files.noise(40, 50, 3, bits=8))
    arguments = ("--checkpoints", str(checkpoints), "--device", "cpu")
    with running_app(tmp_path, *arguments, threads=1, variables={"PYTHONPATH": path}) as url:
        restored, _ = Client(url, verbose=False).predict(handle_file(photo), "student", api_name="/restore")
        torch.set_num_threads(1)
        expected = load_restorer("student", catalog=Catalog([checkpoints])).restore(photo).photo
        assert Path(restored).read_bytes() == encode(expected, "PNG")
        with pytest.raises(Exception, match="choose one of"):
            Client(url, verbose=False).predict(handle_file(photo), "nobody", api_name="/restore")
    assert (packages / "lent").read_text() == "student.safetensors cpu\n"


@pytest.mark.parametrize(("body", "lent"), [("return function", False), ("return lambda *a: function(*a)", True)])
def test_only_where_there_is_a_gpu_to_lend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, lent: bool
) -> None:
    (tmp_path / "spaces.py").write_text(f"def GPU(function):\n    {body}\n")
    code = "from uniremoval.ui.work.engine import Engine, Settings; import sys; print(bool(Engine(Settings()).lent))"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == str(lent)

"""How the app starts and ends: where it may listen, what stands in the environment, and signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from tests.support import files
from tests.support.browser import running_app
from uniremoval.commands.terminal import Terminated
from uniremoval.errors import UniremovalError
from uniremoval.paths import ROOT
from uniremoval.ui.host import address, process
from uniremoval.ui.host.options import options

NAMES = (address.HOST, address.PORT, address.TRIED, "GRADIO_TEMP_DIR")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without variables that say where to listen."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("given", "variables", "words"),
    [
        ([], {"GRADIO_SERVER_PORT": "many"}, "GRADIO_SERVER_PORT many: must be a whole number from 1 to 65535"),
        ([], {"GRADIO_NUM_PORTS": "0"}, "GRADIO_NUM_PORTS 0: must be a whole number from 1 to 65535"),
        (["--port", ""], {}, "--port : must be a whole number"),
        (["--port", "0"], {}, "--port 0: must be a whole number"),
        (["--port", "9" * 5000], {}, "must be a whole number"),
        (["--host", "a" * 70], {}, "this machine cannot listen there (no host can be called so)"),
        ([], {"GRADIO_SERVER_NAME": "192.0.2.1"}, "GRADIO_SERVER_NAME 192.0.2.1: this machine cannot listen there"),
        ([], {"GRADIO_TEMP_DIR": "/dev/null/x"}, "GRADIO_TEMP_DIR /dev/null/x: cannot be made a folder"),
        (["--checkpoints", "x" * 300], {}, "there is no such folder"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    given: list[str],
    variables: Mapping[str, str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        options(given)
    assert caught.value.code == 2 and words in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_first_free_port(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr(address, "FIRST_PORT", taken)
        assert address.chosen_place(host, None)[1] > taken
        monkeypatch.setenv(address.TRIED, "1")
        with pytest.raises(address.Unusable, match=f"none from {taken} to {taken} is free at {host}"):
            address.chosen_place(host, None)


def test_ipv6_by_variable_and_a_port_taken_on_ipv4_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(address.HOST, "::1")
    assert options([]).host == "[::1]" and options(["--host", "[::1]"]).host == "[::1]"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(address.Unusable, match="nothing can listen at ::1"):
            address.chosen_place("::1", port)


@pytest.mark.parametrize(
    ("proxy", "reason"),
    [("socks4://127.0.0.1:9", "makes no sense"), ("http://a:b:c", "makes no sense"), ("127.0.0.1:9", None)],
)
def test_proxies_that_httpx_cannot_use(proxy: str, reason: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*NAMES, "no_proxy", "NO_PROXY", *address.PROXIES, *map(str.lower, address.PROXIES)]:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.setenv("NO_PROXY", "intranet.example, 127.0.0.1")
    said = address.reach_itself("[::1]")
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "intranet.example,127.0.0.1,localhost,::1"
    assert [reason in sentence for sentence in said] == ([True] if reason else [])
    assert ("https_proxy" in os.environ) == (reason is None)


@pytest.mark.parametrize(
    ("ending", "code", "words"),
    [
        (Terminated(signal.SIGTERM), 143, ""),
        (KeyboardInterrupt(), 130, ""),
        (UniremovalError("No."), 1, "uniremoval: No.\n"),
        (None, 0, ""),
    ],
)
def test_exit_codes(
    ending: BaseException | None,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def work() -> None:
        if ending:
            raise ending

    codes: list[int] = []
    leave: Callable[[int], None] = codes.append
    monkeypatch.setattr(process, "leave", leave)
    process.run(work)
    assert codes == [code] and capfd.readouterr().err == words


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_sigterm_in_mid_run_ends_quietly(tmp_path: Path, checkpoints: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "app.py", "--port", str(port), "--checkpoints", str(checkpoints), "--device", "cpu"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert b"Running on" in app.stdout.readline()
    client = Client(f"http://127.0.0.1:{port}", verbose=False)
    job = client.submit(handle_file(files.large(tmp_path)), "student", api_name="/restore")
    deadline = time.monotonic() + 60
    while not list(temporary.rglob("large*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    app.send_signal(signal.SIGTERM)
    _, said = app.communicate(timeout=60)
    assert (app.returncode, said) == (143, b"") and list(temporary.glob("uniremoval-*")) == []
    assert job.exception(timeout=60) is not None


def test_a_folder_that_is_missing_is_told_without_a_traceback(tmp_path: Path) -> None:
    with running_app(tmp_path, variables={"UNIREMOVAL_CHECKPOINTS": str(tmp_path / "gone")}) as url:
        log, deadline = tmp_path / "app.log", time.monotonic() + 60
        while "no such folder" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert urllib.request.urlopen(f"{url}/config", timeout=20).status == 200
    assert "Traceback" not in log.read_text() and "uniremoval: " in log.read_text()

"""How long a visitor waits for a freshly started app."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import httpx

from uniremoval.paths import ROOT

APP = ROOT / "app.py"
PATIENCE = 120.0


@dataclass(frozen=True)
class Startup:
    """Seconds since the process was started."""

    first_byte: float
    first_restoration: float


def measure(source: Path, checkpoint: Path, name: str) -> Startup:
    """Start app.py, ask for the page, then restore `source` with the checkpoint `name` through its interface.

    checkpoint: the file of that checkpoint, whose folder is offered to the app. Raises RuntimeError when the app ends,
    does not answer within two minutes, or does not restore the photo.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    command = [sys.executable, str(APP), "--port", str(port), "--checkpoints", str(checkpoint.parent)]
    start = time.perf_counter()
    environment, nowhere = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}, subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere) as app:
        try:
            while not _answers(address):
                if app.poll() is not None or time.perf_counter() - start > PATIENCE:
                    raise RuntimeError(f"the app did not answer at {address}; start it by hand to see why: {command}")
                time.sleep(0.02)
            first_byte = time.perf_counter() - start
            _restore(address, source, name)
            return Startup(first_byte, time.perf_counter() - start)
        finally:
            app.terminate()


def _restore(address: str, source: Path, name: str) -> None:
    """Upload, ask, and wait for the event that brings the answer, as the README does with curl."""
    api = f"{address}gradio_api"
    with httpx.Client(timeout=PATIENCE) as client:
        (path,) = client.post(f"{api}/upload", files={"files": source.read_bytes()}).raise_for_status().json()
        photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
        asked = client.post(f"{api}/call/restore", json={"data": [photo, name]}).raise_for_status()
        answer = client.get(f"{api}/call/restore/{asked.json()['event_id']}").raise_for_status()
    if "event: complete" not in answer.text:
        raise RuntimeError(f"the app did not restore {source.name}: {answer.text}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(answer.read(1))
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False

"""Many clients at once on a real app: `python -m tests.load --clients 8 --minutes 5`.

Each has photos of its own, among them ones of odd shapes and kinds, and compares each result, to the byte, with the
engine's own here. In between they leave in the middle of their work, break off uploads and send hopeless files.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from tests.support import files, odd_photos
from tests.support.browser import running_app

MIB = 2**20
GROWTH = 300 * MIB
"""What the server's memory may still grow by once every client has been served: Gradio remembers sessions, and the
allocator keeps some of what it was given."""
NAMES = ("teacher-haze", "student", "student-adapted")
OVERTAKEN = 3
"""By how many later requests a restoration may be overtaken: clients see answers a little out of order, no more."""
ACTIONS = ("restore",) * 12 + ("score", "leave", "leave", "break off", "hopeless", "hopeless")


@dataclass(frozen=True)
class Wait:
    """When one restoration was asked for, accepted into the queue, and done; seconds."""

    asked: float
    accepted: float
    done: float

    @property
    def seconds(self) -> float:
        return self.done - self.asked


def overtaken(waits: list[Wait]) -> int:
    """The most requests that came to the queue after a restoration and were done before it."""
    return max(
        (sum(one.accepted < other.asked and other.done < one.done for other in waits) for one in waits), default=0
    )


@dataclass
class Report:
    """served: restorations by client. wrong: what did not come as it should have. memory, in bytes: of the app when
    each client had been served once, and at the end. left: files at the end. expected: the most there may be."""

    clients: int
    seconds: float = 0.0
    done: Counter[str] = field(default_factory=Counter)
    served: Counter[int] = field(default_factory=Counter)
    waits: list[Wait] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    memory: tuple[int, int] = (0, 0)
    left: int = 0
    expected: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def problems(self) -> list[str]:
        """Why the app did not hold; empty where it did."""
        found = list(self.wrong)
        if min(self.served[client] for client in range(self.clients)) == 0:
            found.append("a client was never served")
        if (later := overtaken(self.waits)) > OVERTAKEN:
            found.append(f"a restoration waited for {later} that had come to the queue after it")
        if self.memory[1] - self.memory[0] > GROWTH:
            found.append(f"memory grew from {self.memory[0] // MIB} to {self.memory[1] // MIB} MiB")
        if self.left > self.expected:
            found.append(f"{self.left} temporary files, and no more than {self.expected} are of use")
        if not any("Queue is full" in sentence for sentence in self.refusals):
            found.append("the full queue was not told of")
        return found

    def __str__(self) -> str:
        fewest, most = (choose(self.served[client] for client in range(self.clients)) for choose in (min, max))
        waits = sorted(wait.seconds for wait in self.waits) or [0.0]
        return (
            f"{self.clients} clients, {self.seconds:.0f} s: {self.done['restore']} restorations compared to the byte "
            f"({fewest} to {most} per client, median {waits[len(waits) // 2]:.1f} s, slowest {waits[-1]:.1f} s, "
            f"overtaken by at most {overtaken(self.waits)} later ones), {len(self.wrong)} wrong; "
            f"{self.done['leave']} left in the middle, {self.done['break off']} uploads broken off, "
            f"{self.done['hopeless']} bad files refused, {sum(self.refusals.values())} turned "
            f"away by a full queue; memory {self.memory[0] // MIB} -> {self.memory[1] // MIB} MiB"
        )


class Client:
    """Photos of its own, ordinary and odd ones, each with every checkpoint's restoration of it."""

    def __init__(self, number: int, url: str, folder: Path, restorers: dict[str, Any]) -> None:
        from uniremoval.photo import decode, encode

        self.number, self.url, self.draw = number, url, random.Random(number)
        folder.mkdir()
        kinds = ((3, 8), (4, 16), (1, 8), (2, 16))
        paths = []
        for index in range(3):
            channels, bits = kinds[(number + index) % 4]
            size = (40 + 8 * number + index, 300 - 7 * number)
            samples = files.noise(*size, channels, bits, seed=100 * number + index)
            paths.append(files.png(folder, samples, name=f"{number}-{index}.png"))
        for index in range(3):
            paths.append(odd_photos.SOUND[(3 * number + index) % len(odd_photos.SOUND)](folder))
        self.photos = []
        for path in paths:
            photo = decode(path)
            wanted = {name: encode(restorer.restore(photo).photo, "PNG") for name, restorer in restorers.items()}
            self.photos.append((path, wanted))
        (folder / "hopeless").mkdir()
        self.hopeless = [draw(folder / "hopeless") for draw in odd_photos.HOPELESS]
        self.http = httpx.Client(base_url=f"{url}/gradio_api", timeout=120)

    def run(self, report: Report, until: float) -> None:
        while time.monotonic() < until or not report.served[self.number]:
            action = self.draw.choice(ACTIONS) if report.served[self.number] else "restore"
            try:
                {
                    "restore": self.restore, "score": self.score, "leave": self.leave, "break off": self.break_off,
                    "hopeless": self.refused,
                }[action](report)  # fmt: skip
            except Exception as error:
                report.wrong.append(f"client {self.number}, {action}: {type(error).__name__}: {error}")
                return
            report.done[action] += 1

    def upload(self, name: str, data: bytes) -> dict[str, Any]:
        answer = self.http.post("/upload", files={"files": (name, data, "image/png")}).raise_for_status()
        return {"path": answer.json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def join(self, endpoint: str, *arguments: Any) -> httpx.Response:
        return self.http.post(f"/call/{endpoint}", json={"data": arguments})

    def result(self, endpoint: str, event: str) -> tuple[str, Any]:
        lines = self.http.get(f"/call/{endpoint}/{event}").text.strip().splitlines()
        return lines[-2].removeprefix("event: "), json.loads(lines[-1].removeprefix("data: "))

    def called(self, report: Report, endpoint: str, *arguments: Any) -> tuple[str, Wait, Any]:
        asked = time.monotonic()
        while (answer := self.join(endpoint, *arguments)).status_code == 503:
            report.refusals[answer.json()["detail"]] += 1
            time.sleep(self.draw.uniform(0.2, 1))
            asked = time.monotonic()
        accepted = time.monotonic()
        kind, data = self.result(endpoint, answer.raise_for_status().json()["event_id"])
        return kind, Wait(asked, accepted, time.monotonic()), data

    def restore(self, report: Report) -> None:
        (path, wanted), name = self.draw.choice(self.photos), self.draw.choice(NAMES)
        kind, wait, data = self.called(report, "restore", self.upload(path.name, path.read_bytes()), name)
        assert kind == "complete", f"{path.name}: {data}"
        assert self.http.get(data[0]["url"]).content == wanted[name], f"{path.name}: not the photo that was to come"
        report.waits.append(wait)
        report.served[self.number] += 1

    def score(self, report: Report) -> None:
        path, _ = self.draw.choice(self.photos)
        kind, _, data = self.called(report, "score", self.upload(path.name, path.read_bytes()), None)
        assert kind == "complete" and set(data[0]) == {"brisque", "piqe"}, data

    def leave(self, report: Report) -> None:
        path, _ = self.draw.choice(self.photos)
        answer = self.join("restore", self.upload(path.name, path.read_bytes()), "student")
        if answer.status_code == 503:
            report.refusals[answer.json()["detail"]] += 1
            return
        with self.http.stream("GET", f"/call/restore/{answer.json()['event_id']}"):
            time.sleep(self.draw.uniform(0, 0.2))

    def break_off(self, _: Report) -> None:
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(
                b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
                b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + bytes(100_000)
            )

    def refused(self, report: Report) -> None:
        path = self.draw.choice(self.hopeless)
        kind, _, said = self.called(report, "restore", self.upload(path.name, path.read_bytes()), "student")
        assert kind == "error" and path.name in str(said), said


def crowd(client: Client, report: Report) -> None:
    """More requests at once than the queue holds; the app must say so, and serve again afterwards."""
    path, _ = client.photos[0]
    upload = client.upload(path.name, path.read_bytes())
    events = []
    for _ in range(60):
        answer = client.join("restore", upload, "student")
        if answer.status_code == 503:
            report.refusals[answer.json()["detail"]] += 1
        else:
            events.append(answer.raise_for_status().json()["event_id"])
    for event in events:
        kind, data = client.result("restore", event)
        if kind != "complete":
            report.wrong.append(f"in the crowd: {data}")
    client.restore(report)
    report.done["crowd"] += len(events)


def load(clients: int, seconds: float, folder: Path) -> Report:
    """`clients` clients for that long; files go to `folder`."""
    import torch

    from tests.conftest import write_five
    from uniremoval.catalog import Catalog
    from uniremoval.restore import load_restorer

    torch.set_num_threads(1)
    (folder / "checkpoints").mkdir()
    catalog = Catalog([write_five(folder / "checkpoints")])
    restorers = {name: load_restorer(name, catalog=catalog) for name in NAMES}
    report = Report(clients)
    with running_app(folder, "--checkpoints", str(folder / "checkpoints"), threads=1) as url:
        port = url.rpartition(":")[2]
        (process,) = (each for each in psutil.Process().children() if {"app.py", port} <= set(each.cmdline()))
        everyone = [Client(number, url, folder / str(number), restorers) for number in range(clients)]
        for client in everyone:
            client.restore(report)
        before, started = process.memory_info().rss, time.monotonic()
        threads = [threading.Thread(target=each.run, args=(report, started + seconds)) for each in everyone]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        report.seconds = time.monotonic() - started
        crowd(everyone[0], report)
        report.done["restore"] += clients + 1
        report.memory = (before, process.memory_info().rss)
        report.left = sum(path.is_file() for path in (folder / "tmp").rglob("*"))
        outputs = report.done["restore"] + report.done["leave"] + report.done["crowd"]
        report.expected = outputs + report.done["break off"] + 4 * clients + 40
    log = (folder / "app.log").read_text()
    if "Traceback" in log:
        report.wrong.append(f"the app logged a traceback: {log[log.index('Traceback') :][-500:]}")
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=5.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = load(chosen.clients, 60 * chosen.minutes, Path(folder))
    print(report)
    for problem in report.problems:
        print(problem, file=sys.stderr)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())

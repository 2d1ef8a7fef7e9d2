"""What the Hub of the tests holds, and what it is told to do wrong."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field

TOKEN = "hf_test"


@dataclass
class Repo:
    """One model repository; files by path. access: "public", "private" or "gated"."""

    files: dict[str, bytes] = field(default_factory=dict)
    access: str = "public"
    commits: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        content = b"".join(name.encode() + data for name, data in sorted(self.files.items()))
        return hashlib.sha1(content).hexdigest()


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of this method whose path contains `where`.

    kind: "stall" (never answers), "truncate" (half of the body, then closes), "corrupt" (other bytes), "cut-header"
    (an answer that is no JSON), or a status such as "500".
    """

    kind: str
    method: str = "GET"
    where: str = ""
    times: int = 1_000_000


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    host: str
    range: str | None
    authorization: str | None


class Hub:
    """The state of the server: repositories, large files by SHA-256, faults to come, requests seen."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cdn(self) -> str:
        return f"http://localhost:{self.port}"

    def fault_of(self, method: str, path: str) -> str | None:
        for fault in self.faults:
            if fault.times and fault.method == method and fault.where in path:
                fault.times -= 1
                return fault.kind
        return None


def is_large(name: str) -> bool:
    return name.endswith(".safetensors")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

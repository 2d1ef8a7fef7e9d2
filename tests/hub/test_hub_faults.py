"""A Hub that fails, lies or cannot be reached: a sentence, nothing half-written, and all else goes on."""

from __future__ import annotations

import json
import time
from pathlib import Path

import huggingface_hub.constants
import pytest

from tests.conftest import FIVE
from tests.support.hub_state import Fault, Hub
from tests.support.models import card_of, tiny
from uniremoval import checkpoint, hub
from uniremoval.catalog import Catalog
from uniremoval.errors import CheckpointError, HubError, UnknownCheckpointError
from uniremoval.hub import Repository

MINE = Repository("me/mine")
NAME = "student.safetensors"


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for answers, and between huggingface_hub's attempts at a broken download."""
    monkeypatch.setattr(hub.client, "TIMEOUT", 0.3)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.3)

    class Hurry:
        def __getattr__(self, name: str) -> object:
            return getattr(time, name)

        def sleep(self, seconds: float) -> None:
            time.sleep(seconds / 20)

    monkeypatch.setattr("huggingface_hub.file_download.time", Hurry())


def cached(tmp_path: Path) -> list[str]:
    """Everything in the cache that holds content, half or whole."""
    return sorted(p.name for p in (tmp_path / "cache").rglob("*") if "blobs" in p.parts and p.is_file())


def test_unusable_files_are_problems_of_their_own(hub_server: Hub, checkpoints: Path) -> None:
    files = hub_server.repos[MINE.id].files
    student = files[NAME]
    length = int.from_bytes(student[:8], "little")
    odd = json.dumps({"__metadata__": ["no", "dict"]}).encode()
    files |= {
        "text.safetensors": b"no weights at all",
        "empty.safetensors": b"",
        "odd.safetensors": len(odd).to_bytes(8, "little") + odd,
        "half-header.safetensors": student[: length // 2],
        "same.safetensors": student,
        "../outside.safetensors": student,
    }
    found = Catalog([], MINE)
    assert {entry.name for entry in found.entries()} == set(FIVE)
    problems = "\n".join(found.problems)
    for name in ("text", "empty", "odd", "half-header"):
        assert f"me/mine: {name}.safetensors" in problems
    assert "'student' like same.safetensors" in problems or "'student' like student.safetensors" in problems
    assert len(found.problems) == 5 and "outside" not in problems


@pytest.mark.parametrize(
    ("spoil", "repository", "words"),
    [
        ("", "me/missing", "no such model repository"),
        ("", "me/mine@v9", "no revision 'v9'"),
        ("private", "me/mine", "hf auth login"),
        ("gated", "me/mine", "accept its conditions"),
        ("500", "me/mine", "error 500"),
        ("429", "me/mine", "too many requests"),
        ("stall", "me/mine", "cannot be reached"),
        ("cut-header", "me/mine", "makes no sense"),
        ("truncate", "me/mine", "broke off"),
        ("gone", "me/mine", "check the network"),
    ],
)
def test_a_hub_that_fails_hides_nothing_else(
    hub_server: Hub, checkpoints: Path, monkeypatch: pytest.MonkeyPatch, spoil: str, repository: str, words: str
) -> None:
    if spoil in ("private", "gated"):
        hub_server.repos[MINE.id].access = spoil
    elif spoil == "gone":
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    elif spoil:
        if spoil == "stall":
            impatient(monkeypatch)
        hub_server.faults.append(Fault(spoil, where="/api/models"))
    started = time.monotonic()
    both = Catalog([checkpoints], Repository.parse(repository))
    assert {entry.source for entry in both.entries()} == {"local"} and len(both.entries()) == 5
    (problem,) = both.problems
    assert words in problem and repository in problem and problem.endswith(".") and "\n" not in problem
    assert both.named("student").source == "local"
    with pytest.raises(UnknownCheckpointError, match=words):
        both.named("nobody")
    assert time.monotonic() - started < 5


def test_a_failure_is_remembered_for_a_minute(hub_server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub_server.faults.append(Fault("500", where="/api/models", times=1))
    found = Catalog([], MINE)
    assert found.entries() == [] and found.entries() == [] and len(hub_server.requests) == 1
    later = time.monotonic() + 61
    monkeypatch.setattr(hub.client.time, "monotonic", lambda: later)
    assert len(found.entries()) == 5 and found.problems == []


def test_offline_offers_what_was_fetched(hub_server: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = Catalog([], MINE).named("student").path
    seen = len(hub_server.requests)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    huggingface_hub.close_session()
    hub.forget(MINE)
    offline = Catalog([], MINE)
    assert [entry.name for entry in offline.entries()] == ["student"] and offline.problems == []
    assert offline.named("student").path == path
    with pytest.raises(HubError, match=r"teacher-haze.safetensors: not in the cache .* HF_HUB_OFFLINE"):
        hub.download(MINE, "teacher-haze.safetensors")
    (problem,) = Catalog([], Repository("me/other")).problems
    assert "HF_HUB_OFFLINE" in problem and len(hub_server.requests) == seen


def test_unreachable_offers_what_was_fetched_and_says_so(hub_server: Hub) -> None:
    Catalog([], MINE).named("student")
    hub_server.faults.append(Fault("503"))
    hub.forget(MINE)
    found = Catalog([], MINE)
    assert [entry.name for entry in found.entries()] == ["student"]
    assert "error 503" in found.problems[0] and "fetched earlier" in found.problems[0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("500", "HEAD", "/resolve/"), "error 500"),
        (Fault("stall", "HEAD", "/resolve/"), "cannot be reached"),
        (Fault("500", "GET", "/lfs/"), "error 500"),
        (Fault("stall", "GET", "/lfs/"), "broke off"),
        (Fault("truncate", "GET", "/lfs/"), "broke off"),
        (Fault("corrupt", "GET", "/lfs/"), "checksum"),
    ],
    ids=lambda value: f"{value.method}-{value.kind}" if isinstance(value, Fault) else "",
)
def test_a_download_that_fails_leaves_nothing(
    hub_server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, words: str
) -> None:
    if fault.kind in ("stall", "truncate"):
        impatient(monkeypatch)
    hub_server.faults.append(fault)
    with pytest.raises(HubError, match=words) as raised:
        hub.download(MINE, NAME)
    assert NAME in str(raised.value) and "me/mine" in str(raised.value)
    assert cached(tmp_path) == []
    assert fault.method == "GET" or len(hub_server.requests) == 1
    hub_server.faults.clear()
    assert checkpoint.load(hub.download(MINE, NAME))[1].name == "student"


def test_a_download_that_stalls_once_is_taken_up_again(hub_server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient(monkeypatch)
    hub_server.faults.append(Fault("stall", where="/lfs/", times=1))
    assert checkpoint.load(hub.download(MINE, NAME))[1].name == "student"


def test_a_download_goes_on_where_it_broke_off(hub_server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 1024)
    hub_server.faults.append(Fault("truncate", where="/lfs/", times=2))
    path = hub.download(MINE, NAME)
    assert path.read_bytes() == hub_server.repos[MINE.id].files[NAME]
    ranges = [request.range for request in hub_server.requests if request.method == "GET"]
    assert ranges[0] is None and len(ranges) == 3 and all(r.startswith("bytes=") for r in ranges[1:])


def test_only_safetensors_and_only_what_is_there(hub_server: Hub) -> None:
    with pytest.raises(HubError, match=r"only \.safetensors"):
        hub.download(MINE, "weights.bin")
    assert hub_server.requests == []
    with pytest.raises(HubError, match=r"no file 'nobody\.safetensors'"):
        hub.download(MINE, "nobody.safetensors")


def test_a_full_disk_is_said(hub_server: Hub, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the cache should be")
    with pytest.raises(HubError, match=r"cannot be stored .* HF_HOME"):
        hub.download(MINE, NAME)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "a\nb", "x" * 101])
def test_a_hostile_name_is_refused(hub_server: Hub, tmp_path: Path, name: str) -> None:
    network = tiny()
    checkpoint.save(tmp_path / "x.safetensors", network, card_of(network, name))
    hub_server.repos[MINE.id].files = {"x.safetensors": (tmp_path / "x.safetensors").read_bytes()}
    found = Catalog([tmp_path], MINE)
    assert found.entries() == [] and len(found.problems) == 2
    assert all("files are called after it" in problem for problem in found.problems)
    with pytest.raises(UnknownCheckpointError):
        found.named(name)


def test_a_fetched_file_that_is_no_network_of_ours(hub_server: Hub, tmp_path: Path) -> None:
    hub_server.repos[MINE.id].files = {NAME: b"\2\0\0\0\0\0\0\0{}"}
    assert Catalog([], MINE).entries() == [] and "no uniremoval card" in Catalog([], MINE).problems[0]
    with pytest.raises(CheckpointError, match="no uniremoval card"):
        checkpoint.load(hub.download(MINE, NAME))

"""Checkpoints from a Hub repository: against a server on this machine that speaks the Hub's protocol."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FIVE, Run
from tests.support.hub_state import TOKEN, Hub
from tests.support.models import card_of, tiny
from uniremoval import catalog, checkpoint, hub
from uniremoval.catalog import Catalog, default_catalog
from uniremoval.errors import HubError
from uniremoval.hub import Repository
from uniremoval.paths import ROOT
from uniremoval.ui.host.options import options
from uniremoval.ui.work.engine import Engine, Settings

MINE = Repository("me/mine")
NAME = "student.safetensors"


def paths(hub_server: Hub, method: str = "GET") -> list[str]:
    return [request.path for request in hub_server.requests if request.method == method]


@pytest.mark.parametrize("text", ["owner/name", "me/mine@v1", "a-b.c/d_e@refs/pr/3", f"me/mine@{'a' * 40}"])
def test_repository_names(text: str) -> None:
    parsed = Repository.parse(text)
    assert str(parsed) == text and parsed.revision == (text.split("@")[1] if "@" in text else "main")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "a/b/c",
        "/b",
        "a/",
        "../b",
        "a/b@",
        "a/b@../../x",
        "a/b@ x",
        "a/..",
        "http://h/x",
        "a--b/c",
        "a/b.git",
    ],
)
def test_what_names_no_repository(text: str) -> None:
    with pytest.raises(HubError, match="owner/name"):
        Repository.parse(text)


def test_cards_are_listed_without_the_weights(hub_server: Hub) -> None:
    entries = Catalog([], MINE).entries()
    assert {entry.name for entry in entries} == set(FIVE) and {entry.source for entry in entries} == {"hub"}
    assert not any(entry.path.exists() for entry in entries)
    assert [entry.size for entry in entries if entry.name == "student"] == [len(hub_server.repos[MINE.id].files[NAME])]
    ranges = {request.range for request in hub_server.requests if "/lfs/" in request.path}
    assert ranges == {"bytes=0-100000"}
    assert not any("weights.bin" in path or "README" in path for path in paths(hub_server))


def test_the_hub_is_asked_once_until_refreshed(hub_server: Hub) -> None:
    first = Catalog([], MINE)
    assert len(first.entries()) == 5 and first.problems == []
    seen = len(hub_server.requests)
    assert len(Catalog([], MINE).entries()) == 5 and len(hub_server.requests) == seen
    del hub_server.repos[MINE.id].files[NAME]
    assert len(first.entries()) == 5
    first.refresh()
    assert len(Catalog([], MINE).entries()) == 4 and len(hub_server.requests) > seen


def test_a_checkpoint_is_fetched_when_named_and_once(hub_server: Hub, checkpoints: Path, tmp_path: Path) -> None:
    entry = Catalog([], MINE).named("student")
    assert entry.path.read_bytes() == (checkpoints / NAME).read_bytes() and entry.source == "hub"
    network, card = checkpoint.load(entry.path)
    assert card.name == "student" and network is not None
    seen = len(hub_server.requests)
    assert Catalog([], MINE).named("student").path == entry.path and hub.download(MINE, NAME) == entry.path
    assert len(hub_server.requests) == seen
    assert len(list((tmp_path / "cache").rglob("blobs/*"))) == 1


def test_shipped_then_hub_then_local(
    hub_server: Hub, checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = tmp_path / "local"
    local.mkdir()
    shutil.copy(checkpoints / "teacher-haze.safetensors", local)
    monkeypatch.setattr(catalog, "SHIPPED", checkpoints)
    del hub_server.repos[MINE.id].files["teacher-rain.safetensors"]
    found = {entry.name: entry.source for entry in default_catalog(local, "me/mine").entries()}
    assert (found["teacher-rain"], found["student"], found["teacher-haze"]) == ("shipped", "hub", "local")
    assert {entry.source for entry in default_catalog().entries()} == {"shipped"}
    monkeypatch.setenv("UNIREMOVAL_HUB_REPO", "me/mine")
    assert default_catalog().repository == MINE


def test_a_bad_name_says_where_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HubError, match=r"--hub-repo: 'mine' .* owner/name"):
        default_catalog(hub_repo="mine")
    monkeypatch.setenv("UNIREMOVAL_HUB_REPO", "mine")
    with pytest.raises(HubError, match="UNIREMOVAL_HUB_REPO"):
        default_catalog()


def test_private_and_gated_with_a_token(hub_server: Hub, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    for access in ("private", "gated"):
        hub_server.repos[MINE.id].access = access
        hub.forget(MINE)
        assert len(Catalog([], MINE).entries()) == 5
    Catalog([], MINE).named("student")
    on_cdn = [request for request in hub_server.requests if request.path.startswith("/lfs/")]
    assert on_cdn and all(request.host.startswith("localhost") for request in on_cdn)
    assert all(request.authorization is None for request in on_cdn)


def test_a_repository_that_moves_on_between_list_and_fetch(hub_server: Hub, tmp_path: Path) -> None:
    found = Catalog([], MINE)
    assert len(found.entries()) == 5
    network = tiny(99)
    checkpoint.save(tmp_path / "new.safetensors", network, card_of(network, "student"))
    hub_server.repos[MINE.id].files[NAME] = (tmp_path / "new.safetensors").read_bytes()
    entry = found.named("student")
    assert entry.path.read_bytes() == (tmp_path / "new.safetensors").read_bytes()
    assert found.named("student").path == entry.path and len(found.entries()) == 5
    assert len(paths(hub_server, "HEAD")) == 2


def test_an_update_is_seen_after_a_refresh(hub_server: Hub, tmp_path: Path) -> None:
    found = Catalog([], MINE)
    old = found.named("student").path
    network = tiny(99)
    checkpoint.save(tmp_path / "new.safetensors", network, card_of(network, "student"))
    hub_server.repos[MINE.id].files[NAME] = (tmp_path / "new.safetensors").read_bytes()
    assert found.named("student").path == old
    found.refresh()
    assert found.named("student").path.read_bytes() == (tmp_path / "new.safetensors").read_bytes()


def test_commands(hub_server: Hub, run: Run, checkpoints: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    code, out, err = run("checkpoints", "--checkpoints", empty, "--hub-repo", "me/mine")
    assert code == 0 and err == "" and sum(line.endswith("hub") for line in out.splitlines()) == 5
    code, _, err = run("checkpoints", "--hub-repo", "me/missing")
    assert code == 1 and "no such model repository" in err
    code, _, err = run("checkpoints", "--hub-repo", "missing")
    assert code == 1 and "--hub-repo" in err


def test_the_app_offers_and_loads_them(hub_server: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(hub_repo=options(["--hub-repo", "me/mine"]).hub_repo, device="cpu")
    engine = Engine(settings)
    assert set(FIVE) <= {card.name for card in engine.cards()}
    assert engine.restorer("student").card.name == "student"
    seen = len(hub_server.requests)
    assert engine.restorer("student") is engine.restorer("student") and len(hub_server.requests) == seen
    with pytest.raises(SystemExit):
        options(["--hub-repo", "mine"])
    assert "owner/name" in capsys.readouterr().err


def test_restore_in_a_process_of_its_own(hub_server: Hub, tmp_path: Path) -> None:
    """With the real environment variables, as a user sets them: fetched once, then offline."""
    from tests.support import files

    (tmp_path / "empty").mkdir()
    photo = files.png(tmp_path, files.noise(32, 32, 3, bits=8))
    environment = os.environ | {
        "HF_ENDPOINT": hub_server.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "UNIREMOVAL_HUB_REPO": "me/mine",
        "UNIREMOVAL_CHECKPOINTS": str(tmp_path / "empty"),
    }
    command = [sys.executable, "-m", "uniremoval", "restore", str(photo), "-o", str(tmp_path / "out")]
    for offline in ("0", "1"):
        finished = subprocess.run(
            [*command, "--checkpoint", "student"],
            env=environment | {"HF_HUB_OFFLINE": offline},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert finished.returncode == 0, finished.stderr
    assert paths(hub_server, "HEAD") == [f"/me/mine/resolve/main/{NAME}"] * 2

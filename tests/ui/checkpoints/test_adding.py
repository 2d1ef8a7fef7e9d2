"""Checkpoints that a visitor adds: from the Hub, from a file, for this visit alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIVE
from tests.support import files
from tests.support.browser import DESKTOP, PHONE, check_log, opened_page, press, running_app, shown_input, upload
from tests.support.hub_server import running_hub
from tests.support.hub_state import TOKEN, Hub, Repo
from tests.support.models import card_of, tiny
from uniremoval import checkpoint
from uniremoval.catalog import Entry
from uniremoval.checkpoint import Card
from uniremoval.errors import CheckpointError, HubError, UniremovalError, UnknownCheckpointError
from uniremoval.method import Stage
from uniremoval.networks import DiscriminatorConfig, PatchDiscriminator
from uniremoval.ui.checkpoints.cards import cards_html
from uniremoval.ui.limits import DEFAULT, Limits
from uniremoval.ui.visit.additions import Additions, Fetching, unused
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = "me/mine"
NO_ID = [
    "", "mine", "a/b/c", "me/mine@", "me/mine@a b", "me/mine@../main", "../mine", "/etc/passwd", "me/..", "me/mine\n",
    "http://127.0.0.1:80/x", "https://huggingface.co/me/mine", "//127.0.0.1/mine", "me/mine?x=1", "me/mine#x",
    "me@127.0.0.1/mine", "me/mine@v1@127.0.0.1", "me/mine%2f..", "x/" + "y" * 400,
]  # fmt: skip


def file_of(folder: Path, name: str = "mine", seed: int = 7) -> Path:
    network = tiny(seed)
    path = folder / f"{name}.safetensors"
    checkpoint.save(path, network, card_of(network, name))
    return path


def test_a_file_is_offered_to_its_visitor_alone(checkpoints: Path, tmp_path: Path) -> None:
    engine = Engine(Settings(checkpoints, "cpu"))
    theirs = Additions(tmp_path / "visit")
    entry = theirs.add_file(file_of(tmp_path, "student"), "student.safetensors", FIVE)
    assert entry.name == "student 2", "the shipped one stays beside it"
    for_them = engine.for_visitor(theirs.entries)
    assert {*FIVE, "student 2"} <= {card.name for card in for_them.cards()}
    assert for_them.restorer("student 2").card.name == "student"
    assert "MB, added by you" in cards_html(for_them)
    assert "student 2" not in {card.name for card in engine.cards()}
    with pytest.raises(UnknownCheckpointError):
        engine.restorer("student 2")
    theirs.clear()
    assert list((tmp_path / "visit").iterdir()) == []
    with pytest.raises(CheckpointError, match="no such checkpoint file"):
        for_them.restorer("student 2")


def pickle(path: Path) -> None:
    path.write_bytes(b"\x80\x04\x95" + b"cos\nsystem\n." * 50)


def truncated(path: Path) -> None:
    whole = file_of(path.parent, "whole").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def unknown_network(path: Path) -> None:
    data = file_of(path.parent, "whole").read_bytes()
    path.write_bytes(data.replace(rb"\"network\": \"coarse-to-fine\"", rb"\"network\": \"fine-to-coarse\""))


def discriminator(path: Path) -> None:
    card = Card("d", Stage.ADAPTATION, (), "discriminator", {"width": 4})
    checkpoint.save(path, PatchDiscriminator(DiscriminatorConfig(width=4)), card)


def no_card(path: Path) -> None:
    path.write_bytes(b"\2\0\0\0\0\0\0\0{}")


def oversize(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(DEFAULT.checkpoint_bytes + 10**6)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (pickle, "Pickled weights"),
        (truncated, "cut off"),
        (unknown_network, "needs the network 'fine-to-coarse'"),
        (discriminator, "needs the network 'discriminator'"),
        (no_card, "no uniremoval card"),
        (oversize, "has 101 MB, and the limit here is 100 MB"),
    ],
)
def test_a_bad_file_is_refused_and_removed(tmp_path: Path, draw: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "bad.safetensors"
    draw(path)
    mine = Additions(tmp_path / "visit")
    with pytest.raises(CheckpointError, match=words) as caught:
        mine.add_file(path, "bad.safetensors", [])
    assert "bad.safetensors" in str(caught.value)
    assert mine.entries == () and not [p for p in mine.folder.rglob("*") if p.is_file()]


def test_other_files_twice_the_same_and_too_many(tmp_path: Path) -> None:
    mine = Additions(tmp_path / "visit")
    for name, words in (("weights.pt", "never loaded"), ("gone.safetensors", "choose it again")):
        with pytest.raises(CheckpointError, match=words):
            mine.add_file(tmp_path / name, name, [])
    mine.add_file(file_of(tmp_path), "mine.safetensors", [])
    with pytest.raises(CheckpointError, match="added already, as 'mine'"):
        mine.add_file(file_of(tmp_path), "mine.safetensors", [])
    mine.limits = Limits(checkpoints=1)
    with pytest.raises(CheckpointError, match="1 checkpoints are added already"):
        mine.add_file(file_of(tmp_path, "other", 8), "other.safetensors", [])
    assert [entry.name for entry in mine.entries] == ["mine"]


def test_unused_names() -> None:
    assert unused("a", set()) == "a"
    assert unused("a", {"a", "a 2"}) == "a 3"
    assert len(unused("x" * 100, {"x" * 100})) <= 100


def added(mine: Additions, text: str) -> list[Fetching | Entry | CheckpointError]:
    return list(mine.add_repository(text, FIVE))


def test_a_repository_is_fetched_without_the_servers_token(
    hub_server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    mine = Additions(tmp_path / "visit")
    events = added(mine, REPOSITORY)
    assert {entry.name for entry in mine.entries} == {f"{name} 2" for name in FIVE}
    assert sum(isinstance(event, Fetching) for event in events) == 5
    assert {request.authorization for request in hub_server.requests} == {None}
    assert not (tmp_path / "cache").exists(), "nothing of a visitor's goes to the server's own cache"
    assert len([path for path in mine.folder.rglob("*") if path.is_file()]) == 5
    for access in ("private", "gated"):
        hub_server.repos[REPOSITORY].access = access
        with pytest.raises(HubError, match=r"public|open to all"):
            added(Additions(tmp_path / access), REPOSITORY)


@pytest.mark.parametrize("text", NO_ID)
def test_what_names_no_repository_is_asked_nowhere(hub_server: Hub, tmp_path: Path, text: str) -> None:
    with pytest.raises(HubError, match=r"owner/name|at most 300"):
        added(Additions(tmp_path / "visit"), text)
    assert hub_server.requests == []
    assert list((tmp_path / "visit").glob("*")) == []


def test_problems_of_a_repository(hub_server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = hub_server.repos[REPOSITORY]
    repo.files = {"README.md": b"# nothing"}
    for text, words in (
        ("me/none", "no such public model repository"),
        (REPOSITORY, "no .safetensors file"),
        (f"{REPOSITORY}@v9", "no revision"),
    ):
        with pytest.raises(HubError, match=words):
            added(Additions(tmp_path / "visit"), text)
    data = file_of(tmp_path).read_bytes()
    repo.files = {"good.safetensors": data, "half.safetensors": data[:-100], "text.safetensors": b"text"}
    mine = Additions(tmp_path / "visit")
    problems = "\n".join(str(event) for event in added(mine, REPOSITORY) if isinstance(event, CheckpointError))
    assert [entry.name for entry in mine.entries] == ["mine"]
    assert "half.safetensors" in problems and "text.safetensors" in problems
    small = Additions(tmp_path / "small", Limits(checkpoint_bytes=1000))
    [problem] = [event for event in added(small, REPOSITORY) if "good" in str(event)]
    assert "the limit here is" in str(problem)
    hub_server.faults.clear()
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UniremovalError, match="check the network"):
        added(Additions(tmp_path / "gone"), REPOSITORY)


def test_the_table_lists_what_was_not_fetched_yet_and_the_hubs_problems(
    hub_server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_server.repos[REPOSITORY].files["text.safetensors"] = b"text"
    shown = cards_html(Engine(Settings(hub_repo=REPOSITORY)))
    assert "MB, hub" in shown and "text.safetensors is no readable" in shown
    missing = cards_html(Engine(Settings(hub_repo="me/none")))
    assert "me/none: there is no such model repository" in missing
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    offline = cards_html(Engine(Settings(hub_repo="me/other")))
    assert "HF_HUB_OFFLINE" in offline and str(tmp_path) not in offline


@pytest.fixture(scope="module")
def connected(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app beside a Hub that has one checkpoint in me/mine and nothing in me/empty."""
    folder = tmp_path_factory.mktemp("connected")
    with running_hub() as hub:
        hub.repos[REPOSITORY] = Repo({"mine.safetensors": file_of(folder).read_bytes()})
        hub.repos["me/empty"] = Repo({"README.md": b"# empty"})
        variables = {
            "HF_ENDPOINT": hub.url, "HF_HOME": str(folder / "home"), "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"
        }  # fmt: skip
        with running_app(folder, "--checkpoints", str(checkpoints), threads=1, variables=variables) as url:
            yield url
            check_log(folder / "app.log")


def said(page: Page, words: str) -> None:
    page.locator("#cards-status .words", has_text=words).wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_adding_on_the_page(connected: str, browser: Browser, tmp_path: Path, size: tuple[int, int]) -> None:
    photo = files.png(tmp_path, files.noise(40, 50, 3, bits=8))
    with opened_page(browser, connected, size) as page:
        page.wait_for_selector("#pick-transfer input")
        page.locator("#pick-teacher input").first.uncheck()
        page.get_by_role("tab", name="Checkpoints").click()
        page.wait_for_selector("#cards tbody tr")
        for wish, words in (
            ("http://127.0.0.1/x", "owner/name@revision"),
            ("me/none", "no such public model repository"),
            ("me/empty", "no checkpoint; name another"),
        ):
            page.locator("#add-id input, #add-id textarea").fill(wish)
            page.locator("#add-hub").click()
            said(page, words)
        page.locator("#add-id input, #add-id textarea").fill(REPOSITORY)
        page.locator("#add-id input, #add-id textarea").press("Enter")
        said(page, "Added: mine.")
        bad = tmp_path / "bad.safetensors"
        pickle(bad)
        page.locator("#add-file input[type=file]").set_input_files(bad)
        said(page, "bad.safetensors: not a readable safetensors file")
        assert str(tmp_path) not in page.locator("#cards-status").inner_text()
        page.locator("#add-file input[type=file]").set_input_files(file_of(tmp_path, "student", 9))
        said(page, "Added: student 2.")
        names = page.locator("#cards td strong").all_inner_texts()
        assert {*FIVE, "mine", "student 2"} <= set(names)
        assert "added by you" in page.locator("#cards tbody tr").nth(names.index("mine")).inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

        page.get_by_role("tab", name="Restore").click()
        upload(page, photo)
        shown_input(page)
        assert not page.locator("#pick-teacher input").first.is_checked(), "what was chosen stays chosen"
        press(page, "#restore")
        for name in ("mine", "student 2"):
            pane = page.locator(f".pane[data-key='{name}']")
            assert pane.locator("img.photo").evaluate("photo => photo.naturalWidth") == 50
        with opened_page(browser, connected) as other:
            other.wait_for_selector("#pick-transfer input")
            assert other.locator("#pick-transfer label", has_text="mine").count() == 0

        page.get_by_role("tab", name="Checkpoints").click()
        page.locator("#remove-added").click()
        said(page, "removed")
        assert "mine" not in page.locator("#cards td strong").all_inner_texts()
        page.get_by_role("tab", name="Restore").click()
        assert page.locator("#pick-transfer label", has_text="mine").count() == 0

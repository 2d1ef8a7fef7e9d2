"""Where files lie on the server is no visitor's business: sentences call them by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gradio_client import Client, handle_file

from tests.support import files
from tests.support.browser import opened_page, running_app
from uniremoval.errors import CheckpointError
from uniremoval.ui.work.engine import Engine, Settings, without_folders

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GONE = "gone: there is no such folder of checkpoints; correct UNIREMOVAL_CHECKPOINTS."


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("/srv/nets/a.safetensors: not readable.", "a.safetensors: not readable."),
        ("/srv/nets/x/y-1/a b.safetensors: cut off.", "a b.safetensors: cut off."),
        ("/srv/nets: there is no such folder.", "nets: there is no such folder."),
        ("choose one of: none in /srv/nets, /srv.", "choose one of: none in nets, srv."),
        ("not in the cache /srv/nets, and more", "not in the cache nets, and more"),
        ("/srv/networks/a: of the outer folder.", "a: of the outer folder."),
        ("a/srv/nets/b stays", "a/srv/nets/b stays"),
    ],
)
def test_folders_are_left_out(sentence: str, told: str) -> None:
    assert without_folders(sentence, ["/srv", "/srv/nets"]) == told


def test_every_folder_of_the_server_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNIREMOVAL_CHECKPOINTS", "GRADIO_TEMP_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    given = Engine(Settings(tmp_path / "given"))
    for folder in ("given", "cache", "GRADIO_TEMP_DIR"):
        told = given.told(CheckpointError(f"{tmp_path}/{folder}/deep/er/x.safetensors: damaged."))
        assert told == "x.safetensors: damaged."
    assert Engine(Settings()).told(f"{tmp_path}/UNIREMOVAL_CHECKPOINTS/x: damaged.") == "x: damaged."


@pytest.fixture(scope="module")
def without_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app whose folder of checkpoints is missing."""
    folder = tmp_path_factory.mktemp("server")
    with running_app(folder, threads=1, variables={"UNIREMOVAL_CHECKPOINTS": str(folder / "nets" / "gone")}) as url:
        yield url


@pytest.mark.parametrize("endpoint", ["/checkpoints", "/restore"])
def test_a_missing_folder_is_called_by_its_name(tmp_path: Path, without_checkpoints: str, endpoint: str) -> None:
    photo = files.png(tmp_path, files.noise(40, 50, 3, bits=8))
    values = (handle_file(photo), "student") if endpoint == "/restore" else ()
    with pytest.raises(Exception, match="no such folder") as caught:
        Client(without_checkpoints, verbose=False).predict(*values, api_name=endpoint)
    assert str(caught.value) == GONE


def test_a_missing_folder_on_the_page(browser: Browser, without_checkpoints: str) -> None:
    with opened_page(browser, without_checkpoints) as page:
        page.wait_for_selector("#status .error")
        assert page.locator("#status .words").inner_text() == GONE
        page.get_by_role("tab", name="Checkpoints").click()
        page.locator("#cards .problems").wait_for()
        assert GONE in page.locator("#cards").inner_text()
        assert "nets" not in page.locator("body").inner_text()

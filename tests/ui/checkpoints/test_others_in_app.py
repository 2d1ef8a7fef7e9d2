"""Other projects' networks in the app: from the folder it is started with, and added by a visitor."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import other_networks
from tests.support.browser import check_log, click_example, first_result, opened_page, restore, running_app
from uniremoval.errors import CheckpointError
from uniremoval.ui.checkpoints.cards import cards_html
from uniremoval.ui.parts.pickers import by_stage, recommended
from uniremoval.ui.visit.additions import Additions
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def folder(checkpoints: Path, tmp_path: Path) -> Path:
    """The five small checkpoints, and a NAFNet as its authors publish it."""
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints, folder)
    other_networks.write(other_networks.nafnet(), folder / "NAFNet-GoPro.pth", under="params")
    return folder


def test_it_is_offered_last_and_neither_ticked_nor_recommended(folder: Path) -> None:
    entries = Engine(Settings(folder, "cpu")).catalog().entries()
    assert recommended(entries) == "student-adapted"
    assert recommended(entries[-1:]) == "NAFNet-GoPro", "where there is nothing else"
    picker = by_stage(entries)[-1]
    assert picker["visible"] and picker["choices"] == [("NAFNet-GoPro", "NAFNet-GoPro")] and picker["value"] == []


def test_a_visitor_adds_one(checkpoints: Path, tmp_path: Path) -> None:
    engine = Engine(Settings(checkpoints, "cpu"))
    theirs = Additions(tmp_path / "visit")
    path = other_networks.write(other_networks.nafnet(), tmp_path / "upload.safetensors")
    entry = theirs.add_file(path, "NAFNet-SIDD.safetensors", [])
    assert entry.name == "NAFNet-SIDD"
    for_them = engine.for_visitor(theirs.entries)
    assert for_them.restorer("NAFNet-SIDD").card.network == "NAFNet"
    assert "as NAFNet was trained" in cards_html(for_them) and "as NAFNet was trained" not in cards_html(engine)


def test_a_visitor_adds_no_pickle_and_no_network_that_enlarges(tmp_path: Path) -> None:
    theirs = Additions(tmp_path / "visit")
    pickled = other_networks.write(other_networks.nafnet(), tmp_path / "upload.pth")
    with pytest.raises(CheckpointError, match=r"theirs\.pth: not a \.safetensors file"):
        theirs.add_file(pickled, "theirs.pth", [])
    enlarges = other_networks.write(other_networks.enlarger(), tmp_path / "upload.safetensors")
    with pytest.raises(CheckpointError, match="enlarges photos 4 times"):
        theirs.add_file(enlarges, "theirs.safetensors", [])
    assert theirs.entries == () and list((tmp_path / "visit").iterdir()) == []


@pytest.mark.browser
def test_it_is_compared_beside_ours(folder: Path, tmp_path: Path, browser: Browser) -> None:
    with running_app(tmp_path, "--checkpoints", str(folder), threads=1) as url:
        with opened_page(browser, url) as page:
            page.get_by_label("NAFNet-GoPro").first.wait_for()
            click_example(page)
            first_result(page)
            assert page.locator(".pane .head strong").all_inner_texts() == ["Input", "Adapted student"]
            page.locator("#pick-other input").check()
            restore(page, panes=7)
            assert page.locator(".pane .head strong").all_inner_texts()[-1] == "NAFNet-GoPro"
        check_log(tmp_path / "app.log", 0)

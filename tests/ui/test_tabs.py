"""The tabs Checkpoints and About."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIVE
from tests.support.browser import DESKTOP, PHONE, opened_page
from tests.support.models import card_of, tiny
from uniremoval import checkpoint
from uniremoval.ui.checkpoints.cards import cards_html
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_checkpoints_and_about(app: str, browser: Browser, size: tuple[int, int]) -> None:
    with opened_page(browser, app, size) as page:
        page.get_by_role("tab", name="Checkpoints").click()
        page.wait_for_selector("#cards tbody tr")
        names = page.locator("#cards td strong").all_inner_texts()
        assert set(FIVE) <= set(names)
        row = page.locator("#cards tbody tr").nth(names.index("teacher-rain")).inner_text()
        assert "rain" in row
        assert "MB, local" in row
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("tab", name="About").click()
        about = page.locator("#about")
        assert about.get_by_role("img", name="Three teachers").is_visible()
        for words in ("BRISQUE", "PolyForm Noncommercial", "MIT licence", "python -m train.teacher", "Limits"):
            assert words in about.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_cards_in_words(tmp_path: Path) -> None:
    network = tiny()
    training = {
        "options": {"clean": ["a", "b"], "real": "streets"}, "steps": 12345, "seconds": 312, "hardware": "2 cores",
        "parents": [{"name": "teacher-haze", "role": "teacher"}],
    }  # fmt: skip
    measured = {"set": "foggy", "psnr": 21.456, "input_psnr": 15.0, "brisque": 20.04, "command": "python -m x"}
    card = dataclasses.replace(card_of(network), training=training, scores=[measured])
    checkpoint.save(tmp_path / "tiny.safetensors", network, card)
    shown = cards_html(Engine(Settings(tmp_path)))
    for words in (
        "5 min 12 s, 12,345 steps", "clear photos: a, b", "real degraded photos: streets", "teacher-haze",
        "foggy: PSNR 21.46 (input 15.00), BRISQUE 20.0", "python -m x", "MB, local", "licence MIT",
    ):  # fmt: skip
        assert words in shown


def test_hostile_files_are_shown_as_text_and_without_their_folder(tmp_path: Path) -> None:
    network = tiny()
    hostile = "<img src=x onerror=alert(1)>"
    card = dataclasses.replace(
        card_of(network, hostile),
        training={
            "options": {"clean": hostile},
            "steps": hostile,
            "seconds": [],
            "parents": [hostile, {"name": hostile}],
        },
        scores=[hostile, {"set": hostile, "psnr": hostile, "command": hostile * 100}],
        licence=hostile,
    )
    checkpoint.save(tmp_path / "hostile.safetensors", network, card)
    (tmp_path / "broken<b>.safetensors").write_bytes(b"no weights")
    shown = cards_html(Engine(Settings(tmp_path)))
    assert "<img" not in shown
    assert "&lt;img" in shown
    assert "<li>broken&lt;b&gt;.safetensors: not a readable safetensors file" in shown
    assert str(tmp_path) not in shown
    missing = cards_html(Engine(Settings(tmp_path / "gone")))
    assert "there is no such folder" in missing
    assert str(tmp_path) not in missing


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 10**20, True, None], ids=lambda v: str(v)[:9])
def test_numbers_on_cards_that_cannot_be_shown(tmp_path: Path, value: object) -> None:
    network = tiny()
    card = dataclasses.replace(
        card_of(network),
        training={"steps": value, "seconds": value},
        scores=[{"set": "foggy", "psnr": value, "input_psnr": value, "ssim": 0.5}],
    )
    checkpoint.save(tmp_path / "odd.safetensors", network, card)
    shown = cards_html(Engine(Settings(tmp_path)))
    assert "foggy" in shown and "SSIM 0.500" in shown and len(shown) < 20_000

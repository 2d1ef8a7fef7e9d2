"""The self-ensemble on the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from tests.support import files
from tests.support.browser import opened_page, restore, shown_input, upload
from uniremoval.catalog import Catalog
from uniremoval.ensemble import restore_ensemble
from uniremoval.photo import encode
from uniremoval.restore import load_restorer

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.browser
def test_outputs_are_averaged_over_mirror_images(app: str, browser: Browser, checkpoints: Path, tmp_path: Path) -> None:
    path = files.png(tmp_path, files.noise(60, 80, 3, bits=8), name="noise.png")
    torch.set_num_threads(1)
    engine = load_restorer("student", catalog=Catalog([checkpoints]))
    with opened_page(browser, app) as page:
        upload(page, path)
        shown_input(page)
        page.locator("#advanced button").first.click()
        assert "four times as long" in page.locator("#ensemble").inner_text()
        page.locator("#ensemble input").check()
        restore(page)
        assert page.locator(".pane[data-key=student] .remark").inner_text().startswith("The mean over the photo")
        with page.expect_download() as download:
            page.locator(".pane[data-key=student] .download").click()
        made = Path(download.value.path()).read_bytes()
        assert made == encode(restore_ensemble(engine, path).photo, "PNG")
        page.locator("#ensemble input").uncheck()
        restore(page)
        assert page.locator(".remark").locator("visible=true").count() == 0

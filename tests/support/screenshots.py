"""Pictures of the page for the README: python -m tests.support.screenshots OUT_DIR [--checkpoints DIR] [--example N]"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.support.browser import (
    DESKTOP,
    PHONE,
    click_example,
    first_result,
    launched_browser,
    more_tools,
    opened_page,
    press,
    restore,
    running_app,
)
from uniremoval.ui.restore.examples import examples

LOOKS = {"desktop": (DESKTOP, False), "dark": (DESKTOP, True), "phone": (PHONE, False), "phone-dark": (PHONE, True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--checkpoints", type=Path)
    parser.add_argument("--example", type=int, default=3, help="which example, counted from 0 (default 3)")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    options = ["--checkpoints", str(chosen.checkpoints.resolve())] if chosen.checkpoints else []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), *options) as url,
        launched_browser() as browser,
    ):
        for name, (size, dark) in LOOKS.items():
            with opened_page(browser, url, size, dark) as page:
                page.wait_for_selector("#pick-teacher input")
                page.screenshot(path=chosen.out / f"{name}-start.png")
                click_example(page, chosen.example)
                first_result(page)
                page.screenshot(path=chosen.out / f"{name}-photo.png")
                restore(page)
                page.screenshot(path=chosen.out / f"{name}.png", full_page=size == PHONE)
                more_tools(page)
                for mode in ("wipe", "difference"):
                    page.locator(f"button[data-mode={mode}]").click()
                    page.screenshot(path=chosen.out / f"{name}-{mode}.png", full_page=size == PHONE)
                page.get_by_role("tab", name="Batch").click()
                page.locator("#batch-photos input[type=file]").set_input_files([e.path for e in examples()])
                page.wait_for_selector("#batch tbody tr")
                press(page, "#batch-run")
                page.screenshot(path=chosen.out / f"{name}-batch.png", full_page=size == PHONE)
                for tab, drawn in (("Checkpoints", "#cards tbody tr"), ("About", "#about svg")):
                    page.get_by_role("tab", name=tab).click()
                    page.wait_for_selector(drawn)
                    page.screenshot(path=chosen.out / f"{name}-{tab.lower()}.png", full_page=True)


if __name__ == "__main__":
    main()

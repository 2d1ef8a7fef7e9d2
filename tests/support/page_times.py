"""How long visitors wait, and how fluid the page is: python -m tests.support.page_times PHOTO [--megapixels 12 48]

The photo is enlarged to each size. Ratios: the time of the whole comparison, from the file to the last score, divided
by that of the five networks alone, without the page and with a browser that draws it on the same processor. Frames are
counted with all panes on the page, drawn without a graphics card.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PIL import Image

from tests.support.browser import first_result, launched_browser, opened_page, restore, running_app, shown_input, upload
from uniremoval.ui.work.comparison import Job, compare
from uniremoval.ui.work.engine import Engine, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FRAMES = """async steps => {
    const viewport = document.querySelector('.pane .viewport');
    const box = viewport.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
    const start = performance.now();
    let longest = 0;
    for (let step = 0, before = start; step < steps; step++) {
        const deltaY = step < steps / 2 ? -60 : 60;
        viewport.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY, cancelable: true, bubbles: true }));
        await new Promise(requestAnimationFrame);
        longest = Math.max(longest, performance.now() - before);
        before = performance.now();
    }
    return [1000 * steps / (performance.now() - start), longest];
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.5, 12, 48])
    chosen = parser.parse_args()
    print("| megapixels | page usable | photo shown | first picture | first result | all six panes | ratio without "
          "the page | ratio | frames per second, zooming | longest frame | browser memory |")  # fmt: skip
    print("|---" * 11 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for megapixels in chosen.megapixels:
            path = _enlarged(chosen.photo, megapixels, Path(folder))
            with running_app(Path(folder)) as url, launched_browser() as browser:
                cells, seconds = _times(url, browser, path)
            networks, comparison = _without_page(path, Path(folder))
            cells[5:5] = [f"{comparison / networks:.2f}", f"{seconds / networks:.2f}"]
            print(f"| {megapixels:g} | " + " | ".join(cells) + " |", flush=True)


def _enlarged(photo: Path, megapixels: float, folder: Path) -> Path:
    with Image.open(photo) as image:
        scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = (round(image.width * scale), round(image.height * scale))
        path = folder / f"{megapixels:g}.jpg"
        image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(path, quality=92)
    return path


def _without_page(path: Path, folder: Path) -> tuple[float, float]:
    """Seconds of all shipped networks one after the other, and of the same work as for the page, file and scores."""
    engine = Engine(Settings())
    engine.warm_up().join()
    names = [card.name for card in engine.cards()]
    restorers = [engine.restorer(name) for name in names]
    photo = engine.read(path, path.name)
    start = time.monotonic()
    for restorer in restorers:
        restorer.restore(photo)
    networks = time.monotonic() - start
    start = time.monotonic()
    photo = engine.read(path, path.name)
    for _ in compare(engine, Job(photo, {name: folder / f"{name}.png" for name in names}, for_page=True), Event()):
        pass
    return networks, time.monotonic() - start


def _times(url: str, browser: Browser, path: Path) -> tuple[list[str], float]:
    """The cells of a row, and the seconds from the photo to the last pane."""
    start = time.monotonic()
    with opened_page(browser, url) as page:
        page.set_default_timeout(600_000)
        page.wait_for_selector("#pick-teacher input")
        usable = time.monotonic() - start
        start = time.monotonic()
        upload(page, path)
        shown_input(page)
        shown = time.monotonic() - start
        page.wait_for_function("[...document.querySelectorAll('.pane:nth-child(2) img.photo')].some(i => !i.hidden)")
        picture = time.monotonic() - start
        first_result(page)
        result = time.monotonic() - start
        start = time.monotonic()
        restore(page, timeout=600_000)
        everything = time.monotonic() - start
        frames, longest = page.evaluate(FRAMES, 60)
        times = [f"{seconds:.1f} s" for seconds in (usable, shown, picture, result, everything)]
        cells = [*times, f"{frames:.0f}", f"{longest:.0f} ms", f"{_browser_gigabytes():.1f} GB"]
        return cells, result + everything


def _browser_gigabytes() -> float:
    """Of all its processes, shared memory counted once for each."""
    listed = subprocess.run(["ps", "-eo", "rss,args"], capture_output=True, text=True, check=True).stdout
    return sum(int(line.split(None, 1)[0]) for line in listed.splitlines() if "--type=" in line) / 1e6


if __name__ == "__main__":
    main()

"""State that all visitors share: the catalog, the restorers in memory, and the limits of this server."""

from __future__ import annotations

import copy
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from uniremoval import hub
from uniremoval.errors import UniremovalError
from uniremoval.photo import Photo, Preview, decode, preview
from uniremoval.ui.limits import DEFAULT, Limits
from uniremoval.ui.text import SCORE_MEGAPIXELS
from uniremoval.ui.work.gpu import lent
from uniremoval.ui.work.turns import Turns

if TYPE_CHECKING:
    import numpy as np

    from uniremoval.catalog import Catalog, Entry
    from uniremoval.checkpoint import Card
    from uniremoval.coarse_to_fine import Draft, Part, Progress, Restored
    from uniremoval.quality import Score
    from uniremoval.restore import Restorer
    from uniremoval.tiling import Tile

RESTORERS_KEPT = 8


@dataclass(frozen=True)
class Settings:
    """checkpoints: a folder to look in besides the shipped one. max_megapixels: the largest photo accepted.
    hub_repo: a Hub repository of more checkpoints, "owner/name" or "owner/name@revision"; "" for none. limits: of what
    visitors bring and leave."""

    checkpoints: Path | None = None
    device: str = "auto"
    max_megapixels: float = 50.0
    hub_repo: str = ""
    limits: Limits = DEFAULT

    @property
    def max_upload_bytes(self) -> int:
        """The largest photo accepted, uncompressed, with alpha and 16 bits per channel, and some to spare."""
        return int(self.max_megapixels * 8e6 + 2e6)


class Engine:
    """Reads, restores and scores with these settings. PyTorch and pyiqa are imported at first use.

    machine: the turns of those who restore, so that memory suffices however many visitors there are.
    batches: the turns of those who have a batch; each photo of it takes its turn on the machine.
    added: checkpoints offered besides the catalog's; see `for_visitor`.
    """

    added: Sequence[Entry] = ()

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.machine, self.batches = Turns(), Turns()
        self.lent = lent()
        self._kept: dict[Path, Photo] = {}
        self._keeping = threading.Lock()
        self._load = lru_cache(maxsize=RESTORERS_KEPT)(self._load_anew)

    def for_visitor(self, added: Sequence[Entry]) -> Engine:
        """This engine, its memory and its lock, for somebody who has added these checkpoints."""
        theirs = copy.copy(self)
        theirs.added = tuple(added)
        return theirs

    def catalog(self) -> Catalog:
        """Raises CheckpointError where the folder does not exist or the Hub repository's name cannot be one."""
        from uniremoval.catalog import default_catalog

        return default_catalog(self.settings.checkpoints, self.settings.hub_repo).with_added(self.added)

    def cards(self) -> list[Card]:
        return [entry.card for entry in self.catalog().entries()]

    def restorer(self, name: str) -> Restorer:
        """Raises UnknownCheckpointError, CheckpointError, and UniremovalError where there is no such device."""
        entry = self.catalog().named(name)
        if entry.source == "added":  # not to be kept in memory for longer than its visitor stays
            return self._load_anew(entry.path)
        return self._load(entry.path, entry.path.stat().st_mtime_ns)

    def restore(
        self,
        name: str,
        photo: Photo,
        ensemble: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        on_scale: Callable[[Draft], None] | None = None,
        on_part: Callable[[Part], None] | None = None,
        wanted: Callable[[], Tile | None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Restored:
        """With the checkpoint of that name; ensemble: the mean over mirror images, without drafts and parts.

        A GPU that is lent tells of no progress and is not stopped, only awaited. Raises what `restorer` and
        `Restorer.restore` do.
        """
        if self.lent:
            return self.lent(self.catalog().named(name).path, self.settings.device, photo, ensemble)
        from uniremoval.ensemble import restore_ensemble

        restorer = self.restorer(name)
        if ensemble:
            return restore_ensemble(restorer, photo, on_progress=on_progress, should_stop=should_stop)
        return restorer.restore(
            photo,
            on_progress=on_progress,
            on_scale=on_scale,
            on_part=on_part,
            wanted=wanted,
            should_stop=should_stop,
        )

    def _load_anew(self, path: Path, _changed: int = 0) -> Restorer:
        from uniremoval.restore import load_restorer

        return load_restorer(path, device=self.settings.device)

    def told(self, problem: UniremovalError | str) -> str:
        """The sentence as visitors may read it: files are called by their names, not by where they lie."""
        return without_folders(str(problem), self._folders())

    def _folders(self) -> list[str]:
        from gradio.utils import get_upload_folder

        from uniremoval.catalog import ENVIRONMENT, SHIPPED

        given = self.settings.checkpoints or os.environ.get(ENVIRONMENT)
        folders = [SHIPPED, hub.cache_folder(), get_upload_folder(), *([given] if given else [])]
        return [form for folder in map(Path, folders) for form in (str(folder), str(folder.expanduser().resolve()))]

    def device_name(self) -> str:
        """Raises UniremovalError where there is no such device."""
        from uniremoval.device import pick_device

        return str(pick_device(self.settings.device))

    def read(self, path: Path, name: str) -> Photo:
        """Raises PhotoError."""
        return self._kept.get(path) or decode(path, max_megapixels=self.settings.max_megapixels, name=name)

    def keep(self, path: Path, photo: Photo) -> None:
        """Until `let_go`, who reads this file is handed this photo; so that memory suffices, one at a time is kept."""
        self._kept.clear()
        self._kept[path] = photo

    def read_and_keep(self, path: Path, name: str) -> Photo:
        """As `read`, but once for all who ask meanwhile. Raises PhotoError."""
        with self._keeping:
            photo = self.read(path, name)
            self.keep(path, photo)
        return photo

    def preview(self, path: Path, name: str, least: int) -> Preview | None:
        """See `photo.preview`."""
        return preview(path, least, max_megapixels=self.settings.max_megapixels, name=name)

    def let_go(self, path: Path) -> None:
        self._kept.pop(path, None)

    def score(self, pixels: np.ndarray) -> dict[str, Score]:
        """BRISQUE and PIQE of HxWx3 pixels in [0, 1], at no more than SCORE_MEGAPIXELS."""
        from uniremoval.quality import score

        return score(pixels, max_megapixels=SCORE_MEGAPIXELS)

    def cue(self, pixels: np.ndarray) -> dict[str, Score]:
        """How much haze is in HxWx3 pixels in [0, 1], seen at no more than SCORE_MEGAPIXELS."""
        from uniremoval.quality import haze_cue

        return haze_cue(pixels, max_megapixels=SCORE_MEGAPIXELS)

    def score_as_it_is(self, pixels: np.ndarray) -> dict[str, Score]:
        """BRISQUE and PIQE of HxWx3 pixels in [0, 1], which are not scaled down."""
        from uniremoval.quality import score

        return score(pixels)

    def extras(
        self, names: Iterable[str], pixels: np.ndarray, reference: np.ndarray | None, as_it_is: bool = False
    ) -> dict[str, Score]:
        """See `quality.extra_scores`; at no more than SCORE_MEGAPIXELS, or as it is."""
        from uniremoval.quality import extra_scores

        return extra_scores(names, pixels, reference, max_megapixels=None if as_it_is else SCORE_MEGAPIXELS)

    def compare(self, pixels: np.ndarray, reference: np.ndarray) -> dict[str, Score]:
        """PSNR and SSIM of two HxWx3 photos in [0, 1]."""
        from uniremoval.quality import compare

        return compare(pixels, reference)

    def warm_up(self) -> threading.Thread:
        """In the background: import PyTorch and pyiqa, so that no visitor waits, and log which checkpoints are bad."""
        thread = threading.Thread(target=self._warm_up, name="warm-up", daemon=True)
        thread.start()
        return thread

    def _warm_up(self) -> None:
        import numpy as np

        import uniremoval.restore  # noqa: F401

        self.score(np.random.default_rng(0).random((128, 128, 3), np.float32))
        try:
            problems = self.catalog().problems
        except UniremovalError as error:  # which every visitor is told of, too
            problems = [str(error)]
        for problem in problems:
            print(f"uniremoval: {problem}", file=sys.stderr)


def without_folders(sentence: str, folders: Sequence[str]) -> str:
    """A file in one of these folders, however deep, is left with its name alone; so is a folder itself."""
    for folder in sorted(folders, key=len, reverse=True):
        sentence = re.sub(rf"(?<![\w/.-]){re.escape(folder)}(?:/[\w.@+-]+)*/(?=[^/\s])", "", sentence)
        sentence = re.sub(rf"(?<![\w/.-]){re.escape(folder)}(?![\w/-])", Path(folder).name, sentence)
    return sentence

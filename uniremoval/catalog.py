"""Which checkpoints exist: those shipped with the project, and those in folders of the user's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uniremoval.checkpoint import Card, Stage, read_card
from uniremoval.errors import CheckpointError, UnknownCheckpointError
from uniremoval.networks import NETWORKS, RestorationNet

SHIPPED = Path(__file__).resolve().parent.parent / "assets" / "checkpoints"
SUFFIX = ".safetensors"
ENVIRONMENT = "UNIREMOVAL_CHECKPOINTS"


@dataclass(frozen=True)
class Entry:
    """A checkpoint that can be loaded. source: "shipped", "local" (a user's folder) or "file" (given by path)."""

    card: Card
    path: Path
    source: str

    @property
    def name(self) -> str:
        return self.card.name


class Catalog:
    """The checkpoints in some folders, looked up anew at every call.

    A name stands for one checkpoint: a later folder's replaces an earlier one's, so a user's own `student` comes
    before the shipped one. Two of one name in the same folder are a problem; the first file by name is used.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(Path(folder) for folder in folders)

    def entries(self) -> list[Entry]:
        """All usable checkpoints: teachers, then students, then adapted students; by name within a stage."""
        return self._scan()[0]

    @property
    def problems(self) -> list[str]:
        """One sentence for each file that cannot be used."""
        return self._scan()[1]

    def by_stage(self) -> dict[Stage, list[Entry]]:
        """The entries of each stage; every stage is a key."""
        entries = self.entries()
        return {stage: [entry for entry in entries if entry.card.stage is stage] for stage in Stage}

    def named(self, name: str) -> Entry:
        """The checkpoint of that name; never opens a path. Raises UnknownCheckpointError."""
        entries = self.entries()
        for entry in entries:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in entries) or f"none in {', '.join(map(str, self.folders))}"
        raise UnknownCheckpointError(f"There is no checkpoint called {name!r}; choose one of: {known}.")

    def find(self, name_or_path: str | Path) -> Entry:
        """The checkpoint of that name, or the file at that path (anything that ends in .safetensors).

        For what a user of this machine gives; use `named` for what comes over the network.
        Raises UnknownCheckpointError, or CheckpointError where the file cannot be used.
        """
        path = Path(name_or_path)
        if path.suffix != SUFFIX:
            return self.named(str(name_or_path))
        return Entry(_usable_card(path), path, "file")

    def _scan(self) -> tuple[list[Entry], list[str]]:
        entries: dict[str, Entry] = {}
        problems = []
        for folder in self.folders:
            source = "shipped" if folder == SHIPPED else "local"
            here: dict[str, Entry] = {}
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                try:
                    entry = Entry(_usable_card(path), path, source)
                except CheckpointError as error:
                    problems.append(str(error))
                    continue
                if entry.name in here:
                    used = here[entry.name].path.name
                    problems.append(f"{path}: is called {entry.name!r} like {used}, which is used; remove one.")
                else:
                    here[entry.name] = entry
            entries |= here
        order = list(Stage)
        return sorted(entries.values(), key=lambda entry: (order.index(entry.card.stage), entry.name)), problems


def default_catalog(extra: Path | str | None = None) -> Catalog:
    """The shipped checkpoints, and those in `extra` or else in the folder that UNIREMOVAL_CHECKPOINTS names.

    Raises CheckpointError where that folder does not exist.
    """
    given_by = "--checkpoints" if extra else ENVIRONMENT
    extra = extra or os.environ.get(ENVIRONMENT)
    if not extra:
        return Catalog([SHIPPED])
    folder = Path(extra).expanduser()
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: there is no such folder of checkpoints; correct {given_by}.")
    return Catalog([SHIPPED, folder])


def _usable_card(path: Path) -> Card:
    card = read_card(path)
    if not issubclass(NETWORKS[card.network][1], RestorationNet):
        raise CheckpointError(f"{path}: holds a {card.network}, which restores no photos; use another checkpoint.")
    return card

"""Which checkpoints exist: those shipped with the project, in a Hub repository, and in folders of the user's."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from uniremoval import hub
from uniremoval.checkpoint import Card, card_in, read_card
from uniremoval.errors import CheckpointError, HubError, UnknownCheckpointError
from uniremoval.method import Stage
from uniremoval.other_checkpoints import SUFFIXES, read_any_card
from uniremoval.paths import ASSETS

SHIPPED = ASSETS / "checkpoints"
SUFFIX = ".safetensors"
ENVIRONMENT = "UNIREMOVAL_CHECKPOINTS"
NAMES = r"\w[\w .+-]{0,99}"
HUB_ENVIRONMENT = "UNIREMOVAL_HUB_REPO"


@dataclass(frozen=True)
class Entry:
    """A checkpoint that can be used.

    source: "shipped", "hub", "local" (a user's folder), "file" (given by path) or "added" (by a visitor of the app).
    remote: set for one on the Hub; its path is in the local cache, and may not be there yet: `Catalog.named` and
    `Catalog.find` fetch it.
    """

    card: Card
    path: Path
    source: str
    remote: hub.RemoteFile | None = None

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def size(self) -> int:
        """In bytes; 0 where the file has been removed since, as by a visitor who takes back what was added."""
        try:
            return self.remote.size if self.remote else self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def version(self) -> tuple[Path, int]:
        """Another one when another file has taken the place of this."""
        try:
            return self.path, self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return self.path, 0


class _Found(NamedTuple):
    """A file that may be a checkpoint. label: what problems call it."""

    label: str
    path: Path
    source: str
    card: Callable[[], Card]
    remote: hub.RemoteFile | None = None


class Catalog:
    """The checkpoints in some folders and a Hub repository. Folders are looked up anew at every call; the Hub is asked
    at the first call only, for all catalogs of this process together, until `refresh`.

    A name stands for one checkpoint: shipped ones give way to the Hub's, and those to ones in a user's folder; a later
    folder's replaces an earlier one's. Two of one name in the same place are a problem; the first file by name is used.
    `added` are entries besides, which replace none.
    """

    def __init__(
        self, folders: Sequence[Path], repository: hub.Repository | None = None, added: Sequence[Entry] = ()
    ) -> None:
        self.folders = tuple(Path(folder) for folder in folders)
        self.repository = repository
        self.added = tuple(added)

    def with_added(self, added: Sequence[Entry]) -> Catalog:
        """The same with these entries besides."""
        return Catalog(self.folders, self.repository, added)

    def refresh(self) -> None:
        """Let the next call ask the Hub again."""
        if self.repository:
            hub.forget(self.repository)

    def entries(self) -> list[Entry]:
        """All usable checkpoints: teachers, students, adapted students, other networks; by name within a stage."""
        return self._scan()[0]

    @property
    def problems(self) -> list[str]:
        """One sentence for each file that cannot be used, and for a Hub that cannot be asked."""
        return self._scan()[1]

    @property
    def hub_problems(self) -> list[str]:
        """Why checkpoints of the Hub repository may be missing; empty if none are."""
        return list(hub.listing(self.repository).problems) if self.repository else []

    def named(self, name: str) -> Entry:
        """The checkpoint of that name, fetched if need be; never opens a path that it is given.

        Raises UnknownCheckpointError, HubError, or CheckpointError where what was fetched cannot be used.
        """
        entries = self.entries()
        for entry in entries:
            if entry.name == name:
                return self._fetched(entry)
        places = [*map(str, self.folders), *([str(self.repository)] if self.repository else [])]
        known = ", ".join(entry.name for entry in entries) or f"none in {', '.join(places)}"
        words = [f"There is no checkpoint called {name!r}; choose one of: {known}.", *self.hub_problems]
        raise UnknownCheckpointError(" ".join(words))

    def find(self, name_or_path: str | Path) -> Entry:
        """The checkpoint of that name, or the file at that path (anything that ends in .safetensors or .pth).

        For what a user of this machine gives; use `named` for what comes over the network.
        Raises UnknownCheckpointError, HubError, or CheckpointError where the file cannot be used.
        """
        path = Path(name_or_path)
        if path.suffix not in SUFFIXES:
            return self.named(str(name_or_path))
        return Entry(usable(read_any_card(path), path), path, "file")

    def _fetched(self, entry: Entry) -> Entry:
        if entry.remote is None or self.repository is None or entry.path.is_file():
            return entry
        path = hub.download(self.repository, entry.remote.name, commit=entry.remote.commit)
        if path != entry.path:
            self.refresh()
        return replace(entry, card=usable(read_card(path), path), path=path)

    def _scan(self) -> tuple[list[Entry], list[str]]:
        entries: dict[str, Entry] = {}
        problems = self.hub_problems
        for place in self._places():
            here: dict[str, Entry] = {}
            for found in place:
                try:
                    entry = Entry(usable(found.card(), found.label), found.path, found.source, found.remote)
                except CheckpointError as error:
                    problems.append(str(error))
                    continue
                if entry.name in here:
                    used = here[entry.name].path.name
                    problems.append(f"{found.label}: is called {entry.name!r} like {used}, which is used; remove one.")
                else:
                    here[entry.name] = entry
            entries |= here
        entries = {entry.name: entry for entry in self.added} | entries
        order = list(Stage)
        return sorted(entries.values(), key=lambda entry: (order.index(entry.card.stage), entry.name)), problems

    def _places(self) -> Iterator[Iterator[_Found]]:
        """The entries of each place; a later place's names replace an earlier one's."""
        yield from (_in_folder(folder) for folder in self.folders if folder == SHIPPED)
        if self.repository:
            yield _in_repository(self.repository)
        yield from (_in_folder(folder) for folder in self.folders if folder != SHIPPED)


def default_catalog(extra: Path | str | None = None, hub_repo: str | None = None) -> Catalog:
    """The shipped checkpoints, those of a Hub repository, and those in a folder.

    extra: the folder, or else the one that UNIREMOVAL_CHECKPOINTS names. hub_repo: "owner/name" or
    "owner/name@revision", or else what UNIREMOVAL_HUB_REPO says. Does not ask the Hub yet. Raises CheckpointError where
    there is no such folder, HubError where the repository's name cannot be one.
    """
    return Catalog([SHIPPED, *_extra_folder(extra)], _hub_repository(hub_repo))


def _extra_folder(given: Path | str | None) -> list[Path]:
    name = given or os.environ.get(ENVIRONMENT)
    if not name:
        return []
    folder, given_by = Path(os.path.expanduser(name)), "--checkpoints" if given else ENVIRONMENT
    if not os.path.isdir(folder):
        raise CheckpointError(f"{folder}: there is no such folder of checkpoints; correct {given_by}.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise CheckpointError(f"{folder}: this folder of checkpoints may not be read; correct its permissions.")
    return [folder]


def _hub_repository(given: str | None) -> hub.Repository | None:
    name = given or os.environ.get(HUB_ENVIRONMENT)
    if not name:
        return None
    try:
        return hub.Repository.parse(name)
    except HubError as error:
        raise HubError(f"{'--hub-repo' if given else HUB_ENVIRONMENT}: {error}") from error


def _in_folder(folder: Path) -> Iterator[_Found]:
    """Ours, and other projects' networks."""
    source = "shipped" if folder == SHIPPED else "local"
    for path in sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES):
        yield _Found(str(path), path, source, partial(read_any_card, path))


def _in_repository(repository: hub.Repository) -> Iterator[_Found]:
    for file in hub.listing(repository).files:
        label = f"{repository}: {file.name}"
        read = partial(read_card, file.path) if file.header is None else partial(card_in, file.header, label)
        yield _Found(label, file.path, "hub", read, file)


def usable(card: Card, label: Path | str) -> Card:
    """The card itself. Raises CheckpointError where it is not of a checkpoint that restores photos under its name."""
    if not re.fullmatch(NAMES, card.name):
        raise CheckpointError(
            f"{label}: its name {card.name[:100]!r} cannot be used, as files are called after it; use another one."
        )
    if not card.degradations and card.stage is not Stage.OTHER:
        raise CheckpointError(f"{label}: its card names nothing that it removes; get the file again.")
    return card

"""Checkpoints that a visitor adds for as long as the visit lasts: a file, or what a public Hub repository holds."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from uniremoval import hub
from uniremoval.errors import CheckpointError, HubError, NoCardError, UniremovalError
from uniremoval.hub import SUFFIX
from uniremoval.ui.limits import DEFAULT, Limits
from uniremoval.ui.visit.record import plain

if TYPE_CHECKING:
    from uniremoval.catalog import Entry

LONGEST_ID = 300


@dataclass(frozen=True)
class Fetching:
    """File `name`, the index-th of `total`, is on its way."""

    name: str
    index: int
    total: int


class Additions:
    """Checkpoints that one visitor has added, in their own folder. Names taken already get a number: "student 2"."""

    def __init__(self, folder: Path, limits: Limits = DEFAULT) -> None:
        self.folder, self.limits = folder, limits
        self.entries: tuple[Entry, ...] = ()

    def add_file(self, upload: Path, name: str, taken: Iterable[str]) -> Entry:
        """Take over an uploaded file called `name`. Raises CheckpointError."""
        if not name.endswith(SUFFIX):
            raise CheckpointError(f"{name}: not a {SUFFIX} file; pickled weights (.pt, .pth, .ckpt) are never loaded.")
        if not upload.is_file():
            raise CheckpointError(f"{name}: is no longer on the server; choose it again.")
        self._check_room(name, upload.stat().st_size)
        return self._keep(upload, name, taken)

    def add_repository(self, text: str, taken: Iterable[str]) -> Iterator[Fetching | Entry | CheckpointError]:
        """Fetch every usable checkpoint of "owner/name[@revision]"; errors of single files are yielded, not raised.

        Raises HubError where the repository cannot be named or read, or holds no checkpoint file.
        """
        from uniremoval.catalog import usable
        from uniremoval.checkpoint import card_in

        if len(text) > LONGEST_ID:
            raise HubError(f"A repository's name has at most {LONGEST_ID} characters, not {len(text)}; correct it.")
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="hub-") as cache:
            repository = hub.Repository.parse(text, Path(cache))
            found = hub.ask(repository)
            yield from map(CheckpointError, found.problems)
            if not found.files and not found.problems:
                raise HubError(f"{repository}: has no {SUFFIX} file, so no checkpoint; name another repository.")
            for index, file in enumerate(found.files):
                label = f"{repository}: {file.name}"
                try:
                    with suppress(NoCardError):  # which may be another project's network
                        usable(card_in(file.header or {}, label), label)
                    self._check_room(label, file.size)
                    yield Fetching(file.name, index, len(found.files))
                    path = hub.download(repository, file.name, commit=file.commit).resolve()
                    self._check_room(label, path.stat().st_size)
                    yield self._keep(path, Path(file.name).name, taken)
                except CheckpointError as problem:
                    yield problem

    def clear(self) -> None:
        """Remove everything that was added, from the disk too."""
        gone, self.entries = self.entries, ()
        for entry in gone:
            shutil.rmtree(entry.path.parent)

    def _check_room(self, label: str, size: int) -> None:
        most, largest = self.limits.checkpoints, self.limits.checkpoint_bytes
        if len(self.entries) >= most:
            raise CheckpointError(f"{label}: {most} checkpoints are added already, the limit; remove them first.")
        if size > largest:
            raise CheckpointError(
                f"{label}: has {size / 1e6:.0f} MB, and the limit here is {largest / 1e6:.0f} MB; "
                "start the app yourself with --checkpoints to use it."
            )

    def _keep(self, path: Path, name: str, taken: Iterable[str]) -> Entry:
        """Move the file to a folder of its own and add it, if it can be used from its first byte to its last."""
        from uniremoval.catalog import Entry, usable
        from uniremoval.other_checkpoints import load_any

        self.folder.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(dir=self.folder)) / f"{plain(name.removesuffix(SUFFIX), 100)}{SUFFIX}"
        try:
            path.rename(target)
            _, card = load_any(target)
            usable(card, target.name)
            for other in self.entries:
                if filecmp.cmp(target, other.path, shallow=False):
                    raise CheckpointError(f"{name}: is added already, as {other.name!r}.")
        except (UniremovalError, OSError):
            target.unlink(missing_ok=True)
            target.parent.rmdir()
            raise
        known = {*taken, *(entry.name for entry in self.entries)}
        entry = Entry(replace(card, name=unused(card.name, known)), target, "added")
        self.entries = (*self.entries, entry)
        return entry


def unused(name: str, known: set[str]) -> str:
    """`name`, or with the first number from 2 that makes it new."""
    number = 1
    while (numbered := name if number == 1 else f"{name[:90]} {number}") in known:
        number += 1
    return numbered

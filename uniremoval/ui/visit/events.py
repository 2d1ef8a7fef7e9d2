"""Events of a comparison, and the keys of the panes that show no checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uniremoval.coarse_to_fine import Progress
    from uniremoval.quality import Score
    from uniremoval.ui.visit.region import Region

INPUT, REFERENCE = "input", "reference"


@dataclass(frozen=True)
class Waiting:
    """Number of visitors served before this one."""

    ahead: int


@dataclass(frozen=True)
class Beat:
    """Nothing has happened for a moment."""


@dataclass(frozen=True)
class Advanced:
    """A tile of checkpoint `name`, the index-th, is done. seconds_left: until all outputs are there; None: unknown."""

    name: str
    index: int
    progress: Progress
    seconds_left: float | None


@dataclass(frozen=True)
class Drafted:
    """A small picture of what checkpoint `name` has restored so far lies at `path`."""

    name: str
    path: Path


@dataclass(frozen=True)
class Sharpened:
    """What the output of checkpoint `name` will be in one region of the photo lies at `path`."""

    name: str
    path: Path
    region: Region


@dataclass(frozen=True)
class Finished:
    """The output of checkpoint `name` lies at `path`, a lossless PNG."""

    name: str
    path: Path
    seconds: float
    tiles: int
    precision: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """name: a checkpoint's, INPUT or REFERENCE."""

    name: str
    scores: dict[str, Score]


@dataclass(frozen=True)
class Failed:
    """Checkpoint `name` gave no output; the others go on."""

    name: str
    sentence: str


Event = Waiting | Beat | Advanced | Drafted | Sharpened | Finished | Scored | Failed

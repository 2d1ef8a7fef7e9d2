"""One comparison: a photo, what each checkpoint made of it, and the scores of all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from uniremoval.ui import text
from uniremoval.ui.viewer.component import InBatch, PartAhead, ViewerValue, comparison, gradio_file, pane, show_file
from uniremoval.ui.viewer.scores import score_cells
from uniremoval.ui.viewer.zoom_tiles import first_of, smaller_of
from uniremoval.ui.visit.events import INPUT, REFERENCE, Advanced, Drafted, Failed, Finished, Scored, Sharpened
from uniremoval.ui.visit.region import Region, place

if TYPE_CHECKING:
    from uniremoval.catalog import Entry
    from uniremoval.quality import Score
    from uniremoval.ui.visit.events import Event

NAME_BYTES = 120
"""Longest part of a photo's name that the names of its outputs keep; file systems take 255 bytes in all."""


@dataclass(frozen=True)
class Opened:
    """A photo on a visitor's page. source: the file as given. picture: the same pixels as PNG, for the browser.
    words: what the visitor should know of it. batch: its place, where it is one of the batch on the page."""

    source: Path
    name: str
    picture: Path
    size: tuple[int, int]
    words: str = ""
    batch: InBatch | None = field(default=None, compare=False)

    @property
    def draft(self) -> Path | None:
        """The stand-in for the picture of a large photo while that is being written."""
        if self.picture.exists():
            return None
        return next((path for path in (smaller_of(self.picture), first_of(self.picture)) if path.exists()), None)

    @property
    def file(self) -> Path:
        """What to read it from: the picture once that is written, until then the source."""
        return self.source if self.draft else self.picture

    def download_name(self, checkpoint: str, suffix: str = ".png") -> str:
        """The file name of a saved output: the photo's name and the checkpoint's, fit for any file system.

        A checkpoint whose name does not fit as it is gets a checksum, so that no two share a file.
        """
        stem, name = plain(Path(self.name).stem, NAME_BYTES), plain(checkpoint, 60)
        if name != checkpoint:
            name += f"-{crc32(checkpoint.encode()):08x}"
        return f"{stem or 'photo'}-{name}{suffix}"


def plain(text: str, longest: int) -> str:
    """`text` without what some file system refuses, and of at most that many bytes."""
    kept = "".join(c if c.isalnum() or c in " -_.()" else "_" for c in text).strip(" .")
    return kept.encode()[:longest].decode(errors="ignore")


@dataclass
class Output:
    """What became of the photo by checkpoint `name`: `done` says how it was made, once it was; until then `draft` is a
    picture of how far it is, and `part` one of what a region will be. made_by: whatever would make another output of
    the same photo if it were another."""

    name: str
    title: str
    state: str = "waiting"
    message: str = text.WAITING
    done: Finished | None = None
    draft: Path | None = None
    part: tuple[Path, Region] | None = None
    made_by: object = None


def output_of(name: str, entry: Entry | None, ensemble: bool) -> Output:
    """One to come. entry: the catalog's of that name, None if it has none."""
    made_by = (entry.version, ensemble) if entry else None
    return Output(name, text.title_of(entry.card) if entry else name, made_by=made_by)


@dataclass
class View:
    """A part of the photo that was scored by itself, at full resolution, the outputs at that strength; scores as in a
    Record."""

    region: Region
    strength: float = 1.0
    scores: dict[str, dict[str, Score]] = field(default_factory=dict)


@dataclass
class Weaker:
    """The outputs' scores at less than full strength."""

    strength: float
    scores: dict[str, dict[str, Score]] = field(default_factory=dict)


@dataclass
class Record:
    """id: tells it from others of the visit. scores: for every pane that has been scored, keyed as in the viewer:
    INPUT, REFERENCE or a checkpoint's name. view: the part of the photo that was scored last. weaker: where the page
    shows the outputs at less than full strength. extras: keys of scores that are shown besides the usual ones."""

    opened: Opened
    outputs: dict[str, Output] = field(default_factory=dict)
    reference: Opened | None = None
    scores: dict[str, dict[str, Score]] = field(default_factory=dict)
    view: View | None = None
    weaker: Weaker | None = None
    extras: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def holds(self, other: Record) -> bool:
        """Whether this one has all the outputs of the other, or the same made anew, of the same photo and reference."""
        mine = [(output.name, output.made_by) for output in self.outputs.values() if output.done]
        theirs = [(output.name, output.made_by) for output in other.outputs.values() if output.done]
        alike = other.opened is self.opened and other.reference is self.reference
        return alike and all(output in mine for output in theirs)

    def take(self, event: Event) -> None:
        """Update one output by an event, or add a score."""
        match event:
            case Advanced(name) if self.outputs[name].state == "waiting":
                self.outputs[name].state, self.outputs[name].message = "working", text.RESTORING
            case Drafted(name, path):
                self.outputs[name].draft = path
            case Sharpened(name, path, region):
                self.outputs[name].part = path, region
            case Finished(name):
                output = self.outputs[name]
                output.state, output.message, output.done, output.part = "done", "", event, None
            case Failed(name, sentence):
                output = self.outputs[name]
                output.state, output.message, output.draft, output.part = "failed", sentence, None, None
            case Scored(name, found):
                self.scores[name] = found

    def stop(self) -> None:
        """Mark all unfinished outputs as cancelled."""
        for output in self.outputs.values():
            if output.state in ("waiting", "working"):
                output.state, output.message, output.draft, output.part = "stopped", text.CANCELLED, None, None

    def files(self) -> dict[str, Path]:
        """What to read each picture from that there is, by pane."""
        found = {INPUT: self.opened.file}
        if self.reference:
            found[REFERENCE] = self.reference.picture
        return found | {name: output.done.path for name, output in self.outputs.items() if output.done}

    def scores_at(self, strength: float) -> dict[str, dict[str, Score]]:
        """The known scores where outputs have that strength."""
        if strength == 1:
            return self.scores
        known = self.weaker.scores if self.weaker and self.weaker.strength == strength else {}
        return {key: scores for key, scores in self.scores.items() if key not in self.outputs} | known

    def shown(self) -> ViewerValue:
        """The value of the viewer for this record."""
        strength = self.weaker.strength if self.weaker else 1
        files, scores = self.files(), self.scores_at(strength)
        panes = [pane(INPUT, text.INPUT_TITLE)]
        if self.reference:
            panes.append(pane(REFERENCE, text.REFERENCE_TITLE))
        for output in self.outputs.values():
            panes.append(pane(output.name, output.title, output.state, output.message))
        for item in panes:
            key = item["key"]
            if key == INPUT and self.opened.draft:
                item["draft"] = gradio_file(self.opened.draft)
            elif key in files:
                show_file(item, files[key], files[key].name if key in self.outputs else None)
            elif draft := self.outputs[key].draft:
                item["draft"] = gradio_file(draft)
            if key in self.outputs and (part := self.outputs[key].part):
                path, at = part
                item["part"] = PartAhead(file=gradio_file(path), x=at.x, y=at.y, width=at.width, height=at.height)
            if key in files and (self.outputs or self.scores):
                item["scores"] = score_cells(scores, key, self.reference is not None, self.extras)
            if self.view and key in files:
                cells = score_cells(self.view.scores, key, self.reference is not None, self.extras)
                item["view"] = {"place": text.part(place(self.view.region), self.view.strength), "scores": cells}
            if key in self.outputs and (done := self.outputs[key].done):
                item["time"], item["remark"] = text.duration(done.seconds), " ".join(done.notes)
        return comparison(str(self.opened.picture), self.opened.size, panes, strength, self.opened.batch)

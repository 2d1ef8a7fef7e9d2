"""The viewer: panes side by side with one zoom and pan for all, scores beneath, and a wipe between any two."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NotRequired, TypedDict

import gradio as gr

from uniremoval.ui import text
from uniremoval.ui.parts.component import component
from uniremoval.ui.viewer.scores import ScoreCell
from uniremoval.ui.viewer.zoom_tiles import TILE, smaller_of

SCRIPTS = (
    "dom.js",
    "panes.js",
    "zoom.js",
    "tiles.js",
    "loupe.js",
    "columns.js",
    "difference.js",
    "pair.js",
    "labelled_picture.js",
    "keys.js",
    "looking.js",
    "neighbours.js",
    "viewer.js",
)


FileOnPage = dict[str, Any]
"""Gradio's FileData, as JSON."""


def viewer() -> gr.HTML:
    """Its value is what `comparison` returns. Text reaches the page as text, never as HTML or template."""
    return component(
        Path(__file__).parent,
        "viewer",
        SCRIPTS,
        value=comparison("", (1, 1), []),
        empty=text.EMPTY,
        elem_id="viewer",
    )


class PartInView(TypedDict):
    """Scores of a part of the photo. place: which one, in words."""

    place: str
    scores: list[ScoreCell]


class PartAhead(TypedDict):
    """What a region of an output will be, before the rest is there. x, y, width, height: in photo pixels."""

    file: FileOnPage
    x: int
    y: int
    width: int
    height: int


class Pane(TypedDict):
    """One picture of the comparison, as panes.js shows it.

    key: "input", "reference" or a checkpoint's name. file: the picture; draft: a smaller one until then, over which
    `part` lies; small: a smaller one to show of a large file, beside which there are tiles.
    message: shown where there is neither. download: the file's name when saved; None: not offered.
    time, remark: how long it took, and what the user should know of it.
    """

    key: str
    title: str
    file: FileOnPage | None
    draft: FileOnPage | None
    part: NotRequired[PartAhead]
    small: NotRequired[FileOnPage]
    state: str
    message: str
    scores: list[ScoreCell]
    download: NotRequired[str | None]
    view: NotRequired[PartInView]
    time: NotRequired[str]
    remark: NotRequired[str]


class InBatch(TypedDict):
    """The place of a photo in a batch: its number from 1, and the indices, from 0, of the photos to step to."""

    number: int
    photos: int
    before: int | None
    after: int | None


class ViewerValue(TypedDict):
    """Value of the viewer. picture: changes with the photo, so that a new one is fitted to the screen.

    size: height and width. tile: pixels per side of the tiles of large files.
    strength: of the outputs whose scores are shown, 1 for full. batch: where the photo is one of a batch.
    """

    picture: str
    size: list[int]
    tile: int
    panes: list[Pane]
    strength: float
    batch: InBatch | None


def comparison(
    picture: str, size: tuple[int, int], panes: list[Pane], strength: float = 1, batch: InBatch | None = None
) -> ViewerValue:
    return {
        "picture": picture, "size": list(size), "tile": TILE, "panes": panes, "strength": strength, "batch": batch
    }  # fmt: skip


def pane(key: str, title: str, state: str = "waiting", message: str = text.WAITING) -> Pane:
    """A pane with nothing to show yet."""
    return {
        "key": key, "title": title, "file": None, "draft": None, "state": state, "message": message, "scores": []
    }  # fmt: skip


def gradio_file(path: Path) -> FileOnPage:
    """Gradio's description of the file at `path`, in Gradio's cache, from which the page fetches it."""
    return gr.FileData(path=str(path)).model_dump()


def show_file(item: Pane, path: Path, download: str | None = None) -> None:
    """Put the picture at `path`, a file in Gradio's cache, into a pane; `download` is its name when saved."""
    item["file"], item["state"], item["message"] = gradio_file(path), "done", ""
    item["download"] = download
    if (small := smaller_of(path)).exists():
        item["small"] = gradio_file(small)

"""Downloads that are made on request: an output as JPEG or WebP, all of a comparison as one ZIP or one picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.photo import save
from uniremoval.ui import text
from uniremoval.ui.parts.courier import parcel
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.restore.labelled_picture import labelled_picture
from uniremoval.ui.visit.events import INPUT
from uniremoval.ui.visit.record import Record
from uniremoval.ui.visit.region import region_of
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine
from uniremoval.ui.work.export import FORMATS, rows_of, settings_of, write_zip
from uniremoval.ui.work.strength import blended, labelled, scores_of, strength_of

SUFFIXES = {name.lower(): suffix for name, suffix in FORMATS.items()}


class Downloads:
    """The listeners of the viewer's download buttons."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def announce(self) -> dict[str, Any]:
        return busy(text.PACKING)

    def fetch(self, wish: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, courier).

        The wish: {"key": a checkpoint's name, "format": "jpeg", "strength": 0 (the input) to 1 (the output)}; for the
        format "zip" there is no key. For the format "picture": {"as": "jpeg", "keys": the panes beside the input,
        "picture": that of the comparison on the page, "region": None for all of the photo}.
        """
        visit = self.visits.of(request.session_hash)
        asked = wish._data if isinstance(wish._data, dict) else {}
        try:
            strength = strength_of(asked.get("strength"))
            if asked.get("format") == "zip":
                made = self._zip(visit, strength)
            elif asked.get("format") == "picture":
                made = self._picture(visit, asked, strength)
            else:
                made = self._one(visit, str(asked.get("key")), SUFFIXES.get(str(asked.get("format"))), strength)
        except UniremovalError as problem:
            yield error(self.engine.told(problem)), gr.skip()
            return
        yield (idle(text.SAVED.format(name=made["name"])), made) if made else (error(text.NOTHING_TO_SAVE), gr.skip())

    def _one(self, visit: Visit, name: str, suffix: str | None, strength: float) -> dict[str, Any] | None:
        record = visit.record
        if record is None or name not in record.outputs or record.outputs[name].done is None or suffix is None:
            return None
        wanted = record.opened.download_name(labelled(name, strength), suffix)
        return parcel(save(blended(self.engine, record, name, strength), visit.new_folder("download") / wanted), wanted)

    def _picture(self, visit: Visit, asked: dict[str, Any], strength: float) -> dict[str, Any] | None:
        record, suffix = visit.record, SUFFIXES.get(str(asked.get("as")))
        given = asked.get("keys")
        keys = {key for key in given if isinstance(key, str) and key != INPUT} if isinstance(given, list) else set()
        if record is None or suffix is None or not keys & record.files().keys():
            return None
        if asked.get("picture") != str(record.opened.picture):
            raise PhotoError(text.VIEW_CHANGED)
        part = asked.get("region")
        region = region_of(part if isinstance(part, dict) else {}, record.opened.size) if part is not None else None
        picture = labelled_picture(self.engine, record, keys, region, strength)
        wanted = record.opened.download_name(labelled("compared", strength), suffix)
        return parcel(save(picture, visit.new_folder("download") / wanted), wanted)

    def _zip(self, visit: Visit, strength: float) -> dict[str, Any] | None:
        record = visit.record
        if record is None or not any(output.done for output in record.outputs.values()):
            return None
        folder = visit.new_folder("download")
        wanted = record.opened.download_name(labelled("all", strength), ".zip")
        if strength < 1:
            record = self._weaker(record, strength, folder)
        files = {output.done.path.name: output.done.path for output in record.outputs.values() if output.done}
        settings = {"strength": strength, **settings_of(record, self.engine)}
        write_zip(folder / wanted, files, rows_of(record), settings)
        return parcel(folder / wanted, wanted)

    def _weaker(self, record: Record, strength: float, folder: Path) -> Record:
        """The same with outputs blended with the input, written to `folder`, and scored anew."""
        outputs, scores = dict(record.outputs), dict(record.scores)
        for name, output in record.outputs.items():
            if output.done is None:
                continue
            photo = blended(self.engine, record, name, strength)
            path = save(photo, folder / output.done.path.name)
            outputs[name] = replace(output, done=replace(output.done, path=path))
            scores[name] = scores_of(self.engine, record, photo)
        return replace(record, outputs=outputs, scores=scores)

"""Listeners of the Checkpoints tab: a visitor adds checkpoints, and they appear in the pickers of this visit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from uniremoval.errors import CheckpointError, UniremovalError
from uniremoval.ui import text
from uniremoval.ui.checkpoints.cards import cards_html
from uniremoval.ui.parts.pickers import by_stage, in_one
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.visit.additions import Fetching
from uniremoval.ui.visit.uploads import uploaded_checkpoint
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine

PICKERS = len(text.STAGES) + 1


class Adding:
    """The listeners of the tab. Those that change the list answer (status, table, remove button, *pickers)."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def fill(self) -> list[Any]:
        """When a page opens: (status of the Restore tab, *pickers) with the catalog's checkpoints."""
        try:
            entries = self.engine.catalog().entries()
        except UniremovalError as problem:
            return [error(self.engine.told(problem)), *[gr.skip()] * PICKERS]
        return [gr.skip() if entries else error(text.NO_CHECKPOINTS), *by_stage(entries), in_one(entries)]

    def come_back(self, request: gr.Request, *ticked: Any) -> list[Any]:
        """A page that was loaded again has what its visitor had added."""
        visit = self.visits.of(request.session_hash)
        new = {entry.name for entry in visit.additions.entries}
        try:
            return self._changed(visit, gr.skip(), ticked, new) if new else self._only(gr.skip())
        except UniremovalError as problem:
            return self._only(error(self.engine.told(problem)))

    def shown(self, request: gr.Request) -> str:
        """The table, for this visitor."""
        return cards_html(self._engine_of(self.visits.of(request.session_hash)))

    def announce(self) -> dict[str, Any]:
        return busy(text.ADDING)

    def add_file(self, upload: Any, request: gr.Request, *ticked: Any) -> list[Any]:
        """upload: Gradio's description of the file. ticked: what each picker has ticked."""
        visit = self.visits.of(request.session_hash)
        try:
            entry = visit.additions.add_file(*uploaded_checkpoint(upload), self._taken())
        except UniremovalError as problem:
            return self._only(error(self.engine.told(problem)))
        return self._changed(visit, idle(text.added([entry.name])), ticked, {entry.name})

    def add_repository(self, wish: str, request: gr.Request, *ticked: Any) -> Iterator[list[Any]]:
        """wish: "owner/name" or "owner/name@revision"."""
        visit = self.visits.of(request.session_hash)
        added: list[str] = []
        problems: list[str] = []
        try:
            for event in visit.additions.add_repository(str(wish or "").strip(), self._taken()):
                match event:
                    case Fetching(name, index, total):
                        yield self._only(busy(text.FETCHING.format(name=name), index / total))
                    case CheckpointError():
                        problems.append(self.engine.told(event))
                    case entry:
                        added.append(entry.name)
        except UniremovalError as problem:
            problems.append(self.engine.told(problem))
        if not added:
            yield self._only(error("\n".join(problems)))
        else:
            yield self._changed(visit, idle("\n".join([text.added(added), *problems])), ticked, set(added))

    def remove(self, request: gr.Request, *ticked: Any) -> list[Any]:
        visit = self.visits.of(request.session_hash)
        visit.additions.clear()
        try:
            return self._changed(visit, idle(text.ADDED_REMOVED), ticked, set())
        except UniremovalError as problem:
            return self._only(error(self.engine.told(problem)))

    def fail(self) -> dict[str, Any]:
        return error(text.UNEXPECTED)

    def _taken(self) -> list[str]:
        return [entry.name for entry in self.engine.catalog().entries()]

    def _engine_of(self, visit: Visit) -> Engine:
        return self.engine.for_visitor(visit.additions.entries)

    def _only(self, status: dict[str, Any]) -> list[Any]:
        return [status, *[gr.skip()] * (2 + PICKERS)]

    def _changed(self, visit: Visit, status: dict[str, Any], ticked: tuple[Any, ...], new: set[str]) -> list[Any]:
        engine = self._engine_of(visit)
        entries = engine.catalog().entries()
        *stages, batch = ({*(names or []), *new} for names in ticked)
        pickers = [*by_stage(entries, set().union(*stages)), in_one(entries, batch)]
        return [status, cards_html(engine), gr.update(visible=bool(visit.additions.entries)), *pickers]

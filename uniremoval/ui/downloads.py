"""Downloads that are made on request: an output as JPEG or WebP, and all of a comparison as one ZIP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.photo import save
from uniremoval.ui import text
from uniremoval.ui.engine import Engine
from uniremoval.ui.export import rows_of, settings_of, write_zip
from uniremoval.ui.status import busy, error, idle
from uniremoval.ui.visits import Visit, Visits

SUFFIXES = {"jpeg": ".jpg", "webp": ".webp"}
JS = """
document.addEventListener(props.listens, (event) => trigger("select", event.detail));
watch("value", () => {
  const { file, name } = props.value || {};
  if (!file) return;
  const link = document.createElement("a");
  Object.assign(link, { href: file.url, download: name });
  element.append(link);
  link.click();
  link.remove();
});
"""


def courier(elem_id: str, listens: str) -> gr.HTML:
    """Invisible: its select event carries the wishes that the page sends as events called `listens`; what it is given,
    a `parcel`, it hands to the browser to save."""
    return gr.HTML(value={}, html_template="", js_on_load=JS, apply_default_css=False, listens=listens, elem_id=elem_id)


def parcel(path: Any, name: str) -> dict[str, Any]:
    return {"file": gr.FileData(path=str(path)).model_dump(), "name": name}


class Downloads:
    """The listeners of the viewer's download buttons."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def announce(self) -> dict[str, Any]:
        return busy(text.PACKING)

    def fetch(self, wish: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, Any]]:
        """Yields (status, courier). The wish: {"key": a checkpoint's name, "format": "jpeg"}, or {"format": "zip"}."""
        visit = self.visits.of(request.session_hash)
        asked = wish._data if isinstance(wish._data, dict) else {}
        try:
            if asked.get("format") == "zip":
                made = self._zip(visit)
            else:
                made = self._one(visit, str(asked.get("key")), SUFFIXES.get(str(asked.get("format"))))
        except UniremovalError as problem:
            yield error(str(problem)), gr.skip()
            return
        yield (idle(text.SAVED.format(name=made["name"])), made) if made else (error(text.NOTHING_TO_SAVE), gr.skip())

    def _one(self, visit: Visit, name: str, suffix: str | None) -> dict[str, Any] | None:
        output = visit.record.outputs.get(name) if visit.record else None
        if output is None or output.done is None or suffix is None:
            return None
        photo = self.engine.read(output.done.path, output.done.path.name)
        wanted = visit.record.opened.download_name(name, suffix)
        return parcel(save(photo, visit.new_folder("download") / wanted), wanted)

    def _zip(self, visit: Visit) -> dict[str, Any] | None:
        record = visit.record
        done = [output for output in record.outputs.values() if output.done] if record else []
        if not done:
            return None
        wanted = record.opened.download_name("all", ".zip")
        path = visit.new_folder("download") / wanted
        files = {record.opened.download_name(output.name): output.done.path for output in done}
        write_zip(path, files, rows_of(record), settings_of(record, self.engine))
        return parcel(path, wanted)

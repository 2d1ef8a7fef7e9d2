"""Earlier comparisons of the visit: one click brings one back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from uniremoval.ui import text
from uniremoval.ui.engine import Engine
from uniremoval.ui.record import INPUT, Record
from uniremoval.ui.status import busy, error, idle
from uniremoval.ui.thumbnails import save_thumbnail
from uniremoval.ui.visits import Visit, Visits

HTML = '<section class="earlier" aria-label="{{title}}" hidden><p>{{title}}</p><div></div></section>'
CSS = """
.earlier[hidden] { display: none; }
p { margin: 10px 0 6px; font-size: 13px; color: var(--body-text-color-subdued); }
.earlier div { display: flex; gap: 8px; overflow-x: auto; padding-bottom: 4px; }
button { flex: none; width: 132px; padding: 0; border: 1px solid var(--border-color-primary); border-radius: 8px;
  overflow: hidden; background: var(--background-fill-primary); color: var(--body-text-color); cursor: pointer;
  text-align: left; }
button:hover { border-color: var(--color-accent); }
button:focus-visible { outline: 2px solid var(--color-accent); outline-offset: -2px; }
img { display: block; width: 100%; height: 84px; margin: 0; object-fit: cover; border-radius: 0; }
span { display: block; padding: 3px 8px 5px; font-size: 12px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
"""
JS = """
const render = () => {
  const items = (props.value || {}).items || [];
  element.querySelector(".earlier").hidden = items.length === 0;
  element.querySelector(".earlier div").replaceChildren(...items.map((item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", "Bring back " + item.title);
    const picture = document.createElement("img");
    Object.assign(picture, { src: item.file.url, alt: "" });
    const label = document.createElement("span");
    label.textContent = button.title = item.title;
    button.append(picture, label);
    button.addEventListener("click", () => trigger("select", { id: item.id }));
    return button;
  }));
};
watch("value", render);
render();
"""


def history_strip() -> gr.HTML:
    """Its value is what `History.shown` returns; its select event tells the id of the comparison clicked."""
    return gr.HTML(
        value={"items": []},
        html_template=HTML,
        css_template=CSS,
        js_on_load=JS,
        apply_default_css=False,
        title=text.EARLIER,
        elem_id="history",
    )


class History:
    """The listeners of the strip."""

    def __init__(self, engine: Engine, visits: Visits) -> None:
        self.engine = engine
        self.visits = visits

    def shown(self, request: gr.Request) -> dict[str, Any]:
        """All comparisons but the one on the page."""
        return self._shown(self.visits.of(request.session_hash))

    def _shown(self, visit: Visit) -> dict[str, Any]:
        return {
            "items": [
                {
                    "id": record.id,
                    "title": f"{record.opened.name}: {text.count(len(record.files()) - 1, 'output')}",
                    "file": gr.FileData(path=str(self._thumbnail(record))).model_dump(),
                }
                for record in visit.history
                if record is not visit.record
            ]
        }

    def _thumbnail(self, record: Record) -> Path:
        """Half of it as it was, half of it restored; made at the first call."""
        files = record.files()
        last = files[next(output.name for output in reversed(record.outputs.values()) if output.done)]
        path = last.parent / "thumbnail.jpg"
        if not path.exists():
            before, after = (self.engine.read(file, file.name).pixels for file in (files[INPUT], last))
            half = before.shape[1] // 2
            save_thumbnail(np.concatenate([before[:, :half], after[:, half:]], axis=1), path)
        return path

    def announce(self, request: gr.Request) -> dict[str, Any]:
        """At once: stop what runs for this visitor."""
        self.visits.of(request.session_hash).begin()
        return busy(text.RECALLING)

    def recall(self, click: gr.EventData, request: gr.Request) -> tuple[Any, Any, Any]:
        """(status, viewer, strip) with the comparison clicked on the page."""
        visit = self.visits.of(request.session_hash)
        wanted = click._data.get("id") if isinstance(click._data, dict) else None
        record = next((record for record in visit.history if record.id == wanted), None)
        if record is None:
            return error(text.RECORD_GONE), gr.skip(), self._shown(visit)
        visit.opened, visit.reference, visit.record = record.opened, record.reference, record
        visit.sweep()
        return idle(text.RECALLED.format(name=record.opened.name)), record.shown(), self._shown(visit)

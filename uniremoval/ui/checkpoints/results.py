"""How the shipped checkpoints were trained and measured: curves drawn from their logs, and plots as pictures."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path

import gradio as gr
from PIL import Image

from uniremoval.paths import ASSETS
from uniremoval.ui import text
from uniremoval.ui.checkpoints.chart import Points, line_chart
from uniremoval.ui.parts.component import component

FOLDER = ASSETS / "results"
VALIDATION = "validation/"
OTHERS = "## Beside other networks"
"""What in results.md is about them, from this heading to the end."""


def results_section(folder: Path = FOLDER) -> list[gr.HTML | gr.Markdown]:
    """Components: plots, other people's networks, curves; as far as there is something to show."""
    shown: list[gr.HTML | gr.Markdown] = []
    if plots := _plots(folder):
        shown.append(_section(plots, "results"))
    if others := _beside_others(folder / "results.md"):
        shown.append(gr.Markdown(others, elem_id="others"))
    if curves := _curves(folder / "curves"):
        shown.append(_section(curves, "curves"))
    return shown


def _section(content: str, name: str) -> gr.HTML:
    return component(Path(__file__).parent, "results", value=f'<div class="results">{content}</div>', elem_id=name)


def _beside_others(path: Path) -> str:
    """In Markdown, or ""."""
    whole = path.read_text(encoding="utf-8") if path.exists() else ""
    _, heading, rest = whole.partition(OTHERS)
    return f"#{heading}{rest}" if heading else ""


def _curves(folder: Path) -> str:
    teachers_first = sorted(folder.glob("*.jsonl"), key=lambda path: (not path.stem.startswith("teacher"), path.stem))
    runs = "".join(map(_run, teachers_first))
    inside = f'<p>{text.CURVES_HELP}</p><div class="grid-of">{runs}</div>'
    return f"<details><summary>{text.CURVES}</summary>{inside}</details>" if runs else ""


def _run(path: Path) -> str:
    """Loss and validation PSNR of one training run, as far as its log has them."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    name = path.stem.replace("-run", ", run ")
    loss: dict[str, Points] = {}
    validation: dict[str, Points] = {}
    for key in dict.fromkeys(key for line in lines for key in line):
        points = [(line["step"], line[key]) for line in lines if key in line]
        if key in ("teacher/loss", "student/loss"):
            loss["loss"] = points
        elif key.startswith(VALIDATION):
            validation[key.removeprefix(VALIDATION)] = points
    charts = [f"<p>{text.LOSS}</p>{line_chart(loss, f'{text.LOSS}, {name}')}"] if loss else []
    if validation:
        legend = "".join(f'<b class="{html.escape(kind)}">{html.escape(kind)}</b>' for kind in validation)
        charts.append(f"<p>{text.VALIDATION}{legend}</p>{line_chart(validation, f'{text.VALIDATION}, {name}')}")
    drawn = f"<figcaption>{html.escape(name)}</figcaption>{''.join(charts)}"
    return f'<figure tabindex="0">{drawn}</figure>' if charts else ""


def _plots(folder: Path) -> str:
    pictures = "".join(_picture(path) for path in sorted(folder.glob("*.png"), reverse=True))
    head = f"<h3>{text.BENCHMARKS}</h3><p>{text.BENCHMARKS_HELP}</p>"
    return f'{head}<div class="plots">{pictures}</div>' if pictures else ""


def _picture(path: Path) -> str:
    """As a data URI: the page needs no other request for it."""
    alt = text.PLOTS.get(path.stem, path.stem.replace("-", " ").replace("_", " "))
    data = base64.b64encode(path.read_bytes()).decode()
    with Image.open(path) as image:
        aspect = image.width / image.height
    source = f'src="data:image/png;base64,{data}"'
    return f'<figure tabindex="0" style="--aspect: {aspect:.3f}"><img {source} alt="{html.escape(alt)}"></figure>'

"""How the shipped checkpoints were trained and measured: curves drawn from their logs, and plots as pictures."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path

import gradio as gr
from PIL import Image

from uniremoval.ui import text
from uniremoval.ui.chart import Points, line_chart

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "results"
VALIDATION = "validation/"
CSS = """
.results { font-size: 13.5px; line-height: 1.5; color: var(--body-text-color); }
h3 { margin: 26px 0 2px; font-size: 16px; font-weight: 650; }
.results > p { margin: 0 0 10px; max-width: 96ch; font-size: 12.5px; color: var(--body-text-color-subdued); }
.grid-of { display: grid; gap: 18px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); }
.plots { display: flex; flex-wrap: wrap; gap: 18px; }
.plots figure { flex: var(--aspect) 1 min(100%, var(--aspect) * 250px); max-width: calc(var(--aspect) * 340px);
  overflow-x: auto; }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; }
figure p { margin: 6px 0 0; font-size: 12px; color: var(--body-text-color-subdued); }
figure b { font-weight: 500; color: var(--line); margin-left: 8px; }
.plots img { display: block; width: 100%; min-width: calc(var(--aspect) * 180px); height: auto;
  margin: 0; border-radius: 8px; background: white; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart .grid { stroke: var(--border-color-primary); stroke-width: 1; fill: none; }
.chart text { font-size: 10.5px; fill: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.chart .up { text-anchor: end; } .chart .across { text-anchor: middle; }
.chart polyline { fill: none; stroke: var(--line); stroke-width: 1.6; stroke-linejoin: round; }
.chart circle { fill: var(--line); } .chart circle:hover { r: 4.5px; }
.loss { --line: var(--body-text-color-subdued); } .haze { --line: #0f766e; } .rain { --line: #2b62c9; }
.blur { --line: #b4531a; } .snow { --line: #7a4aa8; }
.dark & { .haze { --line: #3fbfb2; } .rain { --line: #7aa5f5; } .blur { --line: #f0985a; } .snow { --line: #bd93e6; } }
"""


def results_section(folder: Path = FOLDER) -> gr.HTML | None:
    """The section, or None where there is nothing to show."""
    content = _curves(folder / "curves") + _plots(folder)
    if not content:
        return None
    return gr.HTML(
        f'<div class="results">{content}</div>', css_template=CSS, apply_default_css=False, elem_id="results"
    )


def _curves(folder: Path) -> str:
    teachers_first = sorted(folder.glob("*.jsonl"), key=lambda path: (not path.stem.startswith("teacher"), path.stem))
    runs = "".join(map(_run, teachers_first))
    return f'<h3>{text.CURVES}</h3><p>{text.CURVES_HELP}</p><div class="grid-of">{runs}</div>' if runs else ""


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

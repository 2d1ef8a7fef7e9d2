"""Lines over training steps as a small SVG, in the page's own colours: crisp, light or dark."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 40, 10, 8, 22
MOST_TICKS = 4


def line_chart(lines: Mapping[str, Points], title: str) -> str:
    """lines: by name, which is also each line's class; points are (step, value). title: what the chart shows."""
    steps = [step for points in lines.values() for step, _ in points]
    values = [value for points in lines.values() for _, value in points]
    across = (0.0, max(max(steps), 1.0))
    ticks = nice_ticks(min(values), max(values))
    up = (min(ticks[0], *values), max(ticks[-1], *values))
    x = _scale(across, (LEFT, WIDTH - RIGHT))
    y = _scale(up, (HEIGHT - BOTTOM, TOP))
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_described(lines, title)}">']
    for tick in ticks:
        parts.append(f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="up" x="{LEFT - 6}" y="{y(tick) + 3.5:.1f}">{tick:g}</text>')
    for step in nice_ticks(*across):
        if step <= across[1]:
            parts.append(f'<text class="across" x="{x(step):.1f}" y="{HEIGHT - 6}">{step:,.0f}</text>')
    for name, points in lines.items():
        path = " ".join(f"{x(step):.1f},{y(value):.1f}" for step, value in points)
        parts.append(f'<g class="{html.escape(name)}"><polyline points="{path}"/>')
        for step, value in points:
            said = f"{html.escape(name)}: {value:.4g} at step {step:,.0f}"
            parts.append(f'<circle cx="{x(step):.1f}" cy="{y(value):.1f}" r="2.2"><title>{said}</title></circle>')
        parts.append("</g>")
    return "".join(parts) + "</svg>"


def nice_ticks(least: float, most: float) -> list[float]:
    """At most MOST_TICKS + 1 round numbers, evenly apart, from at or below `least` to at or above `most`."""
    span = (most - least) or abs(most) or 1.0
    power = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        first, last = math.floor(round(least / step, 9)), math.ceil(round(most / step, 9))
        if last - first <= MOST_TICKS:
            break
    return [round(index * step, 12) for index in range(first, last + 1)]


def _scale(domain: tuple[float, float], pixels: tuple[float, float]) -> Callable[[float], float]:
    (least, most), (start, end) = domain, pixels
    span = (most - least) or 1.0
    return lambda value: start + (value - least) / span * (end - start)


def _described(lines: Mapping[str, Points], title: str) -> str:
    told = "; ".join(
        f"{name} from {points[0][1]:.3g} to {points[-1][1]:.3g} in {points[-1][0]:,.0f} steps"
        for name, points in lines.items()
    )
    return html.escape(f"{title}: {told}")

"""Means over sets, and the Markdown tables made of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from uniremoval.quality import WITHOUT_REFERENCE

INPUT = "input"
"""What stands for the photo as it was, in the place of a checkpoint's name."""
FIGURES = {
    "psnr": ("PSNR, dB (higher is better)", 2),
    "ssim": ("SSIM (higher is better)", 4),
    "psnr_y": ("PSNR of luma, dB (higher is better)", 2),
    "psnr_2x": ("PSNR of photos shown twice as large, back at their size, dB (higher is better)", 2),
    "resampled_2x": ("The same, enlarged only after the restoration: what resampling leaves by itself", 2),
    "psnr_4x": ("PSNR of photos shown 4 times as large, back at their size, dB (higher is better)", 2),
    "resampled_4x": ("The same, enlarged only after the restoration: what resampling leaves by itself", 2),
    "identity": ("Identity: PSNR of clean photos, dB (higher is better)", 1),
    **{key: (f"{metric.label} ({metric.direction})", 2) for key, metric in WITHOUT_REFERENCE.items()},
    "unevenness": ("Unevenness of even fog, levels of 255 (lower is better)", 1),
}


def means(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows per photo -> one entry per set and checkpoint: {set, checkpoint, photos, figure: mean, ...}.

    Photos without a score are left out of that figure's mean; `<figure>_missing` counts them.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["set"], row["checkpoint"]].append(row)
    summary = []
    for (set_name, checkpoint), group in groups.items():
        entry: dict[str, Any] = {"set": set_name, "checkpoint": checkpoint, "photos": len(group)}
        for figure in FIGURES:
            if figure not in group[0]:
                continue
            values = [row[figure] for row in group if row[figure] is not None and math.isfinite(row[figure])]
            entry[figure] = round(sum(values) / len(values), 4) if values else None
            if len(values) < len(group):
                entry[f"{figure}_missing"] = len(group) - len(values)
        summary.append(entry)
    return summary


def tables(summary: Sequence[dict[str, Any]]) -> str:
    """One Markdown table a figure: checkpoints down, sets across."""
    checkpoints = list(dict.fromkeys(entry["checkpoint"] for entry in summary))
    parts = []
    for figure, (title, digits) in FIGURES.items():
        found = {(e["set"], e["checkpoint"]): e[figure] for e in summary if e.get(figure) is not None}
        sets = list(dict.fromkeys(set_name for set_name, _ in found))
        if not sets:
            continue
        lines = [f"**{title}**", "", "| | " + " | ".join(sets) + " |", "|---|" + "---|" * len(sets)]
        for checkpoint in checkpoints:
            cells = [found.get((set_name, checkpoint)) for set_name in sets]
            if any(cell is not None for cell in cells):
                shown = ["" if cell is None else f"{cell:.{digits}f}" for cell in cells]
                lines.append(f"| {checkpoint} | " + " | ".join(shown) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"

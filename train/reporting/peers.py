"""Our checkpoints beside other people's networks, on the sets that these were measured on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEADING = "## Beside other networks"
INTRODUCTION = """

PSNR in dB. Student and adapted student take off haze, rain and blur alike; every other network was made for one of
them. Other people's are published weights, run by their authors' code (peers.json names the repositories).
*: trained on the training photos of that very set, which ours never are. A figure of some photos of the set alone has
in brackets how many they are, and the PSNR of their input.
"""


def beside_others(summary: Sequence[dict[str, Any]], networks: Sequence[dict[str, Any]]) -> str:
    """One Markdown table a degradation.

    summary: as in results.json. networks: as in peers.json.
    """
    own = {(entry["set"], entry["checkpoint"]): entry.get("psnr") for entry in summary}
    checkpoints = list(dict.fromkeys(checkpoint for _, checkpoint in own))
    parts = [HEADING + INTRODUCTION.rstrip()]
    for degradation in dict.fromkeys(network["removes"] for network in networks):
        peers = [network for network in networks if network["removes"] == degradation]
        sets = list(dict.fromkeys(name for network in peers for name in network["psnr"]))
        lines = [f"| {degradation} | " + " | ".join(sets) + " |", "|---|" + "---|" * len(sets)]
        for checkpoint in checkpoints:
            if checkpoint.startswith("teacher-") and checkpoint != f"teacher-{degradation}":
                continue
            cells = [own.get((name, checkpoint)) for name in sets]
            shown = ["" if cell is None else f"{cell:.2f}" for cell in cells]
            lines.append(f"| {checkpoint} | " + " | ".join(shown) + " |")
        for network in peers:
            shown = [_measured(network["psnr"].get(name)) for name in sets]
            lines.append(f"| {network['network']} | " + " | ".join(shown) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _measured(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return ""
    shown = f"{figure['psnr']:.2f}" + ("*" if figure.get("own_training_split") else "")
    return f"{shown} ({figure['photos']} photos: {figure['input']:.2f})" if "photos" in figure else shown

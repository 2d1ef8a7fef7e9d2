"""The checkpoint that does across a photo what a given one does up and down it, and the other way round.

    python -m train.transpose --checkpoint runs/blur/teacher-blur.safetensors --out runs/teacher-blur.safetensors

A network meets blur in every direction alike, and still may learn to undo a vertical path long before a horizontal one.
Where photos are mostly shaken sideways, its mirror image across the diagonal is the better network, at no training.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from train.provenance import git_commit, lineage
from train.start import command
from uniremoval import checkpoint
from uniremoval.errors import CheckpointError
from uniremoval.networks import RestorationNet


def transpose(path: Path, name: str, out: Path) -> None:
    """Write the transposed network to `out`, with the card of `path` under this name, and `path` as its parent.

    Raises CheckpointError where `path` does not hold a restoration network.
    """
    network, card = checkpoint.load(path)
    if not isinstance(network, RestorationNet):
        raise CheckpointError(f"{path}: holds a '{card.network}'; only a 'restorer' can be transposed.")
    stem, state = network.config.stem, network.state_dict()
    for key, value in state.items():
        state[key] = value.mT.clone() if value.ndim == 4 else value
    state["head.weight"] = _shuffled(state["head.weight"].transpose(0, 1), stem).transpose(0, 1)
    for key in ("tail.weight", "tail.bias"):
        state[key] = _shuffled(state[key], stem)
    network.load_state_dict(state)
    training = {"options": {}, "git_commit": git_commit(), "parents": [lineage(path, "transposed")]}
    checkpoint.save(out, network, replace(card, name=name, training=training, scores=[]))


def _shuffled(channels: Tensor, stem: int) -> Tensor:
    """Channels along the first axis, as a pixel shuffle orders them -> those of the transposed photo."""
    return channels.unflatten(0, (-1, stem, stem)).transpose(1, 2).flatten(0, 2)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE")
    parser.add_argument("--name", help="on the card (that of the file)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(argv)
    transpose(options.checkpoint, options.name or options.out.stem, options.out)


if __name__ == "__main__":
    command(main)

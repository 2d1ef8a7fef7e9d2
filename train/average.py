"""The mean of several checkpoints' weights, which is often better than each of them.

    python -m train.average --checkpoints BEFORE AFTER --shares 0.4 0.6 --out runs/student.safetensors

Checkpoints that descend from one another err in different ways, and what only one of them does, such as a patch in an
even sky, fades in the mean (Wortsman et al. 2022, "Model soups" and "Robust fine-tuning of zero-shot models"). Ones
trained apart from scratch have nothing to average.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from train.engine.provenance import git_commit, lineage
from train.engine.start import command
from uniremoval import checkpoint
from uniremoval.errors import CheckpointError


def average(paths: Sequence[Path], shares: Sequence[float], name: str, out: Path) -> None:
    """Write the mean to `out`, with the card of the last checkpoint under this name, and all as its parents.

    shares: one per checkpoint; only their proportions count.

    Raises CheckpointError where shapes or shares do not match.
    """
    if len(shares) != len(paths) or len(paths) < 2 or min(shares) < 0 or not sum(shares):
        raise CheckpointError(f"--shares: {len(shares)} for {len(paths)} checkpoints; give one, from 0 up, for each.")
    loaded = [checkpoint.load(path) for path in paths]
    network, card = loaded[-1]
    for path, (_, other) in zip(paths, loaded, strict=True):
        if (other.network, other.config) != (card.network, card.config):
            raise CheckpointError(f"{path}: is of another shape than {paths[-1]}, so there is no mean; name another.")
    states = [each.state_dict() for each, _ in loaded]
    weights = torch.tensor(shares, dtype=torch.float64) / sum(shares)
    network.load_state_dict(
        {key: sum(w * state[key] for w, state in zip(weights.tolist(), states, strict=True)) for key in states[0]}
    )
    parents = [lineage(path, f"{100 * w:.0f} % of the mean") for path, w in zip(paths, weights.tolist(), strict=True)]
    training = {"options": {"shares": list(shares)}, "git_commit": git_commit(), "parents": parents}
    checkpoint.save(out, network, replace(card, name=name, training=training, scores=[]))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoints", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--shares", nargs="+", type=float, metavar="N", help="one per checkpoint (equal)")
    parser.add_argument("--name", help="on the card (that of the file)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(argv)
    shares = options.shares or [1.0] * len(options.checkpoints)
    average(options.checkpoints, shares, options.name or options.out.stem, options.out)


if __name__ == "__main__":
    command(main)

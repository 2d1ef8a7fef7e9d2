"""How a stage begins: with a fresh network or a checkpoint's, and with one sentence instead of a traceback when the
user's options cannot work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from train.config import TrainConfig
from train.engine.provenance import lineage
from uniremoval import checkpoint
from uniremoval.checkpoint import Card
from uniremoval.errors import CheckpointError, UniremovalError
from uniremoval.networks import RestorationNet


def command(main: Callable[[], None]) -> None:
    """Run a command; an error that the user can mend ends it with its sentence and exit code 1."""
    try:
        main()
    except UniremovalError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {error}. Check that --out can be written and the disk has room.")


def start_network(config: TrainConfig, parent: Path | None = None) -> tuple[RestorationNet, list[dict[str, Any]]]:
    """The network to train and the checkpoints in its ancestry.

    parent: the checkpoint that the stage builds on; `--init-from` goes before it. With either, the network has that
    checkpoint's shape; without, the options' shape and fresh weights. Raises CheckpointError.
    """
    path = config.init_from or parent
    if path is None:
        return RestorationNet(config.network), []
    network, _ = checkpoint.load(path)
    if not isinstance(network, RestorationNet):
        raise CheckpointError(f"{path}: not a restoration network; name one of this project's checkpoints.")
    return network.requires_grad_(True), [lineage(path, "start")]


def restorer_card(name: str, stage: checkpoint.Stage, kinds: tuple[Any, ...], network: RestorationNet) -> Card:
    """A card without training record, which the loop fills in."""
    return Card(name, stage, kinds, "coarse-to-fine", asdict(network.config))

"""The teachers, as the stages that learn from them see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from train.engine.coarse_to_fine import Squares, coarse_to_fine
from uniremoval import checkpoint
from uniremoval.errors import CheckpointError
from uniremoval.method import Degradation, Stage
from uniremoval.networks import RestorationNet


@dataclass(frozen=True)
class Answer:
    """Outputs of the teachers at one scale: restored, K*Nx3xhxw, and features, one list per degradation."""

    restored: Tensor
    features: list[list[Tensor]]


@torch.no_grad()
def consult(teachers: Sequence[nn.Module], photos: Sequence[Tensor], squares: Sequence[Squares]) -> list[Answer]:
    """Each teacher on its own degradation's share of the squares that `cut` gave: one answer per scale."""
    count = len(teachers)
    shares = zip(*(scale.chunk(count) for scale in photos), strict=True)
    answers = [coarse_to_fine(teacher, share, squares) for teacher, share in zip(teachers, shares, strict=True)]
    return [
        Answer(torch.cat([scale.restored for scale in scales]), [scale.features for scale in scales])
        for scales in zip(*answers, strict=True)
    ]


def load_teachers(paths: Sequence[Path]) -> dict[Degradation, RestorationNet]:
    """Teachers by degradation, in the order of `Degradation`. Raises CheckpointError where there are two of one."""
    found: dict[Degradation, RestorationNet] = {}
    for path in paths:
        network, card = checkpoint.load(path)
        if card.stage is not Stage.TEACHER:
            raise CheckpointError(f"--teachers {path}: is of stage {card.stage}; name checkpoints of train.teacher.")
        if card.degradations[0] in found:
            raise CheckpointError(f"--teachers {path}: is a second teacher for {card.degradations[0]}; name one.")
        found[card.degradations[0]] = network
    return {kind: found[kind] for kind in Degradation if kind in found}


def check_same_features(student: RestorationNet, teachers: Mapping[Degradation, RestorationNet]) -> None:
    """Features are compared tap by tap, so all networks need the same ones. Raises CheckpointError."""

    def taps(network: RestorationNet) -> tuple[int, int, int]:
        return network.config.width, network.config.stem, len(network.config.encoder_blocks)

    for kind, teacher in teachers.items():
        if taps(teacher) != taps(student):
            raise CheckpointError(
                f"--teachers: the teacher for {kind} has (width, stem, levels) {taps(teacher)}, the student "
                f"{taps(student)}; set --width, --encoder-blocks and --decoder-blocks so that they agree."
            )

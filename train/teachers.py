"""The teachers, as the stages that learn from them see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from uniremoval import checkpoint
from uniremoval.checkpoint import Degradation, Stage
from uniremoval.errors import CheckpointError
from uniremoval.networks import RestorationNet


@torch.no_grad()
def consult(teachers: Sequence[nn.Module], lq: Tensor, thumbnail: Tensor) -> tuple[Tensor, list[list[Tensor]]]:
    """Each teacher on its own degradation's share: all outputs (K*N photos), and features a degradation."""
    count = len(teachers)
    answers = [
        teacher(x, t, return_features=True)
        for teacher, x, t in zip(teachers, lq.chunk(count), thumbnail.chunk(count), strict=True)
    ]
    return torch.cat([image for image, _ in answers]), [features for _, features in answers]


def load_teachers(paths: Sequence[Path]) -> dict[Degradation, nn.Module]:
    """Teachers by degradation, in the order of `Degradation`. Raises CheckpointError when the set is not one each."""
    found: dict[Degradation, nn.Module] = {}
    for path in paths:
        network, card = checkpoint.load(path)
        if card.stage is not Stage.TEACHER:
            raise CheckpointError(f"--teachers {path}: is of stage {card.stage}; name checkpoints of train.teacher.")
        if card.degradations[0] in found:
            raise CheckpointError(f"--teachers {path}: is a second teacher for {card.degradations[0]}; name one.")
        found[card.degradations[0]] = network
    if len(found) < 2:
        raise CheckpointError(f"--teachers: {len(found)} given; a student needs at least two different ones.")
    return {kind: found[kind] for kind in Degradation if kind in found}


def check_same_features(student: RestorationNet, teachers: Mapping[Degradation, nn.Module]) -> None:
    """Features are compared tap by tap, so all networks need the same ones. Raises CheckpointError."""

    def taps(network: nn.Module) -> tuple[int, int, int]:
        return network.config.width, network.config.stem, len(network.config.encoder_blocks)

    for kind, teacher in teachers.items():
        if taps(teacher) != taps(student):
            raise CheckpointError(
                f"--teachers: the teacher for {kind} has (width, stem, levels) {taps(teacher)}, the student "
                f"{taps(student)}; set --width, --encoder-blocks and --decoder-blocks so that they agree."
            )

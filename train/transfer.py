"""Stage 1: knowledge transfer. One student learns from all teachers (Uni-Removal, section on knowledge transfer).

    python -m train.transfer --teachers TEACHER TEACHER TEACHER --clean PHOTOS --vgg-weights FILE --out runs/student

The student sees every degradation in every batch. On photos of degradation k it is to match the ground truth (L1), the
output of teacher k (L1), and, by the multi-grained contrastive loss, to be close to teacher k but far from what it
makes of the other degradations: in the space of VGG-19 (image grain) and in that of its own encoder (feature grain).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from train.config import ContrastiveConfig, option, parse
from train.data.sources import paired_data
from train.engine.coarse_to_fine import coarse_to_fine, cut, nested_squares
from train.engine.loop import Batch, Losses, Networks, Recipe, prepare, run
from train.engine.provenance import lineage
from train.engine.start import command, restorer_card, start_network
from train.engine.teachers import check_same_features, consult, load_teachers
from train.losses.contrastive import Contrast, distance, mgcl
from train.losses.distillation import DISTANCES
from train.losses.fidelity import fidelity_of_scales
from train.losses.grains import by_degradation, fade_in, glimpse
from train.losses.vgg import LAYER_WEIGHTS, VGGFeatures
from uniremoval.errors import CheckpointError
from uniremoval.method import Stage

CONTRASTIVE = "contrastive"


@dataclass(frozen=True)
class TransferConfig(ContrastiveConfig):
    teachers: tuple[Path, ...] = option((), "one teacher checkpoint per degradation, in any order")
    lambda_teacher: float = option(0.2, "weight of L1 to the teacher's output", least=0)
    lambda_image: float = option(0.1, "weight of the contrastive loss at the image grain", least=0)
    vgg_every: int = option(1, "steps between those with VGG-19, which then counts that many times", least=1)
    lambda_feature: float = option(0.03, "weight of the loss at the feature grain", least=0)
    feature_loss: str = option(CONTRASTIVE, "loss at the feature grain", (CONTRASTIVE, *DISTANCES))


def losses(
    teachers: Sequence[nn.Module], vgg: VGGFeatures, config: TransferConfig, networks: Networks, batch: Batch, step: int
) -> Losses:
    """Fidelity (as a teacher's) + lambda_teacher L1 to the teachers + lambda_image MGCL(VGG-19) + lambda_feature
    MGCL(encoder), fidelity and L1 over all scales. The contrastive losses look at one scale a step, each in its
    turn: a degradation is as wide as its scale, and so is what tells it from another. VGG-19 takes most of a step, so
    with `vgg_every` n it is asked in every n-th, and counts n times."""
    count = len(teachers)
    lq, gt = (batch[key].transpose(0, 1).flatten(0, 1) for key in ("lq", "gt"))
    squares = nested_squares(lq.shape[-1], config.patch, config.patches, step)
    photos = cut(lq, squares)
    scales = coarse_to_fine(networks["student"], photos, squares)
    answers = consult(teachers, photos, squares)
    turn = step // config.vgg_every % len(scales)
    own, taught = scales[turn], answers[turn]

    total, logs = fidelity_of_scales([scale.restored for scale in scales], cut(gt, squares), config.lambda_log)
    apart = [distance(scale.restored, answer.restored) for scale, answer in zip(scales, answers, strict=True)]
    to_teacher = torch.stack(apart).mean()
    feature, feature_logs = _at_feature_grain(by_degradation(own.features, count), taught.features, config)
    fade = fade_in(step, config.contrast_warmup)
    total = total + config.lambda_teacher * to_teacher + fade * config.lambda_feature * feature
    logs |= {"l1_teacher": to_teacher} | feature_logs

    if config.lambda_image and step % config.vgg_every == 0:
        with torch.no_grad():
            positives = by_degradation(vgg(glimpse(taught.restored, config.vgg_patch, step)), count)
        seen = by_degradation(vgg(glimpse(own.restored, config.vgg_patch, step)), count)
        image = mgcl(seen, positives, LAYER_WEIGHTS)
        total = total + fade * config.vgg_every * config.lambda_image * image.loss
        logs |= contrast_logs("image", image)
    yield "student", total, logs


def _at_feature_grain(
    student: list[list[Tensor]], teachers: list[list[Tensor]], config: TransferConfig
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss between features by degradation, and what of it is logged."""
    if config.feature_loss == CONTRASTIVE:
        term = mgcl(student, teachers)
        return term.loss, contrast_logs("feature", term)
    apart = DISTANCES[config.feature_loss]
    loss = torch.stack([apart(own, taught) for own, taught in zip(student, teachers, strict=True)]).mean()
    return loss, {"feature": loss.detach()}


def contrast_logs(grain: str, term: Contrast) -> dict[str, Tensor]:
    """The loss of a grain and its distances a layer, by the names they have in the log."""
    logs = {grain: term.loss}
    for layer, (d_ap, d_an) in enumerate(zip(term.d_ap, term.d_an, strict=True)):
        logs |= {f"{grain}/d_ap{layer}": d_ap, f"{grain}/d_an{layer}": d_an}
    return logs


def main(argv: list[str] | None = None) -> None:
    config = parse(TransferConfig, __doc__, argv)
    accelerator = prepare(config)
    teachers = load_teachers(config.teachers)
    if len(teachers) < 2:
        raise CheckpointError(f"--teachers: {len(teachers)} given; a student needs at least two different ones.")
    vgg = VGGFeatures(config.vgg_weights)
    network, parents = start_network(config)
    check_same_features(network, teachers)
    data, validation = paired_data(config, list(teachers))
    card = restorer_card(config.name or "student", Stage.TRANSFER, tuple(teachers), network)
    recipe = Recipe(
        card,
        {"student": network},
        partial(losses, list(teachers.values()), vgg, config),
        data,
        validation,
        frozen=[vgg, *teachers.values()],
        lineage=[*parents, *(lineage(path, "teacher") for path in config.teachers)],
    )
    run(recipe, config, accelerator)


if __name__ == "__main__":
    command(main)

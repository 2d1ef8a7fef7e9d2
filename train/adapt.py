"""Stage 2: domain adaptation. The student meets real photos, for which there are no pairs (Uni-Removal, section on
adaptation).

    python -m train.adapt --student runs/student/student.safetensors --clean PHOTOS --real REAL --out runs/adapted

A discriminator learns to tell restored real photos from real clear ones, and the student to pass for clear. The
extended contrastive loss pulls its output towards a batch of unrelated clear photos and away from other degraded ones,
at image and feature grain. Clear photos must come out as they went in (identity), and no photo may drift in brightness,
colour or layout (content): without that term both games can be won by repainting. Content is what the teacher of the
photo's degradation makes of it, if `--teachers` holds one: name those that are better at it than the student, which can
still learn that from them. Otherwise it is what the student made of the photo before. Synthetic
pairs beside the real photos keep alive what they taught; `--lambda-pairs 0` leaves them out, as the paper does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from train.config import ContrastiveConfig, option, parse
from train.data.sources import paired_data, unpaired_data
from train.data.together import Together
from train.engine.coarse_to_fine import coarse_to_fine, cut, nested_squares
from train.engine.loop import Batch, Losses, Networks, Recipe, prepare, run
from train.engine.provenance import lineage
from train.engine.start import command, restorer_card, start_network
from train.engine.teachers import consult, load_teachers
from train.losses.adversarial import discriminator_loss, generator_loss
from train.losses.contrastive import distance, ex_mgcl
from train.losses.fidelity import fidelity_of_scales
from train.losses.grains import fade_in, glimpse
from train.losses.vgg import LAYER_WEIGHTS, VGGFeatures
from uniremoval import checkpoint
from uniremoval.errors import CheckpointError
from uniremoval.method import Stage
from uniremoval.networks import DiscriminatorConfig, PatchDiscriminator


@dataclass(frozen=True)
class AdaptConfig(ContrastiveConfig):
    student: Path | None = option(None, "checkpoint of train.transfer to adapt")
    teachers: tuple[Path, ...] = option((), "teachers, at most one per degradation, for the content (the student)")
    optimizer: str = option("adamw", "what takes the steps of student and discriminator", ("muon", "adamw"))
    lr: float = option(5e-5, "peak learning rate, for student and discriminator", least=0)
    lambda_adversarial: float = option(0.0005, "weight of the adversarial loss; lower it when textures appear", least=0)
    lambda_image: float = option(0.005, "weight of the extended contrastive loss at the image grain", least=0)
    lambda_feature: float = option(0.001, "weight of the extended contrastive loss at the feature grain", least=0)
    lambda_identity: float = option(
        1.0, "weight of L1 between clear photos and what the student makes of them", least=0
    )
    lambda_content: float = option(
        3.0, "weight of L1 to what the teachers, or else the unadapted student, make of it", least=0
    )
    lambda_pairs: float = option(1.0, "weight of a teacher's losses on synthetic pairs; 0 leaves them out", least=0)
    discriminator_width: int = option(32, "discriminator: channels of the first layer", least=1)


def losses(
    guides: Sequence[nn.Module], vgg: VGGFeatures, config: AdaptConfig, networks: Networks, batch: Batch, step: int
) -> Losses:
    """Student: adversarial + EX-MGCL at both grains + identity + content + pairs; then the discriminator's hinge loss.
    Identity, content and pairs count at every scale, what judges the look of a photo at the finest.

    guides: one network per degradation, in the batch's order, whose output the content is.
    """
    degraded, clear = (batch[key].transpose(0, 1).flatten(0, 1) for key in ("real", "clear"))
    squares = nested_squares(degraded.shape[-1], config.patch, config.patches, step)
    degraded_scales, clear_scales = cut(degraded, squares), cut(clear, squares)
    restored_scales = coarse_to_fine(networks["student"], degraded_scales, squares)
    kept_scales = coarse_to_fine(networks["student"], clear_scales, squares)
    guided = consult(guides, degraded_scales, squares)
    restored, features = restored_scales[-1].restored, restored_scales[-1].features
    clear_features = kept_scales[-1].features
    with torch.no_grad():
        clear_image = vgg(glimpse(clear_scales[-1], config.vgg_patch, step))
        degraded_image = vgg(glimpse(degraded_scales[-1], config.vgg_patch, step))

    image = ex_mgcl(vgg(glimpse(restored, config.vgg_patch, step)), clear_image, degraded_image, LAYER_WEIGHTS)
    feature = ex_mgcl(features, clear_features, features)
    adversarial = generator_loss(networks["discriminator"](glimpse(restored, 0, step)))
    identity = _mean_distance([scale.restored for scale in kept_scales], clear_scales)
    content = _mean_distance([scale.restored for scale in restored_scales], [answer.restored for answer in guided])
    fade = fade_in(step, config.contrast_warmup)
    total = config.lambda_identity * identity + config.lambda_content * content
    total = total + fade * (
        config.lambda_adversarial * adversarial
        + config.lambda_image * image.loss
        + config.lambda_feature * feature.loss
    )
    logs = {"adversarial": adversarial, "identity": identity, "content": content}
    if config.lambda_pairs:
        lq, gt = (batch[key].transpose(0, 1).flatten(0, 1) for key in ("lq", "gt"))
        squares = nested_squares(lq.shape[-1], config.patch, config.patches, step)
        scales = coarse_to_fine(networks["student"], cut(lq, squares), squares)
        pairs, figures = fidelity_of_scales([scale.restored for scale in scales], cut(gt, squares), config.lambda_log)
        total = total + config.lambda_pairs * pairs
        logs |= figures
    for grain, term in (("image", image), ("feature", feature)):
        logs |= {grain: term.loss, f"{grain}/d_ap": term.d_ap.mean(), f"{grain}/d_an": term.d_an.mean()}
    yield "student", total, logs

    finest = (clear_scales[-1], restored.detach())
    real, fake = (networks["discriminator"](glimpse(photos, 0, step)) for photos in finest)
    yield "discriminator", discriminator_loss(real, fake), {"real": real.mean(), "fake": fake.mean()}


def _mean_distance(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> Tensor:
    """Mean over the scales of the distance between what lies at each."""
    return torch.stack([distance(a, b) for a, b in zip(ours, theirs, strict=True)]).mean()


def main(argv: list[str] | None = None) -> None:
    config = parse(AdaptConfig, __doc__, argv)
    if config.student is None:
        raise CheckpointError("--student is missing: name the checkpoint of train.transfer to adapt.")
    accelerator = prepare(config)
    before, student_card = checkpoint.load(config.student)
    if student_card.stage is Stage.TEACHER:
        raise CheckpointError(f"--student {config.student}: is a teacher; name a checkpoint of train.transfer.")
    vgg = VGGFeatures(config.vgg_weights)
    network, parents = start_network(config, config.student)
    kinds = student_card.degradations
    teachers = load_teachers(config.teachers)
    guides = [teachers.get(kind, before) for kind in kinds]
    parents = [*parents, *(lineage(path, "teacher") for path in config.teachers)]
    pairs, validation = paired_data(config, kinds)
    unpaired = unpaired_data(config, kinds)
    data = Together(unpaired, pairs) if config.lambda_pairs else unpaired
    recipe = Recipe(
        restorer_card(config.name or "student-adapted", Stage.ADAPTATION, kinds, network),
        {"student": network, "discriminator": PatchDiscriminator(DiscriminatorConfig(config.discriminator_width))},
        partial(losses, guides, vgg, config),
        data,
        validation,
        frozen=[*guides, vgg],
        lineage=parents,
        keep_best=False,
    )
    run(recipe, config, accelerator)


if __name__ == "__main__":
    command(main)

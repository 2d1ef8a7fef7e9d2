"""Stage 0: one teacher per degradation, on synthetic pairs, with L1 and the logarithm of the error.

    python -m train.teacher --degradation haze --clean PHOTOS --out runs/teacher-haze

A teacher is a specialist: the same network as the student, but only one degradation to learn. It sees clean photos
that the code degrades on the fly, and some of them untouched, so that it leaves clear photos alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from train.config import TrainConfig, option, parse
from train.data.sources import paired_data
from train.engine.coarse_to_fine import coarse_to_fine, cut, nested_squares
from train.engine.loop import Batch, Losses, Networks, Recipe, prepare, run
from train.engine.start import command, restorer_card, start_network
from train.losses.fidelity import fidelity_of_scales
from uniremoval.method import Degradation, Stage


@dataclass(frozen=True)
class TeacherConfig(TrainConfig):
    degradation: str = option("haze", "what this teacher removes", tuple(Degradation))


def losses(config: TrainConfig, networks: Networks, batch: Batch, step: int) -> Losses:
    """L1 + lambda_log log error, both between the restored and the clean photo, mean over the scales."""
    lq, gt = (batch[key].flatten(0, 1) for key in ("lq", "gt"))
    squares = nested_squares(lq.shape[-1], config.patch, config.patches, step)
    scales = coarse_to_fine(networks["teacher"], cut(lq, squares), squares)
    loss, logs = fidelity_of_scales([scale.restored for scale in scales], cut(gt, squares), config.lambda_log)
    yield "teacher", loss, logs


def main(argv: list[str] | None = None) -> None:
    config = parse(TeacherConfig, __doc__, argv)
    accelerator = prepare(config)
    kind = Degradation(config.degradation)
    network, lineage = start_network(config)
    data, validation = paired_data(config, [kind])
    card = restorer_card(config.name or f"teacher-{kind}", Stage.TEACHER, (kind,), network)
    recipe = Recipe(card, {"teacher": network}, partial(losses, config), data, validation, lineage=lineage)
    run(recipe, config, accelerator)


if __name__ == "__main__":
    command(main)

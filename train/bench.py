"""How fast training is on this machine, and how much of it waits for data.

    python -m train.bench --clean PHOTOS

Trains one teacher per degradation and a student of all three for a few steps each, with fresh networks and photos that
are decoded already, as they are once a run has seen them all. Takes the options of `train.transfer`. Columns: views per
second that loading and degrading alone come to; views and patches per second of whole steps; the share of the time
that steps wait for views.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from train import teacher, transfer
from train.config import parse
from train.data.paired import PairedViews
from train.data.sources import paired_data
from train.engine.coarse_to_fine import nested_squares
from train.engine.items import loader, prepared_ahead
from train.engine.log import FILE
from train.engine.loop import Recipe, prepare, run
from train.engine.provenance import hardware
from train.engine.start import command, restorer_card
from train.losses.vgg import VGGFeatures
from uniremoval.method import Degradation, Stage
from uniremoval.networks import RestorationNet

KINDS = (Degradation.HAZE, Degradation.RAIN, Degradation.BLUR)
PHOTOS = 24
LONGEST = 40
"""Steps, the first half of which warm up, unless --steps says fewer."""
HEADER = f"{'':12}{'data alone':>12}{'views/s':>10}{'patches/s':>11}{'waiting':>9}"


def main(argv: list[str] | None = None) -> None:
    config = parse(transfer.TransferConfig, __doc__, argv)
    steps = max(2, min(config.steps, LONGEST) // 2 * 2)
    config = dataclasses.replace(config, steps=steps, log_every=steps // 2, eval_every=steps, eval_views=1)
    accelerator = prepare(config)
    print(f"{hardware(accelerator.device)}, {config.views} views up to {config.view} pixels, {config.workers} workers")
    print(HEADER)
    for kinds in [*((kind,) for kind in KINDS), KINDS]:
        data, validation = paired_data(config, kinds)
        _decode(data)
        alone = _views_per_second(data, config, accelerator.device)
        figures = _trained(kinds, data, validation, config, accelerator)
        views = figures["views_per_second"]
        patches = views * _squares_per_view(data, config)
        name = kinds[0] if len(kinds) == 1 else "student"
        print(f"{name:12}{alone:12.1f}{views:10.1f}{patches:11.1f}{figures['waiting']:9.2f}", flush=True)


def _decode(data: PairedViews) -> None:
    """Leave the data a few photos, kept decoded in memory."""
    data.photos.paths = data.photos.paths[:PHOTOS]
    for index in range(len(data.photos)):
        data.photos.view(index, data.sides[0], np.random.default_rng(0))


def _views_per_second(data: PairedViews, config: transfer.TransferConfig, device: torch.device) -> float:
    """Of loading and degrading over the second half of the steps."""
    half = config.steps // 2
    batches = prepared_ahead(data, loader(data, _steps(config), config.workers, device), device)
    for step in range(config.steps):
        if step == half:
            start = time.monotonic()
        batch = next(batches)
    batch["lq"].mean().item()
    return half * config.views * len(data.degradations) / (time.monotonic() - start)


def _trained(
    kinds: Sequence[Degradation],
    data: PairedViews,
    validation: PairedViews,
    config: transfer.TransferConfig,
    accelerator: Accelerator,
) -> dict[str, float]:
    """The log line of the second half of a run's steps."""
    network = RestorationNet(config.network)
    if len(kinds) == 1:
        name, losses, frozen = "teacher", partial(teacher.losses, config), []
    else:
        teachers = [RestorationNet(config.network) for _ in kinds]
        vgg = VGGFeatures(config.vgg_weights)
        name, losses, frozen = "student", partial(transfer.losses, teachers, vgg, config), [vgg, *teachers]
    card = restorer_card(name, Stage.TEACHER if len(kinds) == 1 else Stage.TRANSFER, tuple(kinds), network)
    with tempfile.TemporaryDirectory() as folder:
        recipe = Recipe(card, {name: network}, losses, data, validation, frozen, keep_best=False)
        run(recipe, dataclasses.replace(config, out=Path(folder)), accelerator)
        lines = [json.loads(line) for line in (Path(folder) / FILE).read_text().splitlines()]
    return [line for line in lines if "views_per_second" in line][-1]


def _squares_per_view(data: PairedViews, config: transfer.TransferConfig) -> float:
    """Mean over the second half of the steps; the coarsest scale counts as one square."""
    later = range(config.steps // 2, config.steps)
    squares = (nested_squares(data.side(step * config.views), config.patch, config.patches, step) for step in later)
    return sum(len(scale.corners) for view in squares for scale in view) / len(later)


def _steps(config: transfer.TransferConfig) -> list[list[int]]:
    return [list(range(step * config.views, (step + 1) * config.views)) for step in range(config.steps)]


if __name__ == "__main__":
    command(main)

"""From a run's options to its datasets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from train.config import TrainConfig
from train.data.batch import Shares
from train.data.folders import PairFolder, PhotoFolder, pair_folder, photo_folder, split
from train.data.paired import PairedViews
from train.data.samples import sample_photos, write_degraded_samples
from train.data.unpaired import UnpairedPhotos
from uniremoval.errors import PhotoError
from uniremoval.method import Degradation

VALIDATION_SEED = 1_000_003


def paired_data(config: TrainConfig, kinds: Sequence[Degradation]) -> tuple[PairedViews, PairedViews]:
    """Training and validation pairs: other photos, and the same degradations each time. Raises PhotoError."""
    training, held_out = split(_clean(config))
    ready = _ready_pairs(config, kinds)
    return (
        PairedViews(
            training,
            kinds,
            length=config.steps * config.views,
            together=config.views,
            view=config.view,
            seed=config.seed,
            shares=Shares(config.untouched, config.dull, config.camera, config.walled, config.enlarged),
            ready=ready,
        ),
        PairedViews(
            held_out,
            kinds,
            length=config.eval_views,
            together=1,
            view=config.view,
            seed=VALIDATION_SEED,
            shares=Shares(untouched=0.0, camera=config.camera),
        ),
    )


def unpaired_data(config: TrainConfig, kinds: Sequence[Degradation]) -> UnpairedPhotos:
    """Real degraded photos from `real/<degradation>`, real clear ones from `clean`. Raises PhotoError."""
    if config.real is None and config.clean is not None:
        raise PhotoError("--real is missing: name a folder with real photos in haze/, rain/ and blur/.")
    real = config.real or write_degraded_samples(config.out / "samples")
    clear, _ = split(_clean(config))
    return UnpairedPhotos(
        [photo_folder(Path(real) / kind) for kind in kinds],
        clear,
        length=config.steps * config.views,
        together=config.views,
        view=config.view,
        seed=config.seed,
    )


def _ready_pairs(config: TrainConfig, kinds: Sequence[Degradation]) -> dict[Degradation, PairFolder]:
    ready = {}
    for text in config.pairs:
        kind, _, folder = text.partition("=")
        if kind not in kinds or not folder:
            raise PhotoError(f"--pairs {text}: write it as DEGRADATION=DIR with one of {', '.join(kinds)}.")
        ready[Degradation(kind)] = pair_folder(Path(folder))
    return ready


def _clean(config: TrainConfig) -> PhotoFolder:
    return PhotoFolder(sample_photos()) if config.clean is None else photo_folder(config.clean)

"""Options of the training commands: frozen dataclasses, turned into command-line options, with presets."""

from __future__ import annotations

import argparse
import dataclasses
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from uniremoval.networks import RestorerConfig

Config = TypeVar("Config", bound="TrainConfig")


def option(default: Any, text: str, choices: tuple[str, ...] | None = None) -> Any:
    """A dataclass field that documents itself on the command line."""
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True)
class TrainConfig:
    """What every stage has in common. A view is a square cut from a photo and degraded as a whole; patches are cut
    from it. One step sees `views` views, each of `patches` patches, of every degradation."""

    out: Path = option(Path("runs/latest"), "folder for checkpoints, state, log and TensorBoard files")
    clean: Path | None = option(None, "folder of clear photos; left out in the smoke preset: scikit-image's")
    real: Path | None = option(None, "folder with real degraded photos in haze/, rain/ and blur/ (adaptation)")
    pairs: tuple[str, ...] = option((), "DEGRADATION=DIR ...: ready pairs, from which half of the views then come")
    name: str = option("", "name on the card of the checkpoint; default: that of the stage")
    init_from: Path | None = option(None, "checkpoint to start from (a warm start; optimiser and schedule are new)")
    resume: bool = option(False, "go on from the state in --out, as if the run had never stopped")
    steps: int = option(100_000, "length of the run and of its schedule")
    max_minutes: float = option(0.0, "end after this many minutes, with a finished schedule; 0: no limit")
    views: int = option(4, "views a step and degradation, over all processes; more is steadier and slower")
    patches: int = option(2, "patches cut from each view; more spares decoding, but they resemble each other")
    view: int = option(256, "side of a view in pixels")
    patch: int = option(128, "side of a patch in pixels; larger for long blur")
    untouched: float = option(0.1, "share of views that are not degraded; more when clear photos come out changed")
    dull: float = option(0.1, "share of scenes without haze that are dull and warm; more when sunsets pass for it")
    camera: float = option(1.0, "share of degraded views that may get a camera's noise, softness and JPEG, too")
    lambda_log: float = option(0.1, "weight of the logarithm of the error beside L1, where pairs are learnt from")
    lr: float = option(5e-4, "peak learning rate of AdamW; halve it when the loss jumps")
    warmup: int = option(200, "steps of linear warm-up")
    clip: float = option(1.0, "largest gradient norm")
    ema: float = option(0.999, "decay of the averaged weights, which are what is saved")
    precision: str = option("bf16", "arithmetic of the networks", ("no", "bf16", "fp16"))
    workers: int = option(0, "processes that prepare data; 0: the training process itself")
    threads: int = option(0, "CPU threads of the networks; 0: as torch decides")
    seed: int = option(0, "of data, weights and everything drawn")
    log_every: int = option(50, "steps between lines in log.jsonl")
    eval_every: int = option(1000, "steps between validations")
    eval_views: int = option(12, "held-out views a validation and degradation")
    save_minutes: float = option(3.0, "minutes between saves of the state to resume from")
    cpu: bool = option(False, "stay on the CPU even where there is a GPU")
    width: int = option(32, "network: channels of the finest level")
    encoder_blocks: tuple[int, ...] = option((1, 2, 3), "network: residual blocks a level, finest first")
    decoder_blocks: tuple[int, ...] = option((1, 2, 3), "network: residual blocks a level, finest first")
    bottleneck_blocks: int = option(1, "network: residual blocks at the coarsest scale")
    context: int = option(64, "network: length of the whole-photo vector; 0: none")

    @property
    def network(self) -> RestorerConfig:
        """The network that these options describe."""
        names = {f.name for f in dataclasses.fields(RestorerConfig)} & {f.name for f in dataclasses.fields(self)}
        return RestorerConfig(**{name: getattr(self, name) for name in names})

    def as_card(self) -> dict[str, Any]:
        """Every option as JSON-ready values; folders and files by their last name alone."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}


@dataclass(frozen=True)
class ContrastiveConfig(TrainConfig):
    """What the two stages with contrastive losses share."""

    vgg_weights: str = option("", "VGG-19 file; empty: torchvision's, fetched once; 'random': random features")
    contrast_warmup: int = option(1000, "steps over which the contrastive terms fade in: their ratio explodes at first")
    vgg_patch: int = option(0, "side of the part of each patch that VGG-19 sees; 0: nearly all. 64 suits a CPU")


SMALL = {
    "width": 8,
    "encoder_blocks": (1, 1),
    "decoder_blocks": (1, 1),
    "context": 8,
    "view": 96,
    "patch": 64,
    "views": 2,
    "patches": 1,
}
PRESETS: dict[str, dict[str, Any]] = {
    "smoke": SMALL
    | {"steps": 12, "warmup": 2, "contrast_warmup": 4, "vgg_weights": "random"}
    | {"log_every": 4, "eval_every": 6, "eval_views": 2},
    "cpu": {"max_minutes": 60.0, "vgg_patch": 64},
    "gpu": {"steps": 150_000, "views": 16, "patches": 2, "workers": 12, "eval_every": 2500, "eval_views": 32},
    "paper": {"steps": 300_000, "views": 32, "patches": 1, "view": 320, "patch": 256, "workers": 16}
    | {"eval_every": 5000, "eval_views": 32},
}


def parse(config_type: type[Config], description: str, argv: list[str] | None = None) -> Config:
    """Command line -> config: the defaults, then the preset's values, then whatever options are given."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="cpu", help="a set of values to start from (cpu)")
    hints = typing.get_type_hints(config_type)
    for item in dataclasses.fields(config_type):
        flag = "--" + item.name.replace("_", "-")
        kind, required = hints[item.name], item.default is dataclasses.MISSING
        text = item.metadata["help"]
        if not required and item.default not in (None, "", False):
            text += f" ({_plain(item.default)})"
        if kind is bool:
            parser.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=text)
            continue
        many = typing.get_origin(kind) is tuple
        parser.add_argument(
            flag,
            type=_scalar(kind),
            nargs="+" if many else None,
            required=required,
            choices=item.metadata["choices"],
            default=argparse.SUPPRESS,
            metavar=None if item.metadata["choices"] else item.name.upper(),
            help=text,
        )
    given = vars(parser.parse_args(argv))
    names = {item.name for item in dataclasses.fields(config_type)}
    values = {key: value for key, value in PRESETS[given.pop("preset")].items() if key in names} | given
    return config_type(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


def _scalar(kind: Any) -> Any:
    """int for int, tuple[int, ...] and int | None."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is tuple:
        kind = next(part for part in typing.get_args(kind) if part not in (type(None), Ellipsis))
    return kind


def _plain(value: Any) -> Any:
    if isinstance(value, str) and "=" in value:
        kind, _, folder = value.partition("=")
        return f"{kind}={Path(folder).name}"
    if isinstance(value, Path) or (isinstance(value, str) and "/" in value):
        return Path(value).name
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value

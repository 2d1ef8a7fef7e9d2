"""Options of the training commands: frozen dataclasses, turned into command-line options, with presets."""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import types
import typing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from uniremoval.device import pick_device, pick_precision
from uniremoval.errors import UniremovalError
from uniremoval.networks import RestorerConfig

Config = TypeVar("Config", bound="TrainConfig")


class OptionError(UniremovalError):
    """An option of a training command cannot work."""


def option(
    default: Any,
    text: str,
    choices: tuple[str, ...] | None = None,
    *,
    least: float | None = None,
    most: float = math.inf,
    above: float | None = None,
) -> Any:
    """A dataclass field that documents itself on the command line. Its value, or each of several, is from `least` to
    `most`, or more than `above`; any finite number where both are None."""
    limits = {"least": least, "most": most, "above": above}
    return field(default=default, metadata={"help": text, "choices": choices} | limits)


@dataclass(frozen=True)
class TrainConfig:
    """Options of every stage. A view is a square cut from a photo and degraded as a whole. One step sees
    `views` views of every degradation, each whole at its coarsest scale and in `patches` patches at every finer one."""

    out: Path = option(Path("runs/latest"), "folder for checkpoints, state, log and TensorBoard files")
    clean: Path | None = option(None, "folder of clear photos; left out in the smoke preset: scikit-image's")
    real: Path | None = option(None, "folder with real degraded photos in haze/, rain/ and blur/ (adaptation)")
    pairs: tuple[str, ...] = option((), "DEGRADATION=DIR ...: ready pairs, from which a third of the views then come")
    name: str = option("", "name on the card of the checkpoint; default: that of the stage")
    init_from: Path | None = option(None, "checkpoint to start from (a warm start; optimiser and schedule are new)")
    resume: bool = option(False, "go on from the state in --out, as if the run had never stopped")
    steps: int = option(100_000, "length of the run and of its schedule", least=1)
    max_minutes: float = option(0.0, "end after this many minutes, with a finished schedule; 0: no limit", least=0)
    views: int = option(4, "views per step and degradation, over all processes; more is steadier and slower", least=1)
    patches: int = option(
        2, "patches of each view at each finer scale; more spares decoding, but they are alike", least=1
    )
    view: int = option(640, "side of the largest views in pixels; the smallest have 256", least=16)
    patch: int = option(128, "side of a patch in pixels; larger for long blur", least=16)
    untouched: float = option(
        0.1, "share of views that are not degraded; more when clear photos come out changed", least=0, most=1
    )
    dull: float = option(
        0.1, "share of scenes without haze that are dull and warm; more when sunsets pass for it", least=0, most=1
    )
    walled: float = option(
        0.3, "share of hazy scenes whose distance is even fog; more when fog comes out uneven", least=0, most=1
    )
    enlarged: float = option(
        0.2, "share of large views that are enlarged after they are degraded, as by a digital zoom", least=0, most=1
    )
    camera: float = option(
        1.0, "share of degraded views that may get a camera's noise, softness and JPEG, too", least=0, most=1
    )
    lambda_log: float = option(
        0.1, "weight of the logarithm of the error beside L1, where pairs are learnt from", least=0
    )
    optimizer: str = option("muon", "what takes the steps; muon learns more a step", ("muon", "adamw"))
    lr: float = option(5e-4, "peak learning rate; halve it when the loss jumps", least=0)
    warmup: int = option(200, "steps of linear warm-up", least=0)
    clip: float = option(1.0, "largest gradient norm", above=0)
    ema: float = option(0.999, "decay of the averaged weights, which are what is saved", least=0, most=1)
    precision: str = option(
        "auto", "arithmetic of the networks; no: fp32; auto: bf16 where it is faster", ("auto", "no", "bf16", "fp16")
    )
    workers: int = option(0, "processes that prepare data; 0: the training process itself", least=0)
    threads: int = option(0, "CPU threads of the networks; 0: as torch decides", least=0)
    seed: int = option(0, "of data, weights and everything drawn", least=0)
    log_every: int = option(50, "steps between lines in log.jsonl", least=1)
    eval_every: int = option(1000, "steps between validations", least=1)
    eval_views: int = option(12, "held-out views a validation and degradation", least=1)
    save_minutes: float = option(3.0, "minutes between saves of the state to resume from", least=0)
    cpu: bool = option(False, "stay on the CPU even where there is a GPU")
    width: int = option(32, "network: channels of the finest level")
    encoder_blocks: tuple[int, ...] = option((1, 2, 3), "network: residual blocks per level, finest first")
    decoder_blocks: tuple[int, ...] = option((1, 2, 3), "network: residual blocks per level, finest first")
    bottleneck_blocks: int = option(1, "network: residual blocks at the coarsest scale")

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
    """Options of the two stages with contrastive losses."""

    vgg_weights: str = option("", "VGG-19 file; empty: torchvision's, fetched once; 'random': random features")
    contrast_warmup: int = option(
        1000, "steps over which the contrastive terms fade in: their ratio explodes at first", least=0
    )
    vgg_patch: int = option(
        0, "side of the part of each patch that VGG-19 sees; 0: nearly all. 64 suits a CPU", least=0
    )


SMALL = {
    "width": 8,
    "encoder_blocks": (1, 1),
    "decoder_blocks": (1, 1),
    "view": 96,
    "patch": 64,
    "views": 2,
    "patches": 1,
}
PRESETS: dict[str, dict[str, Any]] = {
    "smoke": SMALL
    | {"steps": 12, "warmup": 2, "contrast_warmup": 4, "vgg_weights": "random", "vgg_patch": 32}
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
        flag = flag_of(item.name)
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
    options: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
    config = config_type(**options)
    if config.precision == "auto":
        device = pick_device("cpu" if config.cpu else "auto")
        config = replace(config, precision="bf16" if pick_precision("auto", device) == "bf16" else "no")
    check(config)
    return config


def check(config: TrainConfig) -> None:
    """Raises OptionError for the first option that cannot work."""
    for item in dataclasses.fields(config):
        flag, value, limits = flag_of(item.name), getattr(config, item.name), item.metadata
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, bool) or not isinstance(number, int | float):
                continue
            if limits["above"] is not None and not limits["above"] < number < math.inf:
                raise OptionError(f"{flag} {number:g}: must be a number above {limits['above']:g}.")
            if limits["least"] is not None and not limits["least"] <= number <= min(limits["most"], sys.float_info.max):
                most = "" if limits["most"] == math.inf else f" and at most {limits['most']:g}"
                raise OptionError(f"{flag} {number:g}: must be at least {limits['least']:g}{most}.")
    if config.patch > config.view:
        raise OptionError(
            f"--patch {config.patch}: a patch is cut from a view of --view {config.view}; make it smaller."
        )
    try:
        _ = config.network
    except ValueError as error:
        raise OptionError(f"--width, --encoder-blocks, --decoder-blocks, --bottleneck-blocks: {error}.") from error


def flag_of(name: str) -> str:
    """The option of a field."""
    return "--" + name.replace("_", "-")


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

"""The experiments that readers of the method ask for: what each loss is worth, at equal time and from equal seeds.

    python -m train.ablate --teachers T T T --clean PHOTOS --real REAL --vgg-weights FILE --budget-minutes 10 \
        --pairs PAIRS/* --real-test TEST/* --out results/ablations

Trains every variant below for the same number of minutes, from the same weights, and measures all of them, and the
teachers, on the same sets, as `train.evaluate` does. Run again after an interruption, it goes on: a finished variant is
not trained again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from train import evaluate
from train.engine.start import command
from uniremoval.errors import UniremovalError


@dataclass(frozen=True)
class Variant:
    """One training run: the stage's module, the options that make it different, and whose student it adapts."""

    name: str
    module: str
    options: tuple[str, ...]
    parent: str = ""


PLAIN = ("--lambda-teacher", "0", "--lambda-image", "0", "--lambda-feature", "0")
VARIANTS = (
    Variant("L1 alone", "transfer", PLAIN),
    Variant("distillation", "transfer", (*PLAIN, "--lambda-teacher", "0.2")),
    Variant("image grain", "transfer", ("--lambda-feature", "0")),
    Variant("feature grain", "transfer", ("--lambda-image", "0")),
    Variant("full MGCL", "transfer", ()),
    Variant("adversarial alone", "adapt", ("--lambda-image", "0", "--lambda-feature", "0"), "full MGCL"),
    Variant("EX-MGCL alone", "adapt", ("--lambda-adversarial", "0"), "full MGCL"),
    Variant("full adaptation", "adapt", (), "full MGCL"),
    Variant("more supervision instead", "transfer", PLAIN, "full MGCL"),
)


def main(argv: list[str] | None = None) -> None:
    options, passed_on = _parser().parse_known_args(argv)
    found: dict[str, Path] = {}
    for variant in VARIANTS:
        found[variant.name] = train(variant, found, options, passed_on)
    checkpoints = [str(path) for path in [*options.teachers, *found.values()]]
    measured = ["--checkpoint", *checkpoints, "--out", str(options.out)]
    for flag, folders in (("--pairs", options.pairs), ("--real", options.real_test)):
        measured += [flag, *map(str, folders)] if folders else []
    evaluate.main(measured)


def train(variant: Variant, found: dict[str, Path], options: argparse.Namespace, passed_on: list[str]) -> Path:
    """Run a variant, unless its checkpoint is there, and return that. Raises UniremovalError when the run fails."""
    name = variant.name.replace(" ", "-").lower()
    folder = options.out / "runs" / name
    path = folder / f"{name}.safetensors"
    if path.is_file():
        return path
    parent = found[variant.parent] if variant.parent else options.start
    arguments = ["--name", name, "--out", folder, "--max-minutes", options.budget_minutes, "--clean", options.clean]
    if variant.module == "transfer":
        arguments += ["--teachers", *options.teachers] + (["--init-from", parent] if parent else [])
    else:
        arguments += ["--student", parent, "--real", options.real]
    arguments += ["--vgg-weights", options.vgg_weights, *passed_on, *variant.options]
    process = subprocess.run([sys.executable, "-m", f"train.{variant.module}", *map(str, arguments)])
    if process.returncode:
        raise UniremovalError(f"the variant {variant.name!r} failed; mend the cause above and run again to go on.")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Other options (--preset, --width, ...) are passed on to every run.",
    )
    parser.add_argument("--teachers", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights every student starts from (random ones)")
    parser.add_argument("--clean", type=Path, required=True, metavar="DIR")
    parser.add_argument("--real", type=Path, required=True, metavar="DIR")
    parser.add_argument("--vgg-weights", default="", metavar="FILE")
    parser.add_argument("--budget-minutes", type=float, default=10.0, metavar="N", help="a variant (10)")
    parser.add_argument("--pairs", nargs="+", type=Path, default=[], metavar="DIR", help="sets to measure on")
    parser.add_argument("--real-test", nargs="+", type=Path, default=[], metavar="DIR", help="photos to measure on")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    return parser


if __name__ == "__main__":
    command(main)

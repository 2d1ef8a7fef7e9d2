"""The experiments that readers of the method ask for: what each loss is worth, and what it costs.

    python -m train.ablate --teachers T T T --clean PHOTOS --real REAL --vgg-weights FILE --steps 400 \
        --pairs PAIRS/* --real-test TEST/* --out results/ablations

Trains every variant below for the same number of steps, from the same weights and seed, measures all of them, and the
teachers, on the same sets, as `train.evaluate` does, and writes costs.md: seconds per step and memory. Run again after
an interruption, it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from train import evaluate
from train.engine import state
from train.engine.log import FILE
from train.engine.start import command
from uniremoval import checkpoint
from uniremoval.errors import UniremovalError


@dataclass(frozen=True)
class Variant:
    """One training run: the stage's module, the options that make it different, and the variant it goes on from, where
    no other student is given."""

    name: str
    module: str
    options: tuple[str, ...]
    parent: str = ""

    @property
    def checkpoint(self) -> str:
        """The name of what it leaves."""
        return self.name.replace(" ", "-").lower()


def _features(loss: str, weight: float) -> tuple[str, ...]:
    """Another loss than the contrastive one on features. weight: one with which it begins as large, at 0.15."""
    return ("--lambda-image", "0", "--feature-loss", loss, "--lambda-feature", str(weight))


PLAIN = ("--lambda-teacher", "0", "--lambda-image", "0", "--lambda-feature", "0")
VARIANTS = (
    Variant("no teachers", "transfer", PLAIN),
    Variant("distillation", "transfer", (*PLAIN, "--lambda-teacher", "0.2")),
    Variant("hints", "transfer", _features("hints", 3)),
    Variant("attention", "transfer", _features("attention", 0.6)),
    Variant("relations", "transfer", _features("relations", 2.5)),
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
    wanted = {variant.name for variant in VARIANTS if not options.variants or variant.name in options.variants}
    if not options.student:
        wanted |= {variant.parent for variant in VARIANTS if variant.name in wanted}
    for variant in VARIANTS:
        if variant.name in wanted:
            found[variant.name] = train(variant, found, options, passed_on)
    (options.out / "costs.md").write_text(costs(found))
    checkpoints = [str(path) for path in [*options.teachers, *found.values()]]
    measured = ["--checkpoint", *checkpoints, "--out", str(options.out)]
    for flag, folders in (("--pairs", options.pairs), ("--real", options.real_test)):
        measured += [flag, *map(str, folders)] if folders else []
    evaluate.main(measured)


def train(variant: Variant, found: dict[str, Path], options: argparse.Namespace, passed_on: list[str]) -> Path:
    """Run a variant to its end, if it is not there yet, and return its checkpoint. Raises UniremovalError when the run
    fails."""
    name = variant.checkpoint
    folder = options.out / "runs" / name
    path = folder / f"{name}.safetensors"
    begun = (folder / state.FILE).exists()
    if begun and checkpoint.read_card(path).training["steps"] >= options.steps:
        return path
    parent = (options.student or found[variant.parent]) if variant.parent else options.start
    arguments = ["--name", name, "--out", folder, "--steps", options.steps, "--max-minutes", 0]
    arguments += ["--clean", options.clean]
    if variant.module == "transfer":
        arguments += ["--teachers", *options.teachers] + (["--init-from", parent] if parent else [])
    else:
        arguments += ["--student", parent, "--real", options.real]
    arguments += ["--vgg-weights", options.vgg_weights, *passed_on, *variant.options, *(["--resume"] if begun else [])]
    process = subprocess.run([sys.executable, "-m", f"train.{variant.module}", *map(str, arguments)])
    if process.returncode:
        raise UniremovalError(f"the variant {variant.name!r} failed; mend the cause above and run again to go on.")
    return path


def costs(found: Mapping[str, Path]) -> str:
    """A Markdown table of what a step of each variant took; seconds are the median over the lines of its log.

    Runs too short for a line of figures are left out."""
    lines = ["| | seconds per step | peak memory, GB |", "|---|---|---|"]
    for path in found.values():
        logged = [json.loads(line) for line in (path.parent / FILE).read_text().splitlines()]
        if paced := [line for line in logged if "seconds_per_step" in line]:
            seconds, memory = median(line["seconds_per_step"] for line in paced), paced[-1]["peak_gigabytes"]
            lines.append(f"| {path.stem} | {seconds:.2f} | {memory:.2f} |")
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Other options (--preset, --width, ...) are passed on to every run.",
    )
    parser.add_argument("--teachers", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights every student starts from (random ones)")
    after = "the student that the variants of stage 2 go on from (that of the variant 'full MGCL', trained first)"
    parser.add_argument("--student", type=Path, metavar="FILE", help=after)
    parser.add_argument("--clean", type=Path, required=True, metavar="DIR")
    parser.add_argument("--real", type=Path, required=True, metavar="DIR")
    parser.add_argument("--vgg-weights", default="", metavar="FILE")
    parser.add_argument("--steps", type=int, default=400, metavar="N", help="of every variant (400)")
    names = [variant.name for variant in VARIANTS]
    parser.add_argument("--variants", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)} (all)")
    parser.add_argument("--pairs", nargs="+", type=Path, default=[], metavar="DIR", help="sets to measure on")
    parser.add_argument("--real-test", nargs="+", type=Path, default=[], metavar="DIR", help="photos to measure on")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    return parser


if __name__ == "__main__":
    command(main)

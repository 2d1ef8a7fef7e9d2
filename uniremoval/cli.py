"""The command line: `python -m uniremoval restore | score | checkpoints | bench`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from uniremoval.errors import UniremovalError

PROGRAM = "uniremoval"
FORMATS = ("png", "jpeg", "webp", "tiff", "bmp", "avif")
SCORES = ("brisque", "piqe")
REFERENCE_SCORES = ("psnr", "ssim")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 only if every file worked, 130 after Ctrl-C."""
    # Set before PyTorch is loaded: threads that wait by spinning slow each other down on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except UniremovalError as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        _complain("Stopped.")
        return 130


def _restore(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from uniremoval.batch import expand, restore_files
    from uniremoval.catalog import default_catalog
    from uniremoval.restore import Progress, load_restorer

    catalog = default_catalog(options.checkpoints, options.hub_repo)
    for problem in catalog.hub_problems:
        _complain(problem)
    restorer = load_restorer(options.checkpoint, device=options.device, precision=options.precision, catalog=catalog)
    sources, errors = expand(options.inputs)
    failed, done = len(errors), 0
    for error in errors:
        _complain(error)
    layout = "{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}]"
    with tqdm(total=len(sources), disable=None, bar_format=layout) as bar:

        def show(source: Path, progress: Progress) -> None:
            bar.set_description_str(f"{source.name}, tile {progress.tile} of {progress.tiles}", refresh=False)
            bar.n = done + progress.tile / progress.tiles
            bar.refresh()

        for outcome in restore_files(
            restorer,
            sources,
            options.output,
            format=options.format and options.format.upper(),
            quality=options.quality,
            tile=options.tile,
            ensemble=options.ensemble,
            max_megapixels=options.max_megapixels,
            on_progress=show,
        ):
            done += 1
            if outcome.error:
                failed += 1
                _complain(outcome.error, bar.write)
                continue
            for note in (*outcome.restored.photo.notes, *outcome.restored.notes):
                _complain(f"'{outcome.source.name}': {note}", bar.write)
            bar.write(str(outcome.path))
    return 1 if failed else 0


def _score(options: argparse.Namespace) -> int:
    from uniremoval.photo import decode
    from uniremoval.quality import compare, score

    reference = decode(options.reference, max_megapixels=options.max_megapixels) if options.reference else None
    names = SCORES + (REFERENCE_SCORES if reference else ())
    rows, failed = [], False
    for file in options.files:
        row: dict[str, Any] = {"file": str(file), **dict.fromkeys(names)}
        try:
            photo = decode(file, max_megapixels=options.max_megapixels)
            scores = score(photo.pixels)
            if reference:
                scores |= compare(photo.pixels, reference.pixels)
        except UniremovalError as error:
            _complain(error)
            failed = True
            row["reason"] = str(error)
        else:
            row |= {name: scores[name].value for name in names}
            reasons = dict.fromkeys(scores[name].reason for name in names if scores[name].value is None)
            if reasons:
                row["reason"] = "; ".join(filter(None, reasons))
        rows.append(row)
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        _print_table([name.upper() for name in names], names, rows)
    return 1 if failed else 0


def _print_table(titles: Sequence[str], names: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    print("  ".join(f"{title:>8}" for title in titles) + "  file")
    for row in rows:
        values = "  ".join("       -" if row[name] is None else f"{row[name]:8.3f}" for name in names)
        print(f"{values}  {row['file']}" + (f"  ({row['reason']})" if "reason" in row else ""))
    print("BRISQUE and PIQE: lower is better." + (" PSNR and SSIM: higher is better." if len(names) > 2 else ""))


def _checkpoints(options: argparse.Namespace) -> int:
    from uniremoval.catalog import default_catalog

    catalog = default_catalog(options.checkpoints, options.hub_repo)
    entries, problems = catalog.entries(), catalog.problems
    if options.json:
        print(json.dumps([asdict(entry.card) | {"source": entry.source} for entry in entries], indent=2))
    else:
        for entry in entries:
            megabytes = entry.size / 1e6
            removes = ", ".join(entry.card.degradations)
            print(f"{entry.name:20} {entry.card.stage:11} {removes:18} {megabytes:5.1f} MB  {entry.source}")
    for problem in problems:
        _complain(problem)
    return 1 if problems else 0


def _bench(options: argparse.Namespace) -> int:
    from uniremoval.bench.report import report
    from uniremoval.catalog import default_catalog

    report(default_catalog(options.checkpoints), options.checkpoint, options.megapixels)
    return 0


def _complain(message: object, write: Callable[..., None] | None = None) -> None:
    if write:
        write(f"{PROGRAM}: {message}", file=sys.stderr)
    else:
        print(f"{PROGRAM}: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Remove haze, rain and blur from photos.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    restore = commands.add_parser("restore", help="restore photos into a folder")
    restore.set_defaults(command=_restore)
    restore.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="photos, or folders of photos")
    restore.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder for the results")
    restore.add_argument(
        "--checkpoint", default="student-adapted", metavar="NAME", help="name or file (default: %(default)s)"
    )
    _add_checkpoints(restore)
    _add_hub_repo(restore)
    devices = "auto, cuda, cuda:1, mps or cpu"
    restore.add_argument("--device", default="auto", help=f"{devices} (default: %(default)s)")
    restore.add_argument("--precision", default="auto", choices=("auto", "bf16", "fp32"))
    restore.add_argument(
        "--tile",
        type=_at_least_one,
        metavar="PIXELS",
        help="longest side of a tile (default: as memory allows)",
    )
    restore.add_argument(
        "--ensemble",
        action="store_true",
        help="average over the photo and its three mirror images; takes four times as long",
    )
    _add_max_megapixels(restore)
    restore.add_argument("--format", choices=FORMATS, help="format of the results (default: each photo's own)")
    restore.add_argument(
        "--quality",
        type=_quality,
        default=95,
        metavar="1-100",
        help="of JPEG, WebP and AVIF (default: %(default)s)",
    )

    score = commands.add_parser("score", help="measure photos: BRISQUE and PIQE, and PSNR and SSIM by a reference")
    score.set_defaults(command=_score)
    score.add_argument("files", nargs="+", type=Path, metavar="FILE")
    score.add_argument("--reference", type=Path, metavar="FILE", help="the clean photo, of the same size")
    score.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _add_max_megapixels(score)

    checkpoints = commands.add_parser("checkpoints", help="list the checkpoints")
    checkpoints.set_defaults(command=_checkpoints)
    _add_checkpoints(checkpoints)
    _add_hub_repo(checkpoints)
    checkpoints.add_argument("--json", action="store_true", help="print the whole cards as JSON")

    bench = commands.add_parser("bench", help="measure speed and memory on this machine")
    bench.set_defaults(command=_bench)
    bench.add_argument("--checkpoint", metavar="NAME", help="default: student-adapted, or random weights without it")
    _add_checkpoints(bench)
    sizes = [0.25, 1.0, 12.0, 48.0]
    bench.add_argument(
        "--megapixels", type=_positive, nargs="+", default=sizes, metavar="N", help="sizes of photos: 0.25 1 12 48"
    )
    return parser


def _add_checkpoints(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoints",
        type=Path,
        metavar="DIR",
        help="folder of more checkpoints (or UNIREMOVAL_CHECKPOINTS)",
    )


def _add_hub_repo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hub-repo",
        metavar="OWNER/NAME",
        help="model repository on the Hugging Face Hub with more checkpoints, @REVISION if need be; fetched when used "
        "(or UNIREMOVAL_HUB_REPO)",
    )


def _add_max_megapixels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-megapixels",
        type=_positive,
        default=50.0,
        metavar="N",
        help="refuse larger photos (default: %(default)g)",
    )


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {value}")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0, not {value:g}")
    return value


def _quality(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"must be from 1 to 100, not {value}")
    return value

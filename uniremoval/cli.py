"""The command line: `python -m uniremoval restore | score | checkpoints | bench`."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from uniremoval.commands.terminal import (
    PROGRAM,
    Terminated,
    complain,
    ended_by_sigterm,
    leave,
    prepare_streams,
)
from uniremoval.errors import UniremovalError
from uniremoval.paths import STANDARD_INPUT, STANDARD_OUTPUT
from uniremoval.tiling import SMALLEST_TILE

EXTRA_SCORES = ("niqe", "ms_ssim", "fsim")
FORMATS = ("png", "jpeg", "webp", "tiff", "bmp", "avif")
FORMAT_HELP = (
    "format of the results (default: each photo's own; a GIF becomes PNG, HEIC becomes JPEG, or PNG with alpha or "
    "more than 8 bits)"
)

Number = TypeVar("Number", int, float)


def run() -> NoReturn:
    """The program as a process: `main`, then its end, without a word from Python of streams that nobody reads."""
    try:
        code = main()
    except SystemExit as end:  # argparse's
        code = end.code if isinstance(end.code, int) else 0
    leave(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 only if every file worked, 130 after Ctrl-C, 143 after SIGTERM."""
    # Set before PyTorch is loaded: threads that wait by spinning slow each other down on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    prepare_streams()
    options = _parser().parse_args(_files_told_from_options(sys.argv[1:] if arguments is None else arguments))
    try:
        with ended_by_sigterm():
            return options.command(options)
    except UniremovalError as error:
        complain(error)
        return 1
    except MemoryError:
        complain("Memory does not suffice; close other programs, or take a smaller photo.")
        return 1
    except Terminated as signal:
        return signal.code
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130


def _restore(options: argparse.Namespace) -> int:
    from uniremoval.commands.restore import restore

    return restore(options)


def _score(options: argparse.Namespace) -> int:
    from uniremoval.commands.score import score

    return score(options)


def _checkpoints(options: argparse.Namespace) -> int:
    from uniremoval.commands.checkpoints import checkpoints

    return checkpoints(options)


def _bench(options: argparse.Namespace) -> int:
    from uniremoval.commands.bench import bench

    return bench(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Remove haze, rain and blur from photos.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    restore = commands.add_parser("restore", help="restore photos into a folder")
    restore.set_defaults(command=_restore)
    restore.add_argument(
        "inputs", nargs="+", type=_input, metavar="INPUT", help="photos, folders of photos, or - for standard input"
    )
    restore.add_argument(
        "--recursive", action="store_true", help="also the photos in subfolders, into the same subfolders of DIR"
    )
    restore.add_argument(
        "-o",
        "--output",
        required=True,
        type=_output,
        metavar="DIR",
        help="folder for the results, or - for one photo to standard output",
    )
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
        type=_tile,
        metavar="PIXELS",
        help="longest side of a tile, at least 64 (default: as memory allows)",
    )
    restore.add_argument(
        "--ensemble",
        action="store_true",
        help="average over the photo and its three mirror images; takes four times as long",
    )
    restore.add_argument(
        "--strength",
        type=_share,
        default=1.0,
        metavar="0-1",
        help="how far to go from the photo as it is to the restored one (default: %(default)g)",
    )
    restore.add_argument(
        "--skip-existing",
        action="store_true",
        help="go on with an earlier run: leave photos out whose result is in DIR",
    )
    _add_max_megapixels(restore)
    restore.add_argument("--format", choices=FORMATS, help=FORMAT_HELP)
    restore.add_argument(
        "--quality",
        type=_quality,
        default=95,
        metavar="1-100",
        help="of JPEG, WebP and AVIF (default: %(default)s)",
    )

    score = commands.add_parser("score", help="measure photos: BRISQUE and PIQE, and PSNR and SSIM by a reference")
    score.set_defaults(command=_score)
    score.add_argument("files", nargs="+", type=_input, metavar="FILE", help="photos, or - for standard input")
    score.add_argument("--reference", type=_input, metavar="FILE", help="the clean photo, of the same size")
    score.add_argument(
        "--more",
        action="append",
        default=[],
        choices=EXTRA_SCORES,
        help="another score, in addition; may be given several times. MS-SSIM and FSIM need --reference",
    )
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


def _files_told_from_options(arguments: Sequence[str]) -> list[str]:
    """Where a file is called like an option, as -o.jpg is, it is meant: argparse would take it for `-o .jpg`."""
    told, options_end = [], False
    for text in arguments:
        options_end = options_end or text == "--"
        is_option = re.fullmatch(r"--?[a-z-]*", text) is not None
        is_file = text.startswith("-") and not is_option and not options_end and os.path.lexists(text)
        told.append(os.path.join(os.curdir, text) if is_file else text)
    return told


def _input(text: str) -> Path:
    return STANDARD_INPUT if text == "-" else Path(text)


def _output(text: str) -> Path:
    return STANDARD_OUTPUT if text == "-" else Path(text)


def _tile(text: str) -> int:
    return _checked(text, int, lambda value: value >= SMALLEST_TILE, f"a whole number of at least {SMALLEST_TILE}")


def _positive(text: str) -> float:
    return _checked(text, float, lambda value: 0 < value < math.inf, "a number above 0")


def _share(text: str) -> float:
    return _checked(text, float, lambda value: 0 <= value <= 1, "a number from 0 to 1")


def _quality(text: str) -> int:
    return _checked(text, int, lambda value: 1 <= value <= 100, "a whole number from 1 to 100")


def _checked(text: str, kind: type[Number], good: Callable[[Number], bool], words: str) -> Number:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not good(value):
        raise argparse.ArgumentTypeError(f"must be {words}, not {text}")
    return value

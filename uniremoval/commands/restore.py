"""`uniremoval restore`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from uniremoval.batch import check_output, restore_files, shared
from uniremoval.catalog import default_catalog
from uniremoval.coarse_to_fine import Progress, Restored
from uniremoval.commands.terminal import complain, one_line, say
from uniremoval.ensemble import restore_ensemble
from uniremoval.errors import PhotoError, UniremovalError
from uniremoval.paths import STANDARD_OUTPUT
from uniremoval.photo import decode, encode
from uniremoval.photo.encode import own_format
from uniremoval.photo.metadata import left_out
from uniremoval.restore import Restorer, load_restorer
from uniremoval.sources import Found, expand

LAYOUT = "{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}]"
PIPE_CLOSED = 141
"""The exit code of a program whose only reader has gone, as shells know it."""


def restore(options: argparse.Namespace) -> int:
    """Restores photos one by one; 0 only if every one of them was."""
    to_folder = options.output != STANDARD_OUTPUT
    if to_folder:
        check_output(options.output)
    catalog = default_catalog(options.checkpoints, options.hub_repo)
    for problem in catalog.hub_problems:
        complain(problem)
    restorer = load_restorer(options.checkpoint, device=options.device, precision=options.precision, catalog=catalog)
    found = expand(options.inputs, options.output if to_folder else None, recursive=options.recursive)
    rank, processes = own_place()
    for sentence in () if rank else (*found.skipped, *found.errors):
        complain(sentence)
    if not to_folder:
        return _to_standard_output(restorer, found, options)
    own = shared(found.sources, processes)[rank]
    if processes > 1:
        complain(f"RANK {rank} of WORLD_SIZE {processes}: restores {len(own)} of {len(found.sources)} photos.")
    failed, done, there, count = 0 if rank else len(found.errors), 0, 0, len(own)
    with tqdm(
        total=count, disable=True if rank else None, bar_format=LAYOUT, file=sys.stderr, dynamic_ncols=True
    ) as bar:
        show = _shower(bar, lambda: done, count)
        for outcome in restore_files(
            restorer,
            own,
            options.output,
            format=options.format and options.format.upper(),
            quality=options.quality,
            tile=options.tile,
            ensemble=options.ensemble,
            strength=options.strength,
            skip_existing=options.skip_existing,
            max_megapixels=options.max_megapixels,
            keep=(*found.results, *(source.path for source in found.sources)),
            on_progress=show,
        ):
            done += 1
            with bar.external_write_mode(file=sys.stderr):
                if outcome.error:
                    failed += 1
                    complain(outcome.error)
                    continue
                if outcome.restored:
                    _complain_of(outcome.source.name, outcome.restored)
                else:
                    there += 1
                failed += not say(outcome.path)
    if there:
        complain(f"{there} of {count} photos were restored before, and skipped.")
    return 1 if failed else 0


def own_place() -> tuple[int, int]:
    """The number of this process, from 0, and how many share the work, as torchrun and accelerate launch tell them.

    Raises UniremovalError where RANK and WORLD_SIZE make no sense.
    """
    given = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    if all(re.fullmatch("[0-9]{1,6}", value) for value in given) and 0 <= int(given[0]) < int(given[1]):
        return int(given[0]), int(given[1])
    raise UniremovalError(
        f"RANK {given[0]!r} and WORLD_SIZE {given[1]!r} name no process; start with torchrun, or unset both."
    )


def _shower(bar: tqdm, done: Callable[[], int], count: int) -> Callable[[Path, Progress], None]:
    def show(source: Path, progress: Progress) -> None:
        where = f"scale {progress.scale} of {progress.scales}, tile {progress.tile} of {progress.tiles}"
        name = one_line(source.name)
        bar.set_description_str(f"photo {done() + 1} of {count}: {name}, {where}", refresh=False)
        bar.n = done() + progress.share
        bar.refresh()

    return show


def _complain_of(name: str, restored: Restored) -> None:
    for note in (*restored.photo.notes, *restored.notes):
        complain(f"'{name}': {note}")


def _to_standard_output(restorer: Restorer, found: Found, options: argparse.Namespace) -> int:
    if found.errors:
        return 1
    if len(found.sources) != 1:
        raise PhotoError(f"-o - takes one photo, and there are {len(found.sources)}; give one, or a folder with -o.")
    if sys.stdout.isatty():
        raise PhotoError("-o - would write a photo to the terminal; send it to a file or a pipe, or give a folder.")
    [source] = found.sources
    photo = decode(source.path, max_megapixels=options.max_megapixels)
    with tqdm(total=1, disable=None, bar_format=LAYOUT, file=sys.stderr, dynamic_ncols=True) as bar:
        show = _shower(bar, lambda: 0, 1)
        run = partial(restore_ensemble, restorer) if options.ensemble else restorer.restore
        restored = run(photo, tile=options.tile, on_progress=lambda progress: show(source.path, progress))
    restored = replace(restored, photo=photo.towards(restored.photo.pixels, options.strength))
    format = options.format.upper() if options.format else own_format(photo)
    _complain_of(source.path.name, replace(restored, notes=(*restored.notes, *left_out(restored.photo, format))))
    data = encode(restored.photo, format, quality=options.quality)
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        return PIPE_CLOSED
    except OSError as error:
        raise PhotoError(f"Standard output cannot be written ({error.strerror}); check where it leads.") from error
    return 0

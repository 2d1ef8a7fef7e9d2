"""How good are checkpoints: PSNR and SSIM on pairs, BRISQUE and PIQE on real photos, always beside the input's own.

    python -m train.evaluate --checkpoint student student-adapted --pairs PAIRS/* --real REAL/* --out results

Writes results.json (means), results.csv (every photo), results.md (tables), plots, and a contact sheet a set: of a pair
set the best, the median and the worst case. Restorations are rounded to 8 bits and measured at native size, as files
would be. A pair set is a folder with input/ and target/, or in another published layout; `identity` is the PSNR between
its clean photos and what a checkpoint makes of them. `--enlarge 2 4` also shows the checkpoints every pair's degraded
photo 2 and 4 times as large, and measures what they make of it back at its size: cameras' photos are that large.
Resampling loses something by itself, so that the restoration at native size is measured after the same way, too.
`--even-fog` measures how even they leave fog around objects.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from train.data.even_fog import scenes, unevenness
from train.data.layouts import pairs_in
from train.engine.provenance import git_commit
from train.engine.start import command
from train.reporting.contact_sheet import contact_sheet
from train.reporting.plots import bar_chart, scatter
from train.reporting.tables import FIGURES, INPUT, means, tables
from uniremoval import checkpoint
from uniremoval.catalog import default_catalog
from uniremoval.errors import PhotoError
from uniremoval.photo import Photo, decode, photos_in
from uniremoval.quality import luma_psnr, psnr, score, ssim
from uniremoval.restore import Restorer, load_restorer

PLOTTED = ("psnr", "ssim", "brisque", "piqe")
Row = dict[str, Any]


def main(argv: list[str] | None = None) -> None:
    options = _options(argv)
    catalog = default_catalog(options.checkpoints)
    entries = [catalog.find(name) for name in options.checkpoint]
    restorers: dict[str, Restorer | None] = {INPUT: None}
    for entry in entries:
        restorers[entry.name] = load_restorer(entry.path, device=options.device, precision=options.precision)
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for folder in options.pairs:
        measured = _measured(measure_pairs(folder, restorers, options.enlarge), folder.name)
        shown = telling_pairs(folder, measured)
        targets = [clean for _, clean in shown]
        contact_sheet([path for path, _ in shown], restorers, options.out / f"sheet-{folder.name}.jpg", targets)
        rows += measured
    for folder in options.real:
        rows += _measured(measure_real(folder, restorers), folder.name)
        contact_sheet(_every(photos_in(folder), options.sheet), restorers, options.out / f"sheet-{folder.name}.jpg")
    if options.even_fog:
        rows += _measured(measure_even_fog(restorers), "even-fog")
    if not rows:
        raise PhotoError("nothing to measure: name sets with --pairs or --real, or add --even-fog.")
    summary = means(rows)
    (options.out / "results.json").write_text(json.dumps(summary, indent=1) + "\n")
    (options.out / "results.md").write_text(tables(summary))
    with (options.out / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    if find_spec("matplotlib"):
        for figure in PLOTTED:
            bar_chart(summary, figure, options.out / f"{figure}.png")
        scatter(rows, "brisque", "piqe", options.out / "scatter.png")
    else:
        print("no plots, because matplotlib is not installed")
    if options.update_cards:
        for entry in entries:
            record(entry.path, summary, options)
    print(tables(summary))


def record(path: Path, summary: Sequence[Row], options: argparse.Namespace) -> None:
    """Put what was measured on the card of the checkpoint at `path`, in place of older scores of the same sets."""
    network, card = checkpoint.load(path)
    parts = ["python -m train.evaluate --checkpoint", card.name]
    for flag, folders in (("--pairs", options.pairs), ("--real", options.real)):
        parts += [flag, *(folder.name for folder in folders)] if folders else []
    parts += ["--enlarge", *map(str, options.enlarge)] if options.enlarge else []
    parts += ["--even-fog"] if options.even_fog else []
    own = {entry["set"]: entry for entry in summary if entry["checkpoint"] == card.name}
    inputs = {entry["set"]: entry for entry in summary if entry["checkpoint"] == INPUT}
    scores = [score for score in card.scores if score["set"] not in own]
    for name, entry in own.items():
        before = {f"input_{key}": value for key, value in inputs[name].items() if key in FIGURES}
        scores.append({**entry, **before, "command": " ".join(parts), "git_commit": git_commit()})
    checkpoint.save(path, network, dataclasses.replace(card, scores=scores))


def measure_pairs(folder: Path, restorers: dict[str, Restorer | None], enlarge: Sequence[int] = ()) -> Iterator[Row]:
    """One row per photo and restorer (None stands for the input itself): psnr, ssim, psnr_y, identity, and for each n
    of `enlarge` psnr_<n>x, of what is restored n times as large, and resampled_<n>x, of what is enlarged afterwards."""
    for degraded_path, clean_path in pairs_in(folder):
        degraded, clean = decode(degraded_path), decode(clean_path)
        if degraded.size != clean.size:
            raise PhotoError(f"'{degraded_path}' is {degraded.size}, its partner {clean.size}; make both one size.")
        for name, restorer in restorers.items():
            pixels = _restored(restorer, degraded)
            row: Row = {"set": folder.name, "file": degraded_path.relative_to(folder).as_posix(), "checkpoint": name}
            row |= {"psnr": psnr(pixels, clean.pixels), "ssim": ssim(pixels, clean.pixels)}
            row["psnr_y"] = luma_psnr(pixels, clean.pixels)
            for factor in enlarge:
                large = Photo(resized(degraded.pixels, factor))
                row[f"psnr_{factor}x"] = psnr(resized(_restored(restorer, large), 1 / factor), clean.pixels)
                there_and_back = resized(resized(pixels, factor), 1 / factor)
                row[f"resampled_{factor}x"] = psnr(there_and_back, clean.pixels)
            if restorer is not None:
                row["identity"] = min(psnr(_restored(restorer, clean), clean.pixels), 100.0)
            yield row


def telling_pairs(folder: Path, rows: Sequence[Row]) -> list[tuple[Path, Path]]:
    """The pairs of a measured set on which PSNR rose most, middlingly and least (or fell), over all checkpoints."""
    gains: dict[str, float] = {}
    before = {row["file"]: row["psnr"] for row in rows if row["checkpoint"] == INPUT}
    for row in rows:
        gains[row["file"]] = gains.get(row["file"], 0.0) + row["psnr"] - before[row["file"]]
    ranked = sorted(pairs_in(folder), key=lambda pair: -gains[pair[0].relative_to(folder).as_posix()])
    return list(dict.fromkeys([ranked[0], ranked[len(ranked) // 2], ranked[-1]]))


def measure_real(folder: Path, restorers: dict[str, Restorer | None]) -> Iterator[Row]:
    """One row per photo and restorer: brisque and piqe; None where there is no score."""
    for path in photos_in(folder):
        photo = decode(path)
        for name, restorer in restorers.items():
            scores = score(_restored(restorer, photo))
            yield {"set": folder.name, "file": path.name, "checkpoint": name} | {
                key: value.value for key, value in scores.items()
            }


def measure_even_fog(restorers: dict[str, Restorer | None]) -> Iterator[Row]:
    """One row a scene and restorer: unevenness."""
    for number, scene in enumerate(scenes()):
        for name, restorer in restorers.items():
            pixels = _restored(restorer, Photo(scene.pixels))
            yield {"set": "even-fog", "file": str(number), "checkpoint": name} | {
                "unevenness": unevenness(pixels, scene.fog)
            }


def resized(pixels: np.ndarray, factor: float) -> np.ndarray:
    """HxWx3 in [0, 1] -> `factor` times as large, bicubic, smoothed first where it gets smaller."""
    height, width = (round(side * factor) for side in pixels.shape[:2])
    channels = [
        np.asarray(Image.fromarray(np.ascontiguousarray(channel)).resize((width, height), Image.Resampling.BICUBIC))
        for channel in pixels.transpose(2, 0, 1)
    ]
    return np.clip(np.stack(channels, axis=-1), 0, 1)


def _restored(restorer: Restorer | None, photo: Any) -> np.ndarray:
    """HxWx3 in [0, 1], rounded to 8 bits."""
    pixels = photo.pixels if restorer is None else restorer.restore(photo).photo.pixels
    return np.rint(pixels * 255).astype(np.float32) / 255


def _measured(rows: Iterator[Row], name: str) -> list[Row]:
    return list(tqdm(rows, desc=name, unit="restoration", mininterval=2))


def _every(paths: list[Path], count: int) -> list[Path]:
    """`count` of the paths, evenly spread."""
    return [paths[i] for i in np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)]


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", nargs="+", default=[], metavar="NAME", help="names or .safetensors files")
    parser.add_argument("--checkpoints", metavar="DIR", help="folder with checkpoints of your own")
    parser.add_argument("--pairs", nargs="+", type=Path, default=[], metavar="DIR", help="folders with input/, target/")
    parser.add_argument("--real", nargs="+", type=Path, default=[], metavar="DIR", help="folders of photos")
    parser.add_argument("--enlarge", nargs="+", type=int, choices=(2, 4), default=[], help="also pairs so much larger")
    parser.add_argument("--even-fog", action="store_true", help="also the unevenness of even fog around objects")
    parser.add_argument("--update-cards", action="store_true", help="also write the scores into the checkpoints' cards")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where results go")
    parser.add_argument("--sheet", type=int, default=12, metavar="N", help="photos on a contact sheet (12)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    parser.add_argument("--precision", default="auto", choices=("auto", "bf16", "fp32"))
    return parser.parse_args(argv)


if __name__ == "__main__":
    command(main)

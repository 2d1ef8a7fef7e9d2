"""The benchmark's report, in Markdown, written line by line as the figures come in."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from uniremoval import checkpoint
from uniremoval.bench import startup, whole_photo
from uniremoval.bench.nafnet import NAFNet
from uniremoval.bench.networks import convolution_rate, median_seconds, multiply_adds
from uniremoval.catalog import Catalog
from uniremoval.checkpoint import Card
from uniremoval.errors import UnknownCheckpointError
from uniremoval.memory import free_memory
from uniremoval.method import Degradation, Stage
from uniremoval.networks import RestorationNet, RestorerConfig
from uniremoval.photo import Photo, decode, save

DEFAULT = "student-adapted"
SIDE = 512
WHOLE_BYTES_A_PIXEL = 600
"""Above what one piece takes in fp32, photo and result included; larger photos are only measured in tiles."""

Print = Callable[[str], None]


def report(
    catalog: Catalog, name: str | None, megapixels: Sequence[float], write: Print = print, side: int = SIDE
) -> None:
    """Measure everything and write it.

    name: a checkpoint; None: `student-adapted`, or a network of the default configuration with random weights where
    that does not exist. megapixels: sizes of the photos. side: of what the network alone is given. Raises
    UnknownCheckpointError and CheckpointError.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path, label = _checkpoint(catalog, name, Path(scratch))
        photos = {size: _photo(size, Path(scratch) / f"{size:g}.jpg") for size in megapixels}
        network, _ = checkpoint.load(path)
        write(f"`{label}`, PyTorch {torch.__version__}, {torch.get_num_threads()} CPU threads.\n")
        network_table(network, side, write)
        photo_table(path, photos, write)
        score_table(photos, write)
        startup_table(path, label, photos[min(photos)], write)


def network_table(network: RestorationNet, side: int, write: Print) -> None:
    """The network alone against NAFNet-32 and against the roofline."""
    x = torch.rand(1, 3, side, side)
    nafnet = NAFNet()
    levels = len(network.config.encoder_blocks) + 1
    shapes = side // network.config.stem, tuple(network.config.width * 2**level for level in range(levels))
    work, other_work = multiply_adds(network, x), multiply_adds(nafnet, x)
    write(f"## Network alone, {side}x{side} pixels\n")
    write(f"Multiply-adds: {work / 1e9:.1f} billion; NAFNet-32 {other_work / 1e9:.1f} billion. Roofline:")
    write("the share of the multiply-adds per second that a plain 3x3 convolution reaches here, the best over the")
    write("network's shapes.\n")
    write("| precision | threads | s | NAFNet-32 s | times as fast | roofline |")
    write("|---|---|---|---|---|---|")
    for precision in ("fp32", "bf16"):
        for threads in sorted({1, torch.get_num_threads()}):
            seconds = median_seconds(network, x, precision, threads)
            other = median_seconds(nafnet, x, precision, threads, repeats=3)
            share = 100 * work / seconds / convolution_rate(precision, threads, *shapes)
            write(f"| {precision} | {threads} | {seconds:.3f} | {other:.3f} | {other / seconds:.1f} | {share:.0f} % |")


def photo_table(path: Path, photos: dict[float, Path], write: Print) -> None:
    """Whole photos from file to file."""
    threads = torch.get_num_threads()
    write("\n## A whole photo, JPEG to JPEG, each in a process of its own\n")
    write("| megapixels | precision | threads | tiles | decode s | network s | encode s | network s/MP | peak MB |")
    write("|---|---|---|---|---|---|---|---|---|")
    for size, photo in photos.items():
        whole = size * 1e6 * WHOLE_BYTES_A_PIXEL < free_memory(torch.device("cpu"))
        for precision in ("bf16", "fp32"):
            runs = [("auto", 1)] if threads > 1 else []
            runs += [("auto", threads)] + ([("whole", threads)] if whole else [])
            for tiling, count in runs:
                row = whole_photo.measure(path, photo, precision, count, tiling)
                write(
                    f"| {size:g} | {precision} | {count} | {row['tiles']} | {row['decode']:.2f} | {row['network']:.2f} "
                    f"| {row['encode']:.2f} | {row['network'] / size:.2f} | {row['peak_bytes'] / 1e6:.0f} |"
                )


def score_table(photos: dict[float, Path], write: Print) -> None:
    """BRISQUE and PIQE, the first time (which loads pyiqa) apart."""
    from uniremoval.quality import score

    write("\n## Scores\n")
    write("| megapixels | both scores s |")
    write("|---|---|")
    _timed(score, np.random.default_rng(0).random((64, 64, 3), np.float32))
    for size, photo in photos.items():
        pixels = decode(photo, max_megapixels=float("inf")).pixels
        write(f"| {size:g} | {_timed(score, pixels):.2f} |")


def startup_table(path: Path, name: str, photo: Path, write: Print) -> None:
    """From `python app.py` to the first byte of the page and to the first restored photo."""
    seconds = startup.measure(photo, path, name)
    write("\n## The app, from the start of its process\n")
    write("| first byte s | first restored photo s |")
    write("|---|---|")
    write(f"| {seconds.first_byte:.1f} | {seconds.first_restoration:.1f} |")


def _timed(function: Callable[[np.ndarray], object], pixels: np.ndarray) -> float:
    start = time.perf_counter()
    function(pixels)
    return time.perf_counter() - start


def _photo(megapixels: float, path: Path) -> Path:
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    return save(Photo(whole_photo.scene(height, height * 4 // 3), format="JPEG"), path)


def _checkpoint(catalog: Catalog, name: str | None, scratch: Path) -> tuple[Path, str]:
    try:
        entry = catalog.find(name or DEFAULT)
    except UnknownCheckpointError:
        if name:
            raise
        config = RestorerConfig()
        path = scratch / "random.safetensors"
        card = Card("random", Stage.TRANSFER, tuple(Degradation), "coarse-to-fine", vars(config))
        checkpoint.save(path, RestorationNet(config), card)
        return path, "random"
    return entry.path, entry.name

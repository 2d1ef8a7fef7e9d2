"""Speed and memory on this machine: `python -m uniremoval bench`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from uniremoval import checkpoint
from uniremoval.catalog import Catalog
from uniremoval.checkpoint import Card, Degradation, Stage
from uniremoval.errors import UnknownCheckpointError
from uniremoval.networks import RestorationNet, RestorerConfig
from uniremoval.photo import Photo, decode, save
from uniremoval.restore import Restorer, load_restorer

DEFAULT = "student-adapted"
SIDE = 512
REPEATS = 15


def report(catalog: Catalog, name: str | None, megapixels: float) -> None:
    """Measure and print: the network alone on 512x512 pixels, and a whole photo from file to file.

    name: a checkpoint; None: `student-adapted`, or a network of the default configuration with random weights
    where that does not exist. Raises UnknownCheckpointError and CheckpointError.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path, label = _checkpoint(catalog, name, Path(scratch))
        network, _ = checkpoint.load(path)
        parameters = sum(parameter.numel() for parameter in network.parameters())
        print(f"{label}: {parameters / 1e6:.1f} M parameters, PyTorch {torch.__version__}, CPU")
        print(f"\nnetwork only, {SIDE}x{SIDE} pixels, median of {REPEATS}")
        print("precision  threads  seconds  times as fast")
        slowest = None
        for precision in ("fp32", "bf16"):
            for threads in sorted({1, torch.get_num_threads()}):
                seconds = network_seconds(network, precision, threads)
                slowest = slowest or seconds
                print(f"{precision:9}  {threads:7}  {seconds:7.3f}  {slowest / seconds:13.1f}")
        source = Path(scratch) / "photo.jpg"
        height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
        save(Photo(scene(height, height * 4 // 3), format="JPEG"), source)
        print(f"\n{megapixels:g} megapixels, JPEG to JPEG, a process of its own")
        print("precision  tiles  restoring s  in all s  peak memory MB  s a megapixel")
        for precision in ("fp32", "bf16"):
            row = _photo_in_own_process(path, source, precision)
            print(
                f"{precision:9}  {row['tiles']:5}  {row['seconds']:11.2f}  {row['total_seconds']:8.2f}  "
                f"{row['peak_bytes'] / 1e6:14.0f}  {row['seconds'] / megapixels:13.2f}"
            )


def network_seconds(network: RestorationNet, precision: str, threads: int) -> float:
    """Median seconds of the network alone on one photo of 512x512 pixels, on the CPU."""
    x = torch.rand(1, 3, SIDE, SIDE).to(memory_format=torch.channels_last)
    network = network.to(memory_format=torch.channels_last)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            network(x)
            times = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                network(x)
                times.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(before)
    return statistics.median(times)


def photo_row(path: Path, source: Path, precision: str) -> dict[str, float]:
    """Decode, restore and save `source`, and tell the time and this process's peak resident memory."""
    start = time.perf_counter()
    restorer: Restorer = load_restorer(path, device="cpu", precision=precision)
    restored = restorer.restore(decode(source, max_megapixels=float("inf")))
    save(restored.photo, source.with_name("restored.jpg"))
    return {
        "tiles": restored.tiles,
        "seconds": restored.seconds,
        "total_seconds": time.perf_counter() - start,
        "peak_bytes": peak_memory(),
    }


def peak_memory() -> int:
    """Most bytes this process has had resident so far."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would count what the process was before exec, too
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _photo_in_own_process(path: Path, source: Path, precision: str) -> dict[str, float]:
    command = [sys.executable, "-m", "uniremoval.bench", str(path), str(source), precision]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(finished.stdout)


def _checkpoint(catalog: Catalog, name: str | None, scratch: Path) -> tuple[Path, str]:
    try:
        entry = catalog.find(name or DEFAULT)
    except UnknownCheckpointError:
        if name:
            raise
        config = RestorerConfig()
        path = scratch / "random.safetensors"
        card = Card("random", Stage.TRANSFER, tuple(Degradation), "restorer", vars(config))
        checkpoint.save(path, RestorationNet(config), card)
        return path, "random weights, default configuration"
    return entry.path, entry.name


def scene(height: int, width: int) -> np.ndarray:
    """HxWx3 in [0, 1]: soft shapes and some grain, so that a JPEG of it is about as large as a camera's."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / height
    grain = np.random.default_rng(0).random((height, width, 3), np.float32)
    waves = np.stack([np.sin(9 * x + 4 * y), np.sin(7 * y - 3 * x), np.cos(5 * x * y)], axis=-1)
    return 0.5 + 0.35 * waves + 0.1 * (grain - 0.5)


if __name__ == "__main__":
    print(json.dumps(photo_row(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))

"""A whole photo from file to file in a process of its own: seconds per part and peak memory.

python -m uniremoval.bench.whole_photo CHECKPOINT PHOTO --precision bf16 --threads 2 --tiling auto
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

TILINGS = ("auto", "whole")


def measure(checkpoint: Path, source: Path, precision: str, threads: int, tiling: str = "auto") -> dict[str, float]:
    """Restore `source` into `restored.jpg` beside it, in a new process.

    threads: 0 as torch decides. tiling: "auto", or "whole" for one piece. Returns seconds of `decode`, `network` and
    `encode`, `tiles` and `peak_bytes`.
    """
    options = ["--precision", precision, "--threads", str(threads), "--tiling", tiling]
    command = [sys.executable, "-m", "uniremoval.bench.whole_photo", str(checkpoint), str(source), *options]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def restore_once(checkpoint: Path, source: Path, precision: str, threads: int, tiling: str) -> dict[str, float]:
    """What `measure` runs in its process."""
    import torch

    from uniremoval.memory import peak_memory
    from uniremoval.photo import decode, save
    from uniremoval.restore import load_restorer

    if threads:
        torch.set_num_threads(threads)
    restorer = load_restorer(checkpoint, device="cpu", precision=precision)
    times = [time.perf_counter()]
    photo = decode(source, max_megapixels=float("inf"))
    times.append(time.perf_counter())
    restored = restorer.restore(photo, tile=max(photo.size) if tiling == "whole" else None)
    del photo
    times.append(time.perf_counter())
    save(restored.photo, source.with_name("restored.jpg"))
    times.append(time.perf_counter())
    parts = zip(("decode", "network", "encode"), np.diff(times).tolist(), strict=True)
    return {**dict(parts), "tiles": restored.tiles, "peak_bytes": peak_memory(torch.device("cpu"))}


def scene(height: int, width: int) -> np.ndarray:
    """HxWx3 in [0, 1]: soft shapes and some grain, so that a JPEG of it is about as large as a camera's."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / height
    grain = np.random.default_rng(0).random((height, width, 3), np.float32)
    waves = np.stack([np.sin(9 * x + 4 * y), np.sin(7 * y - 3 * x), np.cos(5 * x * y)], axis=-1)
    return 0.5 + 0.35 * waves + 0.1 * (grain - 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--precision", default="auto", choices=("auto", "fp32", "bf16"))
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--tiling", default="auto", choices=TILINGS)
    print(json.dumps(restore_once(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()

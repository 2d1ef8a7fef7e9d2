"""The engine when memory is short: smaller tiles, the same result, and a bounded peak."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.models import card_of, far_reaching
from uniremoval import checkpoint
from uniremoval.bench import whole_photo
from uniremoval.bench.whole_photo import scene
from uniremoval.coarse_to_fine import Progress
from uniremoval.errors import MemoryLimitError
from uniremoval.networks import RestorationNet, RestorerConfig
from uniremoval.paths import ROOT
from uniremoval.photo import Photo, save
from uniremoval.restore import Restorer

# What PyTorch says when the CPU's allocator fails.
ALLOCATION_FAILED = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
    "allocate 134217728 bytes. Error code 12 (Cannot allocate memory)"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and measures memory as Linux does")


class Starved(RestorationNet):
    """A network on a machine where windows of more than `most` pixels do not fit into memory."""

    most = 10**9

    def forward(self, x: torch.Tensor, *arguments: object, **options: object) -> torch.Tensor:
        if x.shape[-1] * x.shape[-2] > self.most:
            raise RuntimeError(ALLOCATION_FAILED)
        return super().forward(x, *arguments, **options)


def starved(most: int) -> Restorer:
    source = far_reaching()
    network = Starved(source.config)
    network.load_state_dict(source.state_dict())
    network.most = most
    return Restorer(network, card_of(source), "cpu", "fp32")


def test_too_large_tiles_are_halved_until_they_fit() -> None:
    photo = Photo(np.random.default_rng(0).random((500, 700, 3), np.float32))
    seen: list[Progress] = []
    expected = starved(10**9).restore(photo)
    restored = starved(200 * 200).restore(photo, on_progress=seen.append)
    assert (expected.tiles, expected.notes) == (1, ())
    assert restored.tiles > 4 and len(restored.notes) == 1 and "smaller tiles" in restored.notes[0]
    assert np.abs(restored.photo.pixels - expected.photo.pixels).max() <= 1e-5
    assert (seen[0].tile, seen[0].tiles) == (0, 1)
    assert (seen[-1].tile, seen[-1].tiles, seen[-1].share) == (restored.tiles, restored.tiles, 1)


def test_memory_that_shrinks_on_the_way_costs_no_tile_twice() -> None:
    photo = Photo(np.random.default_rng(1).random((300, 300, 3), np.float32))
    restorer = starved(10**9)
    expected = restorer.restore(photo).photo.pixels

    def shrink(progress: Progress) -> None:
        if (progress.scale, progress.tile) == (2, 2):
            restorer.network.most = 160 * 160

    restored = restorer.restore(photo, tile=152, on_progress=shrink)
    assert restored.tiles == 2 + 2 * 4
    assert np.abs(restored.photo.pixels - expected).max() <= 1e-5


def test_the_smallest_tile_not_fitting_is_an_error_with_its_cause() -> None:
    photo = Photo(np.zeros((300, 300, 3), np.float32))
    with pytest.raises(MemoryLimitError, match="64 x 64") as caught:
        starved(64 * 64).restore(photo)
    assert "can't allocate" in str(caught.value.__cause__)


def test_other_errors_are_not_taken_for_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    restorer = starved(10**9)
    restorer.network.tail = torch.nn.Conv2d(5, 24, 3)
    with pytest.raises(RuntimeError, match="channels"):
        restorer.restore(Photo(np.zeros((64, 64, 3), np.float32)))


LIMITED = """
import resource, sys
import numpy as np
from pathlib import Path
from uniremoval.photo import Photo
from uniremoval.restore import load_restorer

restorer = load_restorer(sys.argv[1], device="cpu", precision="fp32")
photo = Photo(np.random.default_rng(0).random((1024, 1024, 3), np.float32))
expected = restorer.restore(photo, tile=10**6)
assert expected.tiles == 1
fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
limit = int(fields["VmSize"].split()[0]) * 1024 + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
restored = restorer.restore(photo, tile=10**6)
print(restored.tiles, len(restored.notes), np.abs(restored.photo.pixels - expected.photo.pixels).max())
"""


@linux
def test_a_real_allocation_failure(tmp_path: Path) -> None:
    """In a process of its own that may take only 48 MiB more: one piece would need about 100 MiB.

    glibc is told to give freed blocks back at once, as otherwise chance decides how much of the 48 MiB is left.
    """
    network = far_reaching(width=16)
    path = tmp_path / "tiny.safetensors"
    checkpoint.save(path, network, card_of(network))
    command = [sys.executable, "-c", LIMITED, str(path), str(48 * 2**20)]
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "OMP_NUM_THREADS": "1"}
    finished = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert finished.returncode == 0, finished.stderr
    tiles, notes, difference = finished.stdout.split()
    assert int(tiles) > 1 and int(notes) == 1 and float(difference) <= 1e-5


@linux
@pytest.mark.slow
def test_twelve_megapixels_stay_under_two_gigabytes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = RestorationNet(RestorerConfig())
    checkpoint.save(tmp_path / "default.safetensors", network, card_of(network))
    photo = save(Photo(scene(3000, 4000)), tmp_path / "photo.jpg")
    row = whole_photo.measure(tmp_path / "default.safetensors", photo, "auto", 0, "auto")
    assert row["tiles"] > 1 and (tmp_path / "restored.jpg").is_file()
    assert 0.2e9 < row["peak_bytes"] < 2e9

"""What the world does to files and memory: cut and flipped checkpoints, full disks, no memory.

Each fault is a real one: a small disk that runs full, an address space that ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz_targets import Checkpoint
from tests.support import files
from tests.support.commands import command
from tests.support.models import card_of, far_reaching, tiny
from uniremoval import checkpoint
from uniremoval.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits disk and memory as Linux does")


def python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=300)


def test_a_checkpoint_cut_off_at_every_hundredth_of_its_length() -> None:
    target = Checkpoint()
    (whole,) = target.seeds
    assert [target.attempt(whole[: len(whole) * share // 100]) for share in range(100)] == ["refused"] * 100
    assert target.attempt(whole) == "accepted"


@pytest.mark.parametrize("step", [37, pytest.param(1, marks=pytest.mark.slow)])
def test_a_bit_flipped_anywhere_in_the_header(step: int) -> None:
    """Never anything but a refusal or a network that works; most bits are in names and numbers that must fit."""
    target = Checkpoint()
    (whole,) = target.seeds
    length = 8 + int.from_bytes(whole[:8], "little")
    outcomes = []
    for at in range(0, length, step):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << at % 8
        outcomes.append(target.attempt(bytes(flipped)))
    assert outcomes[0] == "refused" and outcomes.count("refused") > len(outcomes) / 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A folder on a disk of 64 KiB, and 0; where none may be mounted, any folder and the most bytes for a file."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)
    yield folder, (0 if mounted.returncode == 0 else 40_000)
    if mounted.returncode == 0:
        subprocess.run(["umount", folder], check=True)


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
import torch
from tests.support.models import card_of, tiny
from train.engine import state
from uniremoval import checkpoint
from uniremoval.photo import Photo, save
from uniremoval.ui.work.export import write_zip
from uniremoval.ui.parts.thumbnails import save_thumbnail

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
large = Photo(np.random.default_rng(0).random((300, 300, 3), np.float32))
network = tiny(1, width=24)
writers = {
    "a.safetensors": lambda path: checkpoint.save(path, network, card_of(network)),
    "a.png": lambda path: save(large, path),
    "a.tif": lambda path: save(large, path),
    "state.pt": lambda path: state.write(path.parent, {"weights": torch.rand(50_000)}),
    "a.zip": lambda path: write_zip(path, {f"{i}": Path(sys.argv[3]) for i in range(20)}, [], {}),
}
for name in writers:
    (folder / name).write_bytes(b"old")
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for name, write in writers.items():
    try:
        write(folder / name)
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
    else:
        sys.exit(f"{name} was written")
"""


def test_a_full_disk_costs_no_old_file_and_leaves_no_new_one(small_disk: tuple[Path, int], tmp_path: Path) -> None:
    folder, limit = small_disk
    photo = files.png(tmp_path, files.noise(40, 40, 3, bits=8))
    finished = python(FULL, folder, limit, photo)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    told = dict(line.split(": ", 1) for line in finished.stdout.splitlines())
    kinds = {name: words.split(":")[0] for name, words in told.items()}
    assert kinds == {
        "a.safetensors": "OSError", "state.pt": "OSError",
        "a.png": "PhotoError", "a.tif": "PhotoError", "a.zip": "PhotoError",
    }  # fmt: skip
    assert all("cannot be" in words for words in told.values())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == dict.fromkeys(kinds, b"old")


def test_a_disk_that_fills_up_stops_training_with_a_sentence(small_disk: tuple[Path, int]) -> None:
    folder, limit = small_disk
    if limit:
        pytest.skip("no small disk may be mounted here")
    finished = command("train.teacher", "--preset", "smoke", "--degradation", "haze", "--out", folder)
    assert finished.returncode == 1 and "Traceback" not in finished.stderr
    assert finished.stderr.splitlines()[-1].startswith("error: ")
    assert not list(folder.glob(".*")) and not (folder / "state.pt").exists()


STARVED = """
import resource, sys
from pathlib import Path
import numpy as np
from uniremoval.errors import UniremovalError
from uniremoval.photo import Photo, decode, encode
from uniremoval.restore import load_restorer

restorer = load_restorer(sys.argv[1], device="cpu", precision="fp32")
small = Photo(np.zeros((64, 64, 3), np.float32))
large = Photo(np.zeros((1500, 1500, 3), np.float32))
for photo in (small, large):
    restorer.restore(photo)
decode(encode(small))
data = Path(sys.argv[2]).read_bytes()
fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
limit = int(fields["VmSize"].split()[0]) * 1024 + int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for name, work in (
    ("decode", lambda: decode(data)),
    ("encode", lambda: encode(large)),
    ("restore", lambda: restorer.restore(large)),
):
    try:
        work()
    except (UniremovalError, MemoryError) as error:
        print(f"{name}: {type(error).__name__}: {error}")
    else:
        print(f"{name}: done")
"""


def test_no_memory_at_all_is_a_clear_error(tmp_path: Path) -> None:
    """In a process of its own that may take only 1 MiB more. That less memory gives smaller tiles is tested with the
    engine."""
    network = far_reaching(width=16)
    path = tmp_path / "network.safetensors"
    checkpoint.save(path, network, card_of(network))
    photo = files.png(tmp_path, files.noise(1200, 1200, 3, bits=8))
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"}
    program = [sys.executable, "-c", STARVED, str(path), str(photo), str(2**20)]
    finished = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)
    assert finished.returncode == 0, finished.stderr
    told = dict(line.split(": ", 1) for line in finished.stdout.splitlines())
    assert told["decode"] == "PhotoError: 'photo' does not fit into memory; scale it down first."
    assert told["restore"].startswith("MemoryLimitError: ")
    assert told["encode"].startswith("MemoryError")


def test_a_damaged_state_is_refused_in_one_sentence(tmp_path: Path) -> None:
    network = tiny()
    (tmp_path / "state.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    finished = command("train.teacher", "--preset", "smoke", "--degradation", "haze", "--width", network.config.width,
                       "--out", tmp_path, "--resume")  # fmt: skip
    assert finished.returncode == 1 and "Traceback" not in finished.stderr
    assert "is damaged" in finished.stderr.splitlines()[-1]

"""Checkpoint files: what goes in comes out, and everything else is one clear error."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.support.models import card_of, tiny
from uniremoval.checkpoint import CARD_KEY, load, read_card, save
from uniremoval.errors import CheckpointError
from uniremoval.method import Degradation, Stage
from uniremoval.paths import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    network = tiny(7)
    path = tmp_path / "tiny.safetensors"
    save(path, network, card_of(network))
    return path


def rewrite(path: Path, *, card: Any = None, change: Callable[[dict[str, torch.Tensor]], None] | None = None) -> None:
    """Write the file anew with another card (text, or values that replace the card's) or other weights."""
    text = read_card(path).to_json()
    if isinstance(card, dict):
        text = json.dumps(json.loads(text) | card)
    elif card is not None:
        text = card
    weights = load_file(path)
    if change:
        change(weights)
    save_file(weights, path, metadata={CARD_KEY: text})


def test_weights_and_card_come_back(tmp_path: Path) -> None:
    network = tiny(3)
    card = replace(
        card_of(network, "teacher-rain", Stage.TEACHER, (Degradation.RAIN,)),
        training={"steps": 12, "data": ["a folder"], "parents": []},
        scores=[{"set": "rain", "psnr": 21.5, "command": "python -m train.evaluate"}],
        licence="CC0-1.0",
    )
    path = tmp_path / "deeper" / "file.safetensors"
    save(path, network, card, dtype=torch.float32)
    loaded, read = load(path)
    assert read == read_card(path)
    assert json.loads(read.to_json()) == json.loads(card.to_json())
    assert (read.stage, read.degradations) == (Stage.TEACHER, (Degradation.RAIN,))
    assert not loaded.training and loaded.config == network.config
    for name, value in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_half_precision_files_are_half_as_large_and_load_as_float32(tmp_path: Path) -> None:
    network = tiny()
    for name, dtype in (("half", torch.float16), ("full", torch.float32)):
        save(tmp_path / name, network, card_of(network), dtype)
    half, full = (load(tmp_path / name)[0] for name in ("half", "full"))
    assert {value.dtype for value in half.state_dict().values()} == {torch.float32}
    x = torch.rand(1, 3, 48, 48)
    assert (half(x) - full(x)).abs().max() < 1 / 255
    sizes = [(tmp_path / name).stat().st_size for name in ("half", "full")]
    weights = 2 * sum(p.numel() for p in network.parameters())
    assert sizes[1] - sizes[0] == pytest.approx(weights, abs=64)


def assert_refused(path: Path, *words: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        load(path)
    message = str(caught.value)
    assert str(path) in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5, 0.999])
def test_truncated_files(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert_refused(path, "cut off")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert_refused(tmp_path / "nothing.safetensors", "no such")
    assert_refused(tmp_path)


def test_a_pickle_in_disguise_is_not_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "exploded",))

    for name, write in (
        ("pickle", lambda file: file.write_bytes(pickle.dumps(Bomb()))),
        ("torch", lambda file: torch.save({"weights": Bomb()}, file)),
    ):
        file = tmp_path / f"{name}.safetensors"
        write(file)
        assert_refused(file, "Pickled weights")
    assert not (tmp_path / "exploded").exists()


def test_a_flipped_header_length(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[7] = 0x7F  # the header then claims to be exabytes long
    path.write_bytes(data)
    assert_refused(path)


def test_missing_and_surplus_weights(path: Path) -> None:
    rewrite(path, change=lambda weights: weights.pop("tail.bias"))
    assert_refused(path, "missing: ['tail.bias']")
    rewrite(path, change=lambda weights: weights.update({"tail.bias": torch.zeros(24), "more": torch.zeros(1)}))
    assert_refused(path, "surplus: ['more']")


def test_a_wrong_shape(path: Path) -> None:
    rewrite(path, change=lambda weights: weights.update({"tail.bias": torch.zeros(25)}))
    assert_refused(path, "tail.bias", "(25,)", "(24,)")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers(path: Path, value: float) -> None:
    rewrite(path, change=lambda weights: weights["tail.weight"].view(-1)[5].fill_(value))
    assert_refused(path, "tail.weight", "not numbers")


def test_no_card(path: Path) -> None:
    save_file(load_file(path), path)
    assert_refused(path, "no uniremoval card")


@pytest.mark.parametrize(
    "card",
    [
        "",
        "not json",
        "null",
        "[1, 2]",
        "[" * 100_000,
        '{"name": "half of',
        "{}",
        {"stage": "fourth"},
        {"stage": ["teacher"]},
        {"degradations": ["hail"]},
        {"degradations": 3},
        {"surprise": 1},
        {"name": ["a"]},
        {"name": {}},
        {"network": ["coarse-to-fine"]},
        {"config": [1]},
        {"training": "long"},
        {"scores": "good"},
    ],
    ids=lambda card: str(card)[:30],
)
def test_cards_that_are_not_cards(path: Path, card: Any) -> None:
    rewrite(path, card=card)
    assert_refused(path, "card")


def test_an_unknown_network(path: Path) -> None:
    rewrite(path, card={"network": "transformer"})
    assert_refused(path, "'transformer'", "coarse-to-fine")


@pytest.mark.parametrize(
    "config",
    [
        {"depth": 3},
        {"width": "wide"},
        {"width": 8.5},
        {"width": None},
        {"encoder_blocks": [1, 1]},
        {"encoder_blocks": "12", "decoder_blocks": "12"},
        {"width": 0},
    ],
    ids=str,
)
def test_configurations_that_make_no_network(path: Path, config: dict[str, Any]) -> None:
    rewrite(path, card={"config": config})
    assert_refused(path, "configuration")


HOSTILE = """
import resource, sys
from pathlib import Path
from uniremoval.checkpoint import load
from uniremoval.errors import CheckpointError

fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
limit = int(fields["VmSize"].split()[0]) * 1024 + 200 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
for path in sys.argv[1:]:
    try:
        load(Path(path))
    except CheckpointError as error:
        print(error)
    else:
        sys.exit(f"{path} was loaded")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_hostile_configurations_cost_neither_memory_nor_time(path: Path, tmp_path: Path) -> None:
    """In a process of its own that may take only 200 MiB and 30 seconds."""
    data = path.read_bytes()
    paths = []
    for i, (network, config) in enumerate(
        [
            ("coarse-to-fine", {"width": 1024}),
            ("coarse-to-fine", {"width": 10**12}),
            ("coarse-to-fine", {"width": 10**30}),
            ("coarse-to-fine", {"context": 64}),
            ("coarse-to-fine", {"stem": 10**6}),
            ("coarse-to-fine", {"encoder_blocks": [1] * 60, "decoder_blocks": [1] * 60}),
            ("coarse-to-fine", {"encoder_blocks": [10**9], "decoder_blocks": [1]}),
            ("coarse-to-fine", {"bottleneck_blocks": 10**9}),
            ("discriminator", {"layers": 10**9}),
            ("discriminator", {"width": 10**12}),
        ]
    ):
        hostile = tmp_path / f"{i}.safetensors"
        hostile.write_bytes(data)
        rewrite(hostile, card={"network": network, "config": config})
        paths.append(str(hostile))
    finished = subprocess.run([sys.executable, "-c", HOSTILE, *paths], capture_output=True, text=True, cwd=ROOT)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert len(finished.stdout.splitlines()) == len(paths)


FULL_DISK = """
import resource, sys
from pathlib import Path
from tests.support.models import card_of, tiny
from uniremoval.checkpoint import save

network = tiny(8)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    save(Path(sys.argv[1]), network, card_of(network, "new"))
except OSError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits files as Linux does")
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path: Path) -> None:
    """In a process of its own that may write only 4 KiB a file, as on a disk that runs full."""
    before = path.read_bytes()
    finished = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, cwd=ROOT)
    assert finished.stdout.startswith("refused:"), finished.stderr
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(OSError):
        save(folder, tiny(), card_of(tiny()))
    assert list(tmp_path.iterdir()) == [folder] and not list(folder.iterdir())

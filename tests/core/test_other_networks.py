"""Networks of other projects beside ours: recognised, run in tiles, refused where they are of no use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.conftest import Run
from tests.support import files, other_networks
from uniremoval import load_restorer
from uniremoval.catalog import Catalog
from uniremoval.errors import Cancelled, CheckpointError
from uniremoval.method import Stage
from uniremoval.networks.other import MemoryMeter, OtherNetwork
from uniremoval.other_checkpoints import load_any, read_any_card
from uniremoval.photo import Photo, decode


@pytest.fixture(autouse=True)
def same_weights() -> None:
    torch.manual_seed(0)


@pytest.fixture
def nafnet(tmp_path: Path) -> Path:
    return other_networks.write(other_networks.nafnet(), tmp_path / "NAFNet-GoPro.pth", under="params")


def photo(height: int, width: int) -> Photo:
    return Photo(files.noise(height, width, 3, 8).astype(np.float32) / 255)


@pytest.mark.slow
@pytest.mark.parametrize("name", other_networks.ARCHITECTURES)
@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_an_architecture_is_recognised_and_restores_photos_of_any_size(tmp_path: Path, name: str, suffix: str) -> None:
    network = other_networks.ARCHITECTURES[name]()
    path = other_networks.write(network, tmp_path / f"their {name}{suffix}")
    card = read_any_card(path)
    assert (card.name, card.network, card.stage) == (f"their {name}", name, Stage.OTHER)
    restored = load_restorer(path, device="cpu").restore(photo(37, 90))
    assert restored.photo.size == (37, 90)
    assert restored.precision == "fp32" or load_any(path)[0].supports_bfloat16


def test_it_gives_what_its_own_code_gives(nafnet: Path) -> None:
    theirs = other_networks.nafnet().eval()
    theirs.load_state_dict(torch.load(nafnet, weights_only=True)["params"])
    source = photo(48, 64)
    with torch.inference_mode():
        output = theirs(torch.from_numpy(source.pixels).permute(2, 0, 1)[None])
    expected = output.clamp(0, 1)[0].permute(1, 2, 0).numpy()
    restored = load_restorer(nafnet, device="cpu", precision="fp32").restore(source)
    assert np.abs(restored.photo.pixels - expected).max() < 1e-5
    assert restored.notes == ()


def test_tiles_are_told_of_and_it_can_be_stopped_within_one(nafnet: Path) -> None:
    restorer = load_restorer(nafnet, device="cpu")
    notes = restorer.restore(photo(150, 200), tile=128).notes
    assert notes == ("NAFNet-GoPro saw the photo in 4 tiles; seams may show.",)
    calls = 0

    def should_stop() -> bool:
        nonlocal calls
        calls += 1
        return calls == 5

    with pytest.raises(Cancelled, match="0 of 1"):
        restorer.restore(photo(64, 64), should_stop=should_stop)


def test_a_folder_offers_them_after_ours(checkpoints: Path, nafnet: Path) -> None:
    other_networks.write(other_networks.nafnet(), nafnet.with_name("deblurs.safetensors"))
    catalog = Catalog([checkpoints, nafnet.parent])
    assert [entry.name for entry in catalog.entries()][-3:] == ["student-adapted", "NAFNet-GoPro", "deblurs"]
    assert catalog.problems == []


def test_the_command_line_restores_with_them(run: Run, nafnet: Path, tmp_path: Path) -> None:
    source = files.png(tmp_path, files.noise(40, 50, 3, 8))
    code, out, err = run("restore", source, "--checkpoint", nafnet, "-o", tmp_path / "out")
    assert (code, err) == (0, "") and decode(Path(out.strip())).size == (40, 50)
    code, out, _ = run("checkpoints", "--checkpoints", nafnet.parent)
    assert "NAFNet-GoPro" in out and " other " in out


def without_numbers(network: nn.Module) -> nn.Module:
    nn.init.constant_(network.get_parameter("intro.bias"), float("nan"))
    return network


@pytest.mark.parametrize(
    "build, reason",
    [
        (other_networks.enlarger, "ESRGAN enlarges photos 4 times"),
        (lambda: other_networks.nafnet(channels=1), "takes 1 channels and returns 1"),
        (lambda: without_numbers(other_networks.nafnet()), "values that are not numbers"),
        (lambda: nn.Linear(3, 4), "no network that spandrel knows"),
    ],
)
def test_networks_of_no_use_are_refused_with_the_reason(tmp_path: Path, build: Any, reason: str) -> None:
    path = other_networks.write(build(), tmp_path / "theirs.safetensors")
    with pytest.raises(CheckpointError, match=reason) as caught:
        load_any(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)
    assert [str(path) in problem for problem in Catalog([tmp_path]).problems] == [True]


class Program:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize(
    "content, reason",
    [
        ("program", "could be a program"),
        ("list", "holds a list"),
        ("text", "is damaged|cannot"),
        ("", "cannot be read"),
    ],
)
def test_a_file_that_is_no_weights_is_refused_and_runs_nothing(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "theirs.pth"
    if content == "program":
        torch.save({"intro.weight": Program(tmp_path / "it ran")}, path)
    elif content == "list":
        torch.save([torch.zeros(3)], path)
    else:
        path.write_text(content)
    with pytest.raises(CheckpointError, match=reason):
        load_any(path)
    assert not (tmp_path / "it ran").exists()


def test_a_small_file_cannot_ask_for_a_large_network(tmp_path: Path) -> None:
    weights = other_networks.nafnet().state_dict()
    weights["intro.weight"] = torch.zeros(65536, 3, 3, 3)
    path = tmp_path / "large.pth"
    torch.save(weights, path)
    before = peak_bytes()
    with pytest.raises(CheckpointError, match=r"large\.pth: "):
        load_any(path)
    assert peak_bytes() - before < 3e9


def peak_bytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_memory_is_counted_while_tensors_live() -> None:
    with MemoryMeter(10**9) as meter:
        first = torch.zeros(1000)
        second = first + 1
        del first
        third = second.view(10, 100)
        del second
        fourth = third * 2
    assert meter.peak == 8000 and meter.live == 8000
    del third, fourth
    assert meter.live == 0
    with pytest.raises(MemoryError, match=r"more than 0\.0 GB"), MemoryMeter(100):
        torch.zeros(1000)


def test_weights_do_not_count_as_memory_of_a_tile() -> None:
    layer = nn.Linear(1000, 10)
    x = torch.zeros(1, 1000)
    with torch.inference_mode(), MemoryMeter(10**9, there=layer.state_dict().values()) as meter:
        layer(x)
    assert meter.peak == 40


def test_another_size_than_the_photos_is_refused() -> None:
    import spandrel
    from spandrel.architectures.NAFNet import NAFNetArch

    network = nn.Conv2d(3, 3, 2, stride=2)
    described = spandrel.ImageModelDescriptor(
        network, network.state_dict(), NAFNetArch(), "Restoration", [], False, False, 1, 3, 3
    )
    with pytest.raises(ValueError, match=r"\(3, 64, 64\) of \(3, 128, 128\)"):
        OtherNetwork(described)


def test_a_pipe_and_a_folder_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "folder.pth").mkdir()
    assert ["is no file" in problem for problem in Catalog([tmp_path]).problems] == [True, True]


def test_a_file_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    path = other_networks.write(other_networks.nafnet(), tmp_path / "theirs.pth")
    assert read_any_card(path) is read_any_card(path)
    other_networks.write(other_networks.retinexformer(), path)
    assert read_any_card(path).network == "RetinexFormer"

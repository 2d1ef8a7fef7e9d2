"""The mean of checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.support.models import card_of, tiny
from train import average
from uniremoval import checkpoint
from uniremoval.errors import CheckpointError


def written(folder: Path, seed: int, **config: object) -> Path:
    network = tiny(seed, **config)
    path = folder / f"{seed}.safetensors"
    checkpoint.save(path, network, card_of(network, name=f"net-{seed}"))
    return path


def test_the_mean_lies_between_and_names_its_parents(tmp_path: Path) -> None:
    first, second, out = written(tmp_path, 1), written(tmp_path, 2), tmp_path / "mean.safetensors"
    average.main(["--checkpoints", str(first), str(second), "--shares", "1", "3", "--out", str(out)])
    (a, _), (b, _), (mean, card) = (checkpoint.load(path) for path in (first, second, out))
    for key, value in mean.state_dict().items():
        expected = 0.25 * a.state_dict()[key] + 0.75 * b.state_dict()[key]
        torch.testing.assert_close(value, expected, rtol=1e-3, atol=1e-4)  # halves in the file
    assert card.name == "mean"
    assert [(p["name"], p["role"]) for p in card.training["parents"]] == [
        ("net-1", "25 % of the mean"),
        ("net-2", "75 % of the mean"),
    ]


def test_the_mean_of_one_and_the_same_is_itself(tmp_path: Path) -> None:
    path, out = written(tmp_path, 1), tmp_path / "mean.safetensors"
    average.average([path, path], [1, 2], "same", out)
    for key, value in checkpoint.load(out)[0].state_dict().items():
        assert torch.equal(value, checkpoint.load(path)[0].state_dict()[key])


def test_what_has_no_mean(tmp_path: Path) -> None:
    first, other, out = written(tmp_path, 1), written(tmp_path, 2, width=16), tmp_path / "mean.safetensors"
    with pytest.raises(CheckpointError, match="another shape"):
        average.average([first, other], [1, 1], "mean", out)
    for shares in ([1], [0, 0], [1, -1]):
        with pytest.raises(CheckpointError, match="--shares"):
            average.average([first, first], shares, "mean", out)
    assert not out.exists()


def test_cards_do_not_grow_with_every_generation(tmp_path: Path) -> None:
    path, lengths = written(tmp_path, 1), []
    for generation in range(5):
        out = tmp_path / f"mean-{generation}.safetensors"
        average.average([path, path], [1, 2], "mean", out)
        path = out
        lengths.append(len(checkpoint.read_card(path).to_json()))
    assert lengths[-1] == lengths[-2]
    parent = checkpoint.read_card(path).training["parents"][0]
    assert parent["training"]["parents"][0].keys() == {"role", "name", "sha256"}

"""The network of transposed photos."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.models import card_of, tiny
from train import transpose
from uniremoval import checkpoint
from uniremoval.errors import CheckpointError
from uniremoval.networks import DiscriminatorConfig, PatchDiscriminator


@pytest.mark.parametrize("stem", [1, 2, 4])
def test_a_transposed_photo_gives_the_transposed_result(tmp_path: Path, stem: int) -> None:
    network = tiny(1, stem=stem)
    path, out = tmp_path / "across.safetensors", tmp_path / "along.safetensors"
    checkpoint.save(path, network, card_of(network, name="across"), torch.float32)
    transpose.main(["--checkpoint", str(path), "--out", str(out)])
    transposed, card = checkpoint.load(out)
    photo = torch.rand(1, 3, 48, 80)
    with torch.inference_mode():
        expected, result = network(photo), transposed(photo.mT.contiguous()).mT
        assert not torch.allclose(expected, network(photo.mT.contiguous()).mT, atol=1e-3)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-3)  # halves in the file
    assert card.name == "along"
    assert [(p["name"], p["role"]) for p in card.training["parents"]] == [("across", "transposed")]


def test_only_a_restorer_can_be_transposed(tmp_path: Path) -> None:
    network = PatchDiscriminator(DiscriminatorConfig())
    path, out = tmp_path / "critic.safetensors", tmp_path / "out.safetensors"
    checkpoint.save(path, network, card_of(network))
    with pytest.raises(CheckpointError, match="transposed"):
        transpose.transpose(path, "out", out)
    assert not out.exists()

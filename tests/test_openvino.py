"""Restoring through OpenVINO gives what PyTorch gives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests import files
from tests.conftest import Run
from tests.models import card_of, tiny
from uniremoval import openvino_network
from uniremoval.device import pick_device
from uniremoval.errors import UniremovalError
from uniremoval.photo import Photo, decode
from uniremoval.restore import Restorer

pytestmark = pytest.mark.skipif(not openvino_network.is_installed(), reason="wants the package openvino")


def psnr(a: Photo, b: Photo) -> float:
    return float(-10 * np.log10(np.mean((a.pixels - b.pixels) ** 2, dtype=np.float64)))


def restorers(precision: str, **config: object) -> tuple[Restorer, Restorer]:
    network = tiny(**config)
    card = card_of(network)
    return Restorer(network, card, "cpu", precision), Restorer(network, card, "openvino", precision)


def photo(height: int, width: int, seed: int = 0) -> Photo:
    return Photo(np.random.default_rng(seed).random((height, width, 3), np.float32))


@pytest.mark.parametrize(
    "config",
    [{}, {"context": 0}, {"stem": 4, "encoder_blocks": (1, 0, 2), "decoder_blocks": (2, 1, 1)}],
    ids=["small", "no context", "deep"],
)
@pytest.mark.parametrize(("precision", "least"), [("fp32", 90.0), ("bf16", 45.0)])
def test_same_result(precision: str, least: float, config: dict[str, object]) -> None:
    in_torch, fused = restorers(precision, **config)
    for size in ((64, 80), (37, 53), (5, 3)):
        given = photo(*size)
        assert psnr(in_torch.restore(given).photo, given) < 40, "the network does something"
        assert psnr(in_torch.restore(given).photo, fused.restore(given).photo) > least


def test_tiled_is_whole() -> None:
    _, fused = restorers("fp32")
    given = photo(150, 130)
    whole, tiled = fused.restore(given), fused.restore(given, tile=48)
    assert tiled.tiles > 4
    np.testing.assert_allclose(whole.photo.pixels, tiled.photo.pixels, atol=1e-5)


def test_threads_share_it() -> None:
    _, fused = restorers("fp32")
    given = [photo(40 + 8 * number, 64, seed=number) for number in range(6)]
    alone = [fused.restore(each).photo.pixels for each in given]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda each: fused.restore(each).photo.pixels, given * 4))
    assert all(np.array_equal(a, b) for a, b in zip(alone * 4, together, strict=True))


def test_on_the_command_line(run: Run, tmp_path: Path) -> None:
    source = files.png(tmp_path, files.noise(70, 90, 3))
    results = []
    for device in ("cpu", "openvino"):
        out = tmp_path / device
        code, _, said = run("restore", source, "--device", device, "-o", out, "--checkpoint", "student")
        assert code == 0, said
        results.append(decode(out / "photo.png"))
    assert psnr(*results) > 45


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_network, "find_spec", lambda name: None)
    with pytest.raises(UniremovalError, match="pip install openvino"):
        pick_device("openvino")

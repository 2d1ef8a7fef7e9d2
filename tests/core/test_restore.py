"""The engine: tiles equal the whole, precision, what is carried along, progress, cancelling, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import files
from tests.support.models import card_of, far_reaching, tiny
from uniremoval import checkpoint
from uniremoval.catalog import Catalog
from uniremoval.coarse_to_fine import Draft, Progress, Restored
from uniremoval.device import pick_device, pick_precision
from uniremoval.ensemble import restore_ensemble
from uniremoval.errors import (
    Cancelled,
    CheckpointError,
    MemoryLimitError,
    PhotoError,
    UniremovalError,
    UnknownCheckpointError,
)
from uniremoval.networks import RestorationNet, changed, halved
from uniremoval.photo import Photo, decode
from uniremoval.quality import psnr
from uniremoval.restore import Restorer, load_restorer

NETWORKS = [tiny(1), far_reaching(2), tiny(3, stem=1), far_reaching(4, stem=3, bottleneck_blocks=0)]


def restorer_of(network: RestorationNet, precision: str = "fp32") -> Restorer:
    return Restorer(network, card_of(network), "cpu", precision)


def random_photo(height: int, width: int, seed: int = 0) -> Photo:
    return Photo(np.random.default_rng(seed).random((height, width, 3), np.float32))


def largest_difference(restorer: Restorer, photo: Photo, tile: int) -> float:
    whole, tiled = (restorer.restore(photo, tile=side) for side in (10**6, tile))
    assert whole.tiles == 1
    return float(np.abs(whole.photo.pixels - tiled.photo.pixels).max())


@settings(max_examples=30)
@given(
    st.sampled_from(NETWORKS),
    st.integers(1, 230),
    st.integers(1, 230),
    st.integers(1, 100),
    st.integers(0, 2**32 - 1),
)
def test_any_tiling_equals_the_whole(network: RestorationNet, height: int, width: int, tile: int, seed: int) -> None:
    assert largest_difference(restorer_of(network), random_photo(height, width, seed), tile) <= 1e-5


@settings(max_examples=20)
@given(
    st.sampled_from(NETWORKS),
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from([None, 40]),
    st.sampled_from([(0,), (1,), (0, 1)]),
    st.integers(0, 2**32 - 1),
)
def test_an_ensemble_of_a_mirrored_photo_is_the_mirrored_ensemble(
    network: RestorationNet, height: int, width: int, tile: int | None, axes: tuple[int, ...], seed: int
) -> None:
    restorer, photo = restorer_of(network), random_photo(height, width, seed)
    mirrored = photo.with_pixels(np.flip(photo.pixels, axes).copy())
    before, after = (restore_ensemble(restorer, each, tile=tile).photo.pixels for each in (photo, mirrored))
    np.testing.assert_allclose(after, np.flip(before, axes), atol=1e-5)


def test_an_ensemble_without_room_says_so() -> None:
    class Greedy(Restorer):
        def restore(self, *_: object, **__: object) -> Restored:
            return np.empty(2**50)

    network = tiny(1)
    with pytest.raises(MemoryLimitError, match="70 x 50 pixels does not fit into memory"):
        restore_ensemble(Greedy(network, card_of(network), "cpu"), random_photo(50, 70))


def test_an_ensemble_is_the_mean_of_four(tmp_path: Path) -> None:
    restorer, photo = restorer_of(tiny(1)), random_photo(50, 70)
    seen: list[Progress] = []
    ensemble = restore_ensemble(restorer, photo, on_progress=seen.append, tile=32)
    flips = [np.s_[:, :], np.s_[::-1, :], np.s_[:, ::-1], np.s_[::-1, ::-1]]
    single = [restorer.restore(photo.with_pixels(photo.pixels[flip])).photo.pixels[flip] for flip in flips]
    np.testing.assert_allclose(ensemble.photo.pixels, np.mean(single, axis=0), atol=1e-5)
    assert np.abs(single[1] - single[0]).max() > 0.01, "the network itself is no mirror of itself"
    assert ensemble.tiles == 4 * 6
    shares = [progress.share for progress in seen]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0, 1) and len(set(shares)) == 1 + 4 * 6
    assert ensemble.notes == ("The mean over the photo and 3 mirror images.",)
    with pytest.raises(Cancelled):
        restore_ensemble(restorer, photo, should_stop=lambda: len(seen) > 0)
    path = files.png(tmp_path, files.noise(40, 50, 4, bits=16))
    kept = restore_ensemble(restorer, path).photo
    assert kept.bits == 16
    np.testing.assert_array_equal(kept.alpha, decode(path).alpha)


def test_tiling_equals_the_whole_with_the_default_depth() -> None:
    depth = {"encoder_blocks": (1, 2, 3), "decoder_blocks": (1, 2, 3)}
    restorer = restorer_of(tiny(0, **depth))
    assert restorer.network.overlap > 150
    assert largest_difference(restorer, random_photo(600, 500), 208) <= 1e-5


@pytest.mark.parametrize("network", NETWORKS[1::2])
def test_an_overlap_one_step_too_small_would_show(network: RestorationNet, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = random_photo(150, 150)
    assert largest_difference(restorer_of(network), photo, 48) <= 1e-5
    monkeypatch.setattr(RestorationNet, "overlap", network.overlap - network.multiple)
    assert largest_difference(restorer_of(network), photo, 48) > 1e-4


def test_memory_decides_on_tiles_and_not_on_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    restorer, photo = restorer_of(tiny(1)), random_photo(300, 400)
    whole = restorer.restore(photo)
    monkeypatch.setattr("uniremoval.coarse_to_fine.free_memory", lambda device: 4 * 2**20)
    tiled = restorer.restore(photo)
    assert whole.tiles == 1 < tiled.tiles
    assert np.abs(whole.photo.pixels - tiled.photo.pixels).max() <= 1e-5


def test_the_result_is_the_network_s_of_the_photo_going_on_mirrored() -> None:
    network, photo = tiny(1), random_photo(50, 70)
    rim = network.multiple
    with torch.no_grad():
        x = torch.from_numpy(photo.pixels).permute(2, 0, 1)[None]
        beyond = (rim, rim + -70 % rim, rim, rim + -50 % rim)
        mirrored = torch.nn.functional.pad(x, beyond, mode="reflect")
        whole = changed(mirrored, network(mirrored)).clamp(0, 1)
        expected = whole[0, :, rim : rim + 50, rim : rim + 70].permute(1, 2, 0).numpy()
    result = restorer_of(network).restore(photo).photo.pixels
    assert np.abs(result - expected).max() <= 1e-5
    assert np.abs(result - photo.pixels).mean() > 0.01
    assert result.min() == 0 and result.max() == 1
    assert result.dtype == np.float32 and result.flags.c_contiguous


@pytest.mark.parametrize("network", NETWORKS)
def test_bf16_agrees_with_fp32(network: RestorationNet) -> None:
    photo = random_photo(128, 128)
    full, half = (restorer_of(network, precision).restore(photo) for precision in ("fp32", "bf16"))
    assert (full.precision, half.precision) == ("fp32", "bf16")
    assert 45 <= psnr(full.photo.pixels, half.photo.pixels) < 150


def test_bf16_does_not_round_what_the_network_leaves_alone() -> None:
    network = tiny()
    torch.nn.init.zeros_(network.tail.weight)
    photo = random_photo(64, 64)
    assert np.array_equal(restorer_of(network, "bf16").restore(photo).photo.pixels, photo.pixels)


def test_alpha_exif_and_depth_are_carried(tmp_path: Path) -> None:
    samples = files.noise(40, 30, 4)
    photo = decode(files.png(tmp_path, samples))
    restored = restorer_of(tiny()).restore(photo).photo
    assert restored.bits == 16 and restored.format == "PNG"
    assert np.array_equal(restored.alpha, photo.alpha)
    turned = restorer_of(tiny()).restore(files.turned(tmp_path, 6, ".jpg")).photo
    assert turned.size == (24, 32) and b"Removal" in turned.exif


@pytest.mark.parametrize("pixels", [np.zeros((33, 47, 3), np.float32), np.ones((1, 1, 3), np.float32)])
def test_black_transparent_and_single_pixels(pixels: np.ndarray) -> None:
    photo = Photo(pixels, alpha=np.zeros(pixels.shape[:2], np.float32))
    restored = restorer_of(tiny()).restore(photo).photo
    assert restored.size == photo.size and np.isfinite(restored.pixels).all()
    assert not restored.alpha.any()


def test_a_long_thin_photo() -> None:
    assert largest_difference(restorer_of(tiny()), random_photo(3, 4000), 512) <= 1e-5


def test_progress_counts_scales_and_tiles() -> None:
    seen: list[Progress] = []
    restored = restorer_of(tiny()).restore(random_photo(96, 240), tile=50, on_progress=seen.append)
    assert [(p.scale, p.tile, p.tiles) for p in seen] == [
        (1, 0, 3),
        *((1, tile, 3) for tile in range(1, 4)),
        *((2, tile, 10) for tile in range(1, 11)),
    ]
    assert {p.scales for p in seen} == {2} and restored.tiles == 10
    for figures in ([p.share for p in seen], [p.seconds for p in seen]):
        assert figures == sorted(figures)
    assert (seen[0].share, seen[-1].share) == (0, 1) and seen[-1].seconds <= restored.seconds


def test_each_scale_is_handed_out_as_it_is_done() -> None:
    restorer, photo, drafts = restorer_of(tiny()), random_photo(301, 500), list[Draft]()
    restored = restorer.restore(photo, on_scale=drafts.append).photo.pixels
    assert [(d.scale, d.scales, d.pixels.shape) for d in drafts] == [(1, 3, (76, 125, 3)), (2, 3, (151, 250, 3))]
    small = halved(torch.from_numpy(photo.pixels).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(drafts[1].pixels, restorer.restore(Photo(small)).photo.pixels)
    assert min(d.pixels.min() for d in drafts) >= 0 and max(d.pixels.max() for d in drafts) <= 1
    np.testing.assert_array_equal(restored, restorer.restore(photo).photo.pixels)


def test_cancelling_stops_before_the_next_tile() -> None:
    restorer, photo, seen = restorer_of(tiny()), random_photo(100, 100), []
    with pytest.raises(Cancelled, match="2 of 9 tiles"):
        restorer.restore(photo, tile=40, on_progress=seen.append, should_stop=lambda: len(seen) == 3)
    assert [p.tile for p in seen] == [0, 1, 2]
    with pytest.raises(Cancelled):
        restorer.restore(photo, should_stop=lambda: True)
    assert restorer.restore(photo, tile=40).tiles == 9


def test_cancelling_stops_within_a_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uniremoval.networks.restorer.BAND_VALUES", 2**14)
    asked, seen = 0, list[Progress]()

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == 10

    with pytest.raises(Cancelled, match="0 of 1 tiles"):
        restorer_of(tiny()).restore(random_photo(190, 190), on_progress=seen.append, should_stop=should_stop)
    assert (asked, len(seen)) == (10, 1)


def test_threads_share_a_restorer_without_mixing_photos() -> None:
    restorer = restorer_of(tiny())
    photos = [random_photo(60 + 10 * i, 90, seed=i) for i in range(8)]
    alone = [restorer.restore(photo, tile=32).photo.pixels for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda photo: restorer.restore(photo, tile=32).photo.pixels, photos * 3))
    for a, b in zip(alone * 3, together, strict=True):
        assert np.array_equal(a, b)


def test_the_photo_and_the_network_stay_as_they_were() -> None:
    network, photo = tiny(), random_photo(40, 40)
    weights = {key: value.clone() for key, value in network.state_dict().items()}
    before = photo.pixels.copy()
    restorer_of(network, "bf16").restore(photo)
    assert np.array_equal(photo.pixels, before)
    assert all(torch.equal(value, weights[key]) for key, value in network.state_dict().items())
    network.train()(torch.rand(1, 3, 32, 32)).mean().backward()  # can still be trained


def test_values_that_are_not_numbers_are_an_error() -> None:
    network = tiny()
    with torch.no_grad():
        network.tail.bias[3] = float("inf")
    with pytest.raises(CheckpointError, match=r"'tiny'.*not numbers"):
        restorer_of(network).restore(random_photo(20, 20))


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="tile"):
        restorer_of(tiny()).restore(random_photo(8, 8), tile=0)
    with pytest.raises(UniremovalError, match=r"'tpu' is not available.*cpu"):
        restorer_of_device("tpu")
    with pytest.raises(UniremovalError, match=r"fp8.*bf16"):
        restorer_of(tiny(), "fp8")


def restorer_of_device(device: str) -> Restorer:
    network = tiny()
    return Restorer(network, card_of(network), device)


def test_auto_picks_something_that_exists() -> None:
    device = pick_device("auto")
    assert pick_device(device) == device
    assert pick_precision("auto", device) in ("bf16", "fp32")


def test_each_process_of_several_takes_its_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uniremoval.device._cuda_devices", lambda: ["cuda", "cuda:0", "cuda:1"])
    assert str(pick_device("auto")) == "cuda"
    for number, expected in (("0", "cuda:0"), ("1", "cuda:1"), ("2", "cuda")):
        monkeypatch.setenv("LOCAL_RANK", number)
        assert str(pick_device("auto")) == expected


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        ({"cpu_name": "AMD Genoa", "avx512_bf16": True, "amx_bf16": False}, "bf16"),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": True}, "bf16"),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": False}, "fp32"),
        ({"cpu_name": "AMD Rome", "avx512_bf16": False}, "fp32"),
        ({}, "fp32"),
    ],
)
def test_bf16_is_picked_where_it_is_faster(
    processor: dict[str, object], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: processor)
    assert pick_precision("auto", torch.device("cpu")) == expected


def test_load_restorer_by_name_and_by_path(checkpoints: Path, tmp_path: Path) -> None:
    photo = files.jpeg(tmp_path)
    by_name = load_restorer("student", device="cpu", precision="fp32", catalog=Catalog([checkpoints]))
    by_path = load_restorer(checkpoints / "student.safetensors", device="cpu", precision="fp32")
    network, _ = checkpoint.load(checkpoints / "student.safetensors")
    expected = restorer_of(network).restore(photo).photo.pixels
    for restorer in (by_name, by_path):
        assert restorer.card.name == "student"
        assert np.array_equal(restorer.restore(str(photo)).photo.pixels, expected)
    with pytest.raises(UnknownCheckpointError):
        load_restorer("nobody", catalog=Catalog([checkpoints]))
    with pytest.raises(PhotoError):
        by_name.restore(tmp_path / "missing.jpg")

"""What the networks are trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.models import THREE
from train.data.folders import PhotoFolder, pair_folder, photo_folder, split
from train.data.layouts import pairs_in
from train.data.lighting import dull, relight
from train.data.paired import PairedPatches
from train.data.unpaired import UnpairedPhotos
from uniremoval.checkpoint import Degradation
from uniremoval.errors import PhotoError


def write_photos(folder: Path, count: int, size: tuple[int, int] = (90, 120), level: int | None = None) -> Path:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(count)
    for number in range(count):
        pixels = rng.integers(0, 256, (*size, 3)) if level is None else np.full((*size, 3), level)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"photo{number:03}.png")
    return folder


def pairs(photos: PhotoFolder, **changes: object) -> PairedPatches:
    options = {"length": 100, "view": 64, "patch": 32, "patches": 2, "seed": 0} | changes
    return PairedPatches(photos, list(THREE), **({"untouched": 0.1} | options))


def test_an_item_depends_on_seed_and_index_alone(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "clean", 3)
    first, again = pairs(photo_folder(folder)), pairs(photo_folder(folder))
    first[0], first[7]  # other items before it make no difference
    item, same = first[5], again[5]
    assert all(torch.equal(item[key], same[key]) for key in item)
    assert not torch.equal(item["lq"], pairs(photo_folder(folder), seed=1)[5]["lq"])


def test_every_item_holds_every_degradation(tmp_path: Path) -> None:
    item = pairs(photo_folder(write_photos(tmp_path / "clean", 3)))[0]
    assert item["lq"].shape == item["gt"].shape == (3, 2, 3, 32, 32)
    assert item["thumbnail"].shape == (3, 2, 3, 64, 64)
    assert all(value.min() >= 0 and value.max() <= 1 for value in item.values())


def test_untouched_share(tmp_path: Path) -> None:
    photos = photo_folder(write_photos(tmp_path / "clean", 2))
    assert all(torch.equal(item["lq"], item["gt"]) for item in (pairs(photos, untouched=1.0)[i] for i in range(3)))
    assert not any(torch.equal(item["lq"], item["gt"]) for item in (pairs(photos, untouched=0.0)[i] for i in range(5)))


def test_other_light_changes_colours_and_clips_nothing() -> None:
    photo = np.random.default_rng(0).random((16, 16, 3), dtype=np.float32)
    draws = [relight(photo, np.random.default_rng(seed)) for seed in range(40)]
    changed = [draw for draw in draws if not np.array_equal(draw, photo)]
    assert 4 < len(changed) < 18
    for draw in changed:
        assert draw.dtype == np.float32 and draw.min() >= 0 and draw.max() <= 1
        for channel, before in zip(draw.reshape(-1, 3).T, photo.reshape(-1, 3).T, strict=True):
            assert np.array_equal(np.argsort(channel, kind="stable"), np.argsort(before, kind="stable"))


def test_dull_scenes_are_warmer_flatter_and_never_grey() -> None:
    photo = np.random.default_rng(0).random((16, 16, 3), dtype=np.float32)
    for seed in range(40):
        scene = dull(photo, np.random.default_rng(seed))
        red, _, blue = scene.mean((0, 1))
        assert scene.dtype == np.float32 and scene.min() >= 0 and scene.max() <= 1
        assert scene.std() < photo.std() and red - blue > 0.02


def test_what_is_hazed_is_never_dull(tmp_path: Path) -> None:
    photos = photo_folder(write_photos(tmp_path / "clean", 1, level=128))
    data = pairs(photos, untouched=0.0, dull=1.0)
    scenes = torch.stack([data[i]["gt"] for i in range(20)])
    warmth = (scenes[:, :, :, 0] - scenes[:, :, :, 2]).mean((0, 2, 3, 4))
    assert [value > 0.04 for value in warmth.tolist()] == [kind != Degradation.HAZE for kind in THREE], warmth


def test_depth_is_found_beside_the_photos(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "clean", 2)
    (tmp_path / "clean_depth").mkdir()
    ramp = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None], 48, axis=0)
    Image.fromarray(ramp).save(tmp_path / "clean_depth" / "photo000.png")
    photos = photo_folder(folder)
    rng = np.random.default_rng(0)
    _, depth = photos.view(0, 40, rng)
    assert depth is not None and depth.shape == (40, 40)
    slopes = np.diff(depth.mean(axis=0))
    assert (slopes >= 0).all() or (slopes <= 0).all()
    assert photos.view(1, 40, rng)[1] is None


def test_photos_smaller_than_a_view_are_scaled_up(tmp_path: Path) -> None:
    photo, _ = photo_folder(write_photos(tmp_path / "clean", 1, (20, 30))).view(0, 64, np.random.default_rng(0))
    assert photo.shape == (64, 64, 3)


def test_training_and_validation_share_no_photo(tmp_path: Path) -> None:
    training, held_out = split(photo_folder(write_photos(tmp_path / "clean", 60, (8, 8))))
    assert len(held_out) == 3
    assert len(training) == 57
    assert not set(training.paths) & set(held_out.paths)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotoError, match="empty"):
        photo_folder(tmp_path / "empty")
    with pytest.raises(PhotoError, match="nowhere"):
        photo_folder(tmp_path / "nowhere")


def test_a_broken_photo_is_named(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "clean", 1)
    (folder / "photo000.png").write_bytes(b"not a photo")
    with pytest.raises(PhotoError, match=r"photo000\.png"):
        pairs(photo_folder(folder))[0]


def test_unpaired_items(tmp_path: Path) -> None:
    folders = [photo_folder(write_photos(tmp_path / kind, 2, level=60 * k)) for k, kind in enumerate(THREE)]
    clear = photo_folder(write_photos(tmp_path / "clear", 2, level=255))
    data = UnpairedPhotos(folders, clear, length=10, view=64, patch=32, patches=2, seed=0)
    item = data[3]
    assert [round(255 * level) for level in item["degraded"].mean((1, 2, 3, 4)).tolist()] == [0, 60, 120]
    assert item["clear"].min() == 1
    assert item["degraded_thumbnail"].shape == item["clear_thumbnail"].shape == (3, 2, 3, 64, 64)
    assert all(torch.equal(item[key], data[3][key]) for key in item)


def test_ready_pairs_are_matched_by_name(tmp_path: Path) -> None:
    write_photos(tmp_path / "set" / "input", 2)
    write_photos(tmp_path / "set" / "target", 2)
    assert [(a.name, b.name) for a, b in pairs_in(tmp_path / "set")] == [(f"photo00{i}.png",) * 2 for i in range(2)]
    (tmp_path / "set" / "target" / "photo001.png").unlink()
    with pytest.raises(PhotoError, match=r"photo001\.png"):
        pairs_in(tmp_path / "set")


@pytest.mark.parametrize(
    ("degraded", "clean"),
    [
        ("hazy/0001_0.8_0.2.png", "clear/0001.png"),
        ("rainy/rain-001.png", "norain/norain-001.png"),
        ("rainy_image/901_14.jpg", "ground_truth/901.jpg"),
        ("real_world/5_1.png", "real_world_gt/5_1gt.png"),
        ("GOPR0384_11_00/blur/000001.png", "GOPR0384_11_00/sharp/000001.png"),
        ("scene001/blur/blur_1.png", "scene001/gt/gt_1.png"),
    ],
)
def test_published_layouts(tmp_path: Path, degraded: str, clean: str) -> None:
    for name in (degraded, clean):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    assert pairs_in(tmp_path) == [(tmp_path / degraded, tmp_path / clean)]
    (tmp_path / clean).unlink()
    with pytest.raises(PhotoError, match=Path(degraded).name):
        pairs_in(tmp_path)


def test_a_folder_in_no_known_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="input/ \\+ target/"):
        pairs_in(tmp_path)


def test_half_of_the_views_come_from_ready_pairs(tmp_path: Path) -> None:
    photos = photo_folder(write_photos(tmp_path / "clean", 2, level=0))
    write_photos(tmp_path / "set" / "input", 2, level=100)
    write_photos(tmp_path / "set" / "target", 2, level=50)
    data = pairs(photos, ready={Degradation.RAIN: pair_folder(tmp_path / "set")})
    levels = [[round(255 * gt.mean().item()) for gt in data[i]["gt"]] for i in range(30)]
    assert {haze for haze, _, _ in levels} == {0}
    assert 5 < [rain for _, rain, _ in levels].count(50) < 25
    ready = next(data[i] for i in range(30) if levels[i][1] == 50)
    assert round(255 * ready["lq"][1].mean().item()) == 100


def test_ready_pairs_are_cut_alike(tmp_path: Path) -> None:
    """Both sides of a pair come from the same square: identical photos stay identical."""
    for part in ("input", "target"):
        write_photos(tmp_path / "set" / part, 2)
    folder = pair_folder(tmp_path / "set")
    for seed in range(5):
        degraded, clean = folder.view(0, 40, np.random.default_rng(seed))
        assert (degraded == clean).all()

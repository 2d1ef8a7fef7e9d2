"""What the networks are trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import default_collate

from tests.support.models import THREE
from tests.support.training import write_photos
from train.data.batch import Shares
from train.data.folders import PhotoFolder, decoded, pair_folder, photo_folder, split
from train.data.layouts import pairs_in
from train.data.lighting import dull, relight
from train.data.paired import PairedViews
from train.data.unpaired import UnpairedPhotos
from uniremoval.errors import PhotoError
from uniremoval.method import Degradation

SOME_UNTOUCHED = Shares(untouched=0.1)


def pairs(photos: PhotoFolder, shares: Shares = SOME_UNTOUCHED, **changes: object) -> PairedViews:
    options = {"length": 100, "together": 2, "view": 64, "seed": 0, "kinds": THREE} | changes
    return PairedViews(photos, list(options.pop("kinds")), shares=shares, **options)


def prepared(data: PairedViews | UnpairedPhotos, *indices: int) -> dict[str, torch.Tensor]:
    return data.prepare(default_collate([data[index] for index in indices]), torch.device("cpu"))


def test_an_item_depends_on_seed_and_index_alone(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "clean", 3)
    first, again = pairs(photo_folder(folder)), pairs(photo_folder(folder))
    first[0], first[7]  # other items before it make no difference
    item, same = first[5], again[5]
    assert all(torch.equal(item[key], same[key]) for key in item)
    assert not torch.equal(item["clean"], pairs(photo_folder(folder), seed=1)[5]["clean"])


def test_what_becomes_of_an_item_depends_on_no_other(tmp_path: Path) -> None:
    data = pairs(photo_folder(write_photos(tmp_path / "clean", 3)))
    alone, together = prepared(data, 5), prepared(data, 4, 5)
    assert all(torch.equal(alone[key][0], together[key][1]) for key in alone)
    other = prepared(pairs(data.photos, seed=1), 5)
    assert not torch.equal(alone["lq"], other["lq"])


def test_every_item_holds_every_degradation(tmp_path: Path) -> None:
    batch = prepared(pairs(photo_folder(write_photos(tmp_path / "clean", 3))), *range(4))
    assert batch["lq"].shape == batch["gt"].shape == (4, 3, 3, 64, 64)
    assert all(value.dtype == torch.float32 and value.min() >= 0 and value.max() <= 1 for value in batch.values())


def test_untouched_share(tmp_path: Path) -> None:
    photos = photo_folder(write_photos(tmp_path / "clean", 2))
    batch = prepared(pairs(photos, Shares(untouched=1.0)), *range(3))
    assert torch.equal(batch["lq"], batch["gt"])
    batch = prepared(pairs(photos, Shares(untouched=0.0)), *range(5))
    assert (batch["lq"] != batch["gt"]).flatten(2).any(2).all()
    batch = prepared(pairs(photos, Shares(untouched=0.3)), *range(40))
    assert 0.15 < (batch["lq"] == batch["gt"]).flatten(2).all(2).float().mean() < 0.45


def test_half_of_the_blur_is_turned_with_its_photo(tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    Image.fromarray(np.tile(np.arange(120, dtype=np.uint8), (90, 1))).save(tmp_path / "clean" / "ramp.png")
    data = pairs(photo_folder(tmp_path / "clean"), kinds=[Degradation.BLUR, Degradation.RAIN])
    slopes = [data[index]["clean"].float().diff(dim=2).abs().mean((1, 2, 3)).tolist() for index in range(40)]
    assert 10 < sum(blur > 0.1 for blur, _ in slopes) < 30
    assert all(rain < 0.1 for _, rain in slopes)


def test_walled_scenes_are_even_far_away_in_both_photos(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "clean", 2)
    (tmp_path / "clean_depth").mkdir()
    ramp = np.repeat(np.linspace(255, 0, 90).astype(np.uint8)[:, None], 120, axis=1)
    for path in photos.iterdir():
        Image.fromarray(ramp).save(tmp_path / "clean_depth" / path.name)
    for share in (0.0, 1.0):
        shares = Shares(untouched=0.0, camera=0.0, walled=share)
        batch = prepared(pairs(photo_folder(photos), shares, kinds=[Degradation.HAZE]), *range(20))
        contrast = {key: batch[key][:, 0, :, :2].std((2, 3)).amax(1) for key in ("lq", "gt")}
        assert all((value < 1e-3).float().mean() > 0.3 if share else value.min() > 1e-3 for value in contrast.values())


def test_enlarged_views_are_degraded_first_and_nothing_is_sharp_in_them(tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (520, 520, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "clean" / "noise.png")

    def sharpness(view: int, share: float) -> dict[str, float]:
        shares = Shares(untouched=0.0, camera=0.0, enlarged=share)
        data = pairs(photo_folder(tmp_path / "clean"), shares, view=view, kinds=[Degradation.RAIN])
        data.sides = [view]
        batch = prepared(data, *range(3))
        return {key: batch[key].diff(dim=-1).abs().mean().item() for key in ("lq", "gt")}

    native, enlarged = sharpness(512, 0.0), sharpness(512, 1.0)
    assert all(enlarged[key] < 0.6 * native[key] for key in native)
    assert sharpness(384, 0.0) == sharpness(384, 1.0)


def test_other_light_changes_colours_and_clips_nothing() -> None:
    photo = torch.from_numpy(np.random.default_rng(0).random((3, 16, 16), dtype=np.float32))
    draws = relight(photo.expand(40, -1, -1, -1), [np.random.default_rng(seed) for seed in range(40)])
    changed = [draw for draw in draws if not torch.equal(draw, photo)]
    assert 4 < len(changed) < 18
    for draw in changed:
        assert draw.dtype == torch.float32 and draw.min() >= 0 and draw.max() <= 1
        for channel, before in zip(draw.flatten(1), photo.flatten(1), strict=True):
            assert torch.equal(channel.argsort(stable=True), before.argsort(stable=True))


def test_dull_scenes_are_warmer_flatter_and_never_grey() -> None:
    photo = torch.from_numpy(np.random.default_rng(0).random((3, 16, 16), dtype=np.float32))
    for scene in dull(photo.expand(40, -1, -1, -1), [np.random.default_rng(seed) for seed in range(40)]):
        red, _, blue = scene.mean((1, 2))
        assert scene.dtype == torch.float32 and scene.min() >= 0 and scene.max() <= 1
        assert scene.std() < photo.std() and red - blue > 0.02


def test_what_is_hazed_is_never_dull(tmp_path: Path) -> None:
    photos = photo_folder(write_photos(tmp_path / "clean", 1, level=128))
    scenes = prepared(pairs(photos, Shares(untouched=0.0, dull=1.0)), *range(20))["gt"]
    warmth = (scenes[:, :, 0] - scenes[:, :, 2]).mean((0, 2, 3))
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
    slopes = np.diff(depth.astype(float).mean(axis=0))
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
    data = UnpairedPhotos(folders, clear, length=10, together=2, view=64, seed=0)
    batch = prepared(data, 3)
    assert [round(255 * level) for level in batch["real"][0].mean((1, 2, 3)).tolist()] == [0, 60, 120]
    assert batch["clear"].min() == 1
    assert batch["real"].shape == batch["clear"].shape == (1, 3, 3, 64, 64)
    assert all(torch.equal(value, data[3][key]) for key, value in data[3].items())


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
    batch = prepared(data, *range(30))
    levels = [[round(255 * gt.mean().item()) for gt in gts] for gts in batch["gt"]]
    assert {haze for haze, _, _ in levels} == {0}
    assert 5 < [rain for _, rain, _ in levels].count(50) < 25
    ready = next(i for i in range(30) if levels[i][1] == 50)
    assert round(255 * batch["lq"][ready, 1].mean().item()) == 100


def test_ready_pairs_are_cut_alike(tmp_path: Path) -> None:
    """Both sides of a pair come from the same square: identical photos stay identical."""
    for part in ("input", "target"):
        write_photos(tmp_path / "set" / part, 2)
    folder = pair_folder(tmp_path / "set")
    for seed in range(5):
        degraded, clean = folder.view(0, 40, np.random.default_rng(seed))
        assert (degraded == clean).all()


def test_photos_are_read_as_the_app_reads_them(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    for mode, shape in (("RGB", (64, 64, 3)), ("L", (64, 64))):
        found = decoded(tmp_path / "deep.png", mode)
        assert found.shape == shape and found.min() == 0 and found.max() == 255 and abs(found.mean() - 127.5) < 1
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "turned.jpg", exif=exif)
    assert decoded(tmp_path / "turned.jpg").shape == (30, 20, 3)
    Image.fromarray(np.zeros((8, 8), np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(PhotoError, match="cannot be used for training"):
        decoded(tmp_path / "float.tif")

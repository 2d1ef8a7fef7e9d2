"""Data is checked before it is trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.support import files
from train import prepare
from train.data.duplicates import near_duplicates
from uniremoval.errors import PhotoError


def scene(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((160, 120), Image.Resampling.BICUBIC)


def put(image: Image.Image, path: Path, **options: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def test_counts_pairs_and_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        put(scene(number), tmp_path / "train" / "clean" / f"{number}.jpg")
    put(scene(10), tmp_path / "test" / "pairs" / "set" / "input" / "a.png")
    put(scene(11), tmp_path / "test" / "pairs" / "set" / "target" / "a.png")
    prepare.main(["--root", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "3 photos  training  train/clean" in printed
    assert "1 pairs   test      test/pairs/set" in printed
    assert "no test photo among 3" in printed


def test_first_missing_partner_is_named(tmp_path: Path) -> None:
    put(scene(0), tmp_path / "set" / "hazy" / "0007_0.8_0.2.png")
    put(scene(1), tmp_path / "set" / "clear" / "0008.png")
    with pytest.raises(PhotoError, match=r"0007_0\.8_0\.2"):
        prepare.main(["--root", str(tmp_path)])


def test_a_test_photo_in_training_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(scene(0), tmp_path / "test" / "real" / "photo.png")
    put(scene(1), tmp_path / "train" / "clean" / "innocent.jpg")
    put(scene(0).resize((90, 70)), tmp_path / "train" / "clean" / "copy.jpg", quality=60)
    with pytest.raises(PhotoError, match="1 training photos show test photos"):
        prepare.main(["--root", str(tmp_path)])
    assert "copy.jpg and test" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["same", "smaller", "mirrored", "darker", "compressed"])
def test_near_copies_are_found(tmp_path: Path, change: str) -> None:
    changed = {
        "same": scene(0),
        "smaller": scene(0).resize((40, 30)),
        "mirrored": ImageOps.mirror(scene(0)),
        "darker": scene(0).point(lambda level: level // 2),
        "compressed": scene(0),
    }[change]
    ours = put(changed, tmp_path / "ours.jpg", quality=20 if change == "compressed" else 90)
    theirs = [put(scene(seed), tmp_path / f"{seed}.png") for seed in range(30)]
    assert near_duplicates([ours], theirs) == [(ours, theirs[0])]


def test_a_near_copy_in_heic_is_found(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.heic", put(scene(0), tmp_path / "0.png")
    ours.write_bytes(files.heif(scene(0)))
    assert near_duplicates([ours], [theirs]) == [(ours, theirs)]


def test_a_damaged_photo_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"truncated\.heic: cannot be compared.*cut short"):
        near_duplicates([files.truncated(tmp_path, ".heic")], [put(scene(0), tmp_path / "0.png")])


def test_a_missing_root_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="nowhere"):
        prepare.main(["--root", str(tmp_path / "nowhere")])

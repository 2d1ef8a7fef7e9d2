"""The checkpoints that come with the project."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import FIVE
from train.data.even_fog import Scene, scenes, unevenness
from uniremoval.catalog import SHIPPED, Catalog
from uniremoval.photo import Photo, decode
from uniremoval.restore import load_restorer

CATALOG = Catalog([SHIPPED])
PAGODA = decode(SHIPPED.parent / "examples" / "haze-pagoda.jpg")


@cache
def restored_pagoda(name: str) -> np.ndarray:
    return load_restorer(name, catalog=CATALOG).restore(PAGODA).photo.pixels


@pytest.fixture(scope="module")
def fog() -> list[Scene]:
    return list(scenes(4))


def test_all_five_are_there_and_usable() -> None:
    assert [entry.name for entry in CATALOG.entries()] == [
        "teacher-blur", "teacher-haze", "teacher-rain", "student", "student-adapted"
    ]  # fmt: skip
    assert CATALOG.problems == []


def seconds_of(training: dict[str, Any]) -> float:
    """Of the run itself and those it began from, or, for a mean, of the shortest run in it."""
    if "seconds" in training:
        assert training["steps"] > 0 and training["hardware"]
        began_from = [p["training"] for p in training["parents"] if p["role"] == "start" and "training" in p]
        return training["seconds"] + training.get("seconds_before", 0) + sum(map(seconds_of, began_from))
    assert all("of the mean" in parent["role"] or parent["role"] == "transposed" for parent in training["parents"])
    return min(seconds_of(parent["training"]) for parent in training["parents"])


@pytest.mark.parametrize("name", FIVE)
def test_card_says_how_it_was_made_and_measured(name: str) -> None:
    entry = CATALOG.named(name)
    assert (entry.card.stage, entry.card.degradations) == FIVE[name]
    assert entry.path.stat().st_size <= 10e6
    training = entry.card.training
    assert seconds_of(training) >= 20 * 60
    assert len(training["git_commit"].split("+")[0]) == 40
    assert {score["set"] for score in entry.card.scores} >= {
        "SOTS-outdoor",
        "Rain100H",
        "GoPro",
        "haze",
        "rain",
        "blur",
    }
    assert all("train.evaluate" in score["command"] for score in entry.card.scores)


@pytest.mark.parametrize(
    ("name", "measured"), [("teacher-haze", "SOTS-outdoor"), ("teacher-rain", "Rain100H"), ("teacher-blur", "GoPro")]
)
def test_teachers_were_measured_to_improve_their_own_degradation(name: str, measured: str) -> None:
    (score,) = (score for score in CATALOG.named(name).card.scores if score["set"] == measured)
    assert score["psnr"] > score["input_psnr"]


@pytest.mark.parametrize("name", FIVE)
def test_a_real_restoration_is_a_photo_and_not_the_input(name: str) -> None:
    restored = restored_pagoda(name)
    assert restored.shape == PAGODA.pixels.shape and (restored != PAGODA.pixels).any()
    assert restored.std() > 0.5 * PAGODA.pixels.std(), "not washed out"
    assert np.abs(restored - PAGODA.pixels).mean() < 0.3


@pytest.mark.parametrize("name", ["teacher-haze", "student", "student-adapted"])
def test_a_hazy_sky_gets_no_pale_rim(name: str) -> None:
    """What the restoration adds to the outermost 4 pixels of a sky is what it adds a little further in."""
    added = (restored_pagoda(name) - PAGODA.pixels)[: PAGODA.size[0] // 3].mean(axis=2)
    rims = [side[:, :4].mean() - side[:, 24:48].mean() for side in (added, added[:, ::-1], added.T)]
    assert abs(np.mean(rims)) < 6 / 255


def test_haze_is_taken_off_the_example() -> None:
    """The darkest colour of each neighbourhood, nearly black in clear photos, falls a lot (He et al. 2009); below the
    sky, which stays as it is."""

    def dark_channel(pixels: np.ndarray) -> float:
        darkest = Image.fromarray((pixels.min(axis=2) * 255).astype(np.uint8))
        return float(np.asarray(darkest.resize((40, 27), Image.Resampling.BOX))[9:].mean())

    assert dark_channel(restored_pagoda("student")) < 0.85 * dark_channel(PAGODA.pixels)


@pytest.mark.parametrize("name", ["teacher-haze", "student", "student-adapted"])
def test_even_fog_stays_even_around_objects(name: str, fog: list[Scene]) -> None:
    restorer = load_restorer(name, catalog=CATALOG)
    found = [unevenness(restorer.restore(Photo(scene.pixels)).photo.pixels, scene.fog) for scene in fog]
    assert np.mean(found) < 8, f"levels of 255 by scene: {found}"

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import skimage.data
import skimage.metrics
import torch
from PIL import Image

from uniremoval import quality
from uniremoval.paths import ROOT
from uniremoval.quality import haze_cue


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A photo of 300 x 451 pixels, neither side a multiple of 16."""
    return (skimage.data.chelsea() / 255).astype(np.float32)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def values(pixels: np.ndarray, **options) -> dict[str, float | None]:
    return {key: item.value for key, item in quality.score(pixels, **options).items()}


@pytest.mark.parametrize(
    ("name", "brisque", "piqe"),
    [("chelsea", 2.572, 35.345), ("astronaut", 2.875, 33.712), ("coffee", 30.057, 29.361), ("rocket", 9.935, 40.054)],
)
def test_scores_of_photos(name: str, brisque: float, piqe: float):
    """PIQE beside what an independent implementation gives that differs in which columns surround a block's centre."""
    scores = quality.score((getattr(skimage.data, name)() / 255).astype(np.float32))
    assert list(scores) == ["brisque", "piqe"]
    assert scores["brisque"].value == pytest.approx(brisque, abs=0.02)
    assert scores["piqe"].value == pytest.approx(piqe, abs=0.15)
    assert all(item.reason is None and item.lower_is_better for item in scores.values())


@pytest.mark.parametrize(("name", "niqe"), [("astronaut", 3.0610), ("coffee", 4.0624), ("chelsea", 2.5721)])
def test_niqe_of_photos(name: str, niqe: float):
    """Beside what BasicSR's implementation, another one than pyiqa's, gives of the same grey levels."""
    pixels = (getattr(skimage.data, name)() / 255).astype(np.float32)
    scores = quality.extra_scores(["fsim", "niqe"], pixels)
    assert list(scores) == ["niqe"] and scores["niqe"].value == pytest.approx(niqe, abs=0.003)


def test_scores_by_a_reference_fall_with_the_damage(photo):
    noise = np.random.default_rng(0).normal(0, 1, photo.shape).astype(np.float32)
    found = [quality.extra_scores(["ms_ssim", "fsim"], photo + amount * noise, photo) for amount in (0, 0.05, 0.2)]
    for name in ("ms_ssim", "fsim"):
        same, little, much = (scores[name].value for scores in found)
        assert same == pytest.approx(1, abs=1e-6) and 0 < much < little < 0.999
    small = quality.extra_scores(["ms_ssim"], photo[:200, :300], photo)["ms_ssim"]
    assert small.value is None and "differ in size" in small.reason


def test_extra_scores_have_a_reason_where_there_is_no_value(photo):
    for pixels, reason in ((photo[:191], "smaller than 192"), (np.full_like(photo, 0.5), "too even")):
        item = quality.extra_scores(["niqe"], pixels)["niqe"]
        assert item.value is None and reason in item.reason
    item = quality.extra_scores(["fsim"], np.full_like(photo, np.nan), photo)["fsim"]
    assert item.value is None and "not numbers" in item.reason
    large = np.tile(photo, (2, 2, 1))
    limited = quality.extra_scores(["niqe"], large, max_megapixels=photo[..., 0].size / 1e6)["niqe"]
    assert limited.value != quality.extra_scores(["niqe"], large)["niqe"].value


def test_scores_are_pyiqas_own_for_a_photo_that_reaches_white_and_has_no_flat_areas(tmp_path):
    import pyiqa

    from uniremoval.quality import naturalness

    photo = (skimage.data.coffee() / 255).astype(np.float32)[:, :592]
    assert photo.max() == 1
    weights = tmp_path / "svm.pt"
    torch.save(naturalness._svm(), weights)
    image = torch.from_numpy(photo).permute(2, 0, 1)[None]
    metric = pyiqa.create_metric("brisque", device="cpu", pretrained_model_path=str(weights))
    assert values(photo)["brisque"] == pytest.approx(float(metric(image)), abs=0.02)
    assert values(photo)["piqe"] == pytest.approx(float(pyiqa.create_metric("piqe", device="cpu")(image)), abs=0.05)


@pytest.mark.parametrize("brightest", [0.2, 0.5, 1.0])
def test_piqe_does_not_depend_on_the_brightest_pixel(photo, brightest):
    dark = photo * 0.2
    speck = dark.copy()
    speck[5, 7] = brightest
    assert values(speck)["piqe"] == pytest.approx(values(dark)["piqe"], abs=0.5)


def test_the_tone_of_a_flat_area_does_not_change_brisque(photo):
    scores = []
    for tone in (40, 200, 255):
        half = photo.copy()
        half[:150] = tone / 255
        scores.append(values(half)["brisque"])
    assert max(scores) - min(scores) < 0.5


def test_piqe_of_a_side_that_is_no_multiple_of_a_block_repeats_the_edge(photo):
    whole = np.pad(photo, ((0, 4), (0, 13), (0, 0)), mode="edge")
    assert values(photo)["piqe"] == values(whole)["piqe"]


def test_damage_makes_scores_worse(photo):
    clean = values(photo)
    noisy = values(photo + np.random.default_rng(0).normal(0, 0.1, photo.shape).astype(np.float32))
    assert noisy["brisque"] > clean["brisque"] + 10
    assert noisy["piqe"] > clean["piqe"] + 10


def test_scores_are_those_of_the_8_bit_file(photo):
    assert values(photo + np.float32(0.4 / 255)) == values(photo)


def test_large_photos_are_scaled_down_first(photo):
    assert values(photo, max_megapixels=1) == values(photo)
    small = Image.fromarray(np.rint(photo * 255).astype(np.uint8)).resize((226, 150), Image.Resampling.BICUBIC)
    expected = values(np.asarray(small, np.float32) / 255)
    limited = values(photo, max_megapixels=226 * 150 / 1e6)
    assert limited["brisque"] == pytest.approx(expected["brisque"], abs=0.5)
    assert limited["piqe"] == pytest.approx(expected["piqe"], abs=2.5)  # few blocks, each on or off
    assert abs(limited["brisque"] - values(photo)["brisque"]) > 1


FLAT = np.zeros((64, 64, 3), np.float32)
HALF = FLAT.copy()
HALF[:, 32:] = 1
NOT_A_NUMBER = FLAT.copy()
NOT_A_NUMBER[0, 0] = np.nan


@pytest.mark.parametrize(
    "pixels, reason",
    [
        (FLAT, "flat"),
        (FLAT + 0.5, "flat"),
        (FLAT + 1, "flat"),
        (FLAT[:31], "smaller than 32 pixels"),
        (FLAT[:1, :1], "smaller than 32 pixels"),
        (NOT_A_NUMBER, "not numbers"),
    ],
)
def test_degenerate_photos_have_a_reason_instead_of_a_score(pixels, reason):
    for item in quality.score(pixels).values():
        assert item.value is None
        assert item.reason.startswith("no score, because")
        assert reason in item.reason


def test_one_score_may_be_missing_alone():
    scores = quality.score(HALF)
    assert scores["brisque"].value is None
    assert "regular" in scores["brisque"].reason
    assert scores["piqe"].value == 100


def test_missing_pyiqa_is_a_reason(photo, monkeypatch):
    for module in [module for module in sys.modules if module.partition(".")[0] == "pyiqa"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delitem(sys.modules, "uniremoval.quality.naturalness", raising=False)
    monkeypatch.setattr(sys, "path", [])
    for item in quality.score(photo).values():
        assert item.value is None
        assert "pip install pyiqa" in item.reason


def test_threads_score_like_one_thread(photo):
    photos = [np.roll(photo, 40 * index, axis=1)[: 150 + 10 * index] for index in range(8)]
    alone = [values(pixels) for pixels in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(values, photos))
    assert together == alone
    assert len({item["brisque"] for item in alone}) == len(photos)


def test_scores_need_no_network_and_comparisons_no_pyiqa():
    script = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "import numpy as np\n"
        "from uniremoval import quality\n"
        "assert not {'torch', 'pyiqa'} & set(sys.modules), 'heavy import'\n"
        "a, b = np.random.default_rng(0).random((2, 40, 40, 3), dtype=np.float32)\n"
        "quality.compare(a, b), quality.luma_psnr(a, b)\n"
        "assert 'pyiqa' not in sys.modules\n"
        "assert quality.score(a)['brisque'].value is not None\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize("size", [(300, 451), (11, 11), (12, 400)])
def test_ssim_agrees_with_scikit_image(photo, size):
    a = photo[: size[0], : size[1]]
    b = np.clip(a + np.random.default_rng(1).normal(0, 0.05, a.shape), 0, 1).astype(np.float32)
    expected = skimage.metrics.structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=2, data_range=1
    )
    assert quality.ssim(a, b) == pytest.approx(expected, abs=1e-4)


def test_ssim_of_strips_is_that_of_the_whole(photo, monkeypatch):
    other = np.clip(photo * 0.9 + 0.05, 0, 1)
    whole = quality.ssim(photo, other)
    monkeypatch.setattr(quality.reference, "_STRIP_ROWS", 37)
    assert quality.ssim(photo, other) == pytest.approx(whole, abs=1e-6)


def test_psnr(photo):
    other = np.clip(photo + np.float32(0.1), 0, 1)
    expected = skimage.metrics.peak_signal_noise_ratio(photo, other, data_range=1)
    assert quality.psnr(photo, other) == pytest.approx(expected, abs=1e-4)
    assert quality.psnr(np.zeros((4, 4, 3)), np.full((4, 4, 3), 0.1)) == pytest.approx(20)
    assert quality.psnr(photo, photo) == float("inf")


def test_luma_psnr():
    black, white = np.zeros((4, 4, 3)), np.ones((4, 4, 3))
    assert quality.luma_psnr(black, white) == pytest.approx(20 * np.log10(255 / 219))
    blue = black + [0, 0, 1]
    assert quality.luma_psnr(black, blue) == pytest.approx(20 * np.log10(255 / 24.966))
    assert quality.luma_psnr(white, white) == float("inf")


def test_compare(photo):
    other = np.rint(np.clip(photo + np.float32(0.1), 0, 1) * 255) / np.float32(255)
    scores = quality.compare(photo, other)
    assert scores["psnr"].value == quality.psnr(photo, other)
    assert scores["ssim"].value == quality.ssim(photo, other)
    deep = np.clip(other + np.float32(0.4 / 255), 0, 1)
    assert quality.compare(photo, deep) == scores, "finer differences than 8 bits do not count"
    assert not any(item.lower_is_better for item in scores.values())


def test_compare_says_why_there_is_no_score(photo):
    same = quality.compare(photo, photo)
    assert same["psnr"].value is None
    assert "identical" in same["psnr"].reason
    assert same["ssim"].value == pytest.approx(1)
    for item in quality.compare(photo, photo[:200]).values():
        assert item.value is None
        assert "451 x 300 and 451 x 200" in item.reason
    small = quality.compare(photo[:5], photo[1:6])
    assert small["psnr"].value > 0
    assert "smaller than 11 pixels" in small["ssim"].reason
    with pytest.raises(ValueError, match="different shapes"):
        quality.psnr(photo, photo[:200])
    with pytest.raises(ValueError, match="11 pixels"):
        quality.ssim(photo[:5], photo[1:6])


def test_the_haze_cue_follows_the_veil() -> None:
    clear = np.random.default_rng(0).random((60, 80, 3), dtype=np.float32)
    assert haze_cue(np.zeros((40, 50, 3), np.float32))["dark_channel"].value == 0
    assert haze_cue(np.ones((9, 5, 3), np.float32))["dark_channel"].value == pytest.approx(100)
    values = [haze_cue(clear * (1 - veil) + 0.9 * veil)["dark_channel"].value for veil in (0.0, 0.3, 0.6)]
    assert values == pytest.approx([0.1, 27, 54], abs=0.3)


def test_the_dark_channel_is_the_smallest_value_nearby() -> None:
    pixels = np.ones((31, 31, 3), np.float32)
    pixels[15, 15, 1] = 0
    assert haze_cue(pixels)["dark_channel"].value == pytest.approx(100 * (1 - 15**2 / 31**2))

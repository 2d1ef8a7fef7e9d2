"""The degradation models: pure functions whose results are photos and whose physics can be checked."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from train.degradations import DEGRADATIONS, camera, degrade
from train.degradations.blur import GAMMA, shake_path
from train.degradations.fields import smooth_noise
from train.degradations.haze import depth_above, haze, plausible_depth, walled
from train.degradations.jpeg import jpeg
from train.degradations.kernels import Kernel, convolve, splat
from train.degradations.rain import rain, streak
from uniremoval.method import Degradation

SIZES = st.tuples(st.integers(24, 90), st.integers(24, 90))


def photo(height: int = 64, width: int = 80, count: int = 1) -> Tensor:
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [0.4 + 0.3 * np.sin(rows / (3 + k)) * np.cos(columns / (5 - k)) for k in range(3)]
    return torch.from_numpy(np.stack(waves).astype(np.float32))[None].repeat(count, 1, 1, 1)


def rngs(*seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in seeds]


def test_every_degradation_has_a_model() -> None:
    assert set(DEGRADATIONS) == set(Degradation)


@pytest.mark.parametrize("kind", Degradation)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), size=SIZES)
def test_result_is_a_photo_of_the_same_size(kind: Degradation, seed: int, size: tuple[int, int]) -> None:
    clean = photo(*size)
    before = clean.clone()
    result = degrade(clean, None, kind, rngs(seed))
    assert result.shape == clean.shape
    assert result.dtype == torch.float32
    assert torch.isfinite(result).all()
    assert result.min() >= -1e-6 and result.max() <= 1 + 1e-6
    assert torch.equal(clean, before), "the clean photo was changed"


@pytest.mark.parametrize("kind", Degradation)
def test_same_generator_same_result(kind: Degradation) -> None:
    first = degrade(photo(), None, kind, rngs(7))
    second = degrade(photo(), None, kind, rngs(7))
    other = degrade(photo(), None, kind, rngs(8))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("kind", Degradation)
def test_photos_of_a_batch_know_nothing_of_each_other(kind: Degradation) -> None:
    """To rounding, which may turn a JPEG's coefficient here and there."""
    together = degrade(photo(count=24), None, kind, rngs(*range(24)))
    for seed, result in enumerate(together):
        away = (degrade(photo(), None, kind, rngs(seed))[0] - result).abs()
        assert away.mean() < 1e-4 and away.max() < 0.05


def test_haze_is_thicker_far_away() -> None:
    """With one airlight, transmission falls with depth, so far parts keep less contrast."""
    depth = torch.linspace(0, 1, 64)[:, None].expand(40, 1, 64, 80)
    result = haze(photo(count=40), depth, rngs(*range(40)))
    assert result[..., -16:, :].std((1, 2, 3)).mean() < 0.7 * result[..., :16, :].std((1, 2, 3)).mean()


def test_haze_on_flat_depth_obeys_the_scattering_model() -> None:
    """At constant depth I = J t + A (1 - t) is one line a colour, with a slope below 1."""
    obeyed = 0
    clean = photo()[0].numpy()
    for result in haze(photo(count=30), torch.full((30, 1, 64, 80), 0.5), rngs(*range(30))).numpy():
        fits = [np.polyfit(clean[c].ravel(), result[c].ravel(), 1, full=True) for c in range(3)]
        if max(fit[1][0] for fit in fits) < 1e-6:
            obeyed += 1
            assert all(0 < fit[0][0] < 1 for fit in fits)
    assert obeyed >= 10, "the rest are uneven in density or have a depth of their own"


def test_some_haze_is_dim() -> None:
    """A white photo in haze is darker than any airlight in about a fifth of the draws."""
    dim = haze(torch.ones(200, 3, 24, 24), None, rngs(*range(200))).amax((1, 2, 3)) < 0.91
    assert 20 < dim.sum() < 60


def test_what_is_far_behind_a_wall_of_fog_is_even() -> None:
    depth = torch.linspace(1, 0, 64)[:, None].expand(20, 1, 64, 80)
    fogged = walled(photo(count=20), depth, rngs(*range(20)))
    assert fogged[..., :2, :].std((2, 3)).median() < 1e-3, "the far end is gone"
    assert torch.equal(fogged[..., -5:, :], photo(count=20)[..., -5:, :]), "what is near stays"


def test_share_below_a_depth() -> None:
    ramps = torch.linspace(0, 1, 40_000).view(1, 1, 200, 200).repeat(2, 1, 1, 1)
    assert depth_above(ramps, [0.3, 0.9]).flatten().tolist() == pytest.approx([0.3, 0.9], abs=0.02)


def test_plausible_depth_recedes_upwards() -> None:
    depths = plausible_depth((60, 80), rngs(*range(30)), "cpu")
    assert depths[..., :10, :].mean() > depths[..., -10:, :].mean() + 0.2


def test_smooth_noise_is_a_field_scaled_up_bicubically() -> None:
    (field,) = smooth_noise((60, 80), [4], rngs(1), "cpu")
    coarse = np.random.default_rng(1).random((6, 6), dtype=np.float32)
    expected = np.asarray(Image.fromarray(coarse).resize((80, 60), Image.Resampling.BICUBIC)).clip(0, 1)
    assert np.allclose(field[0].numpy(), expected, atol=1e-4)


def test_rain_brightens_dark_photos() -> None:
    gains = rain(torch.full((30, 3, 64, 80), 0.1), None, rngs(*range(30))).mean((1, 2, 3)) - 0.1
    assert gains.min() >= 0
    assert gains.mean() > 0.02


@pytest.mark.parametrize("angle", [0, 20, -50])
def test_streaks_lie_along_their_angle(angle: float) -> None:
    shape = streak(40, 1.5, angle)
    ys, xs = shape.offsets.T
    assert shape.weights.max() == pytest.approx(1, abs=0.1)
    axis = np.linalg.eigh(np.cov(np.stack([ys, xs]), aweights=shape.weights))[1][:, 1]
    assert np.degrees(np.arctan(axis[1] / axis[0])) == pytest.approx(angle, abs=2)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1))
def test_blur_kernel_keeps_the_light(seed: int) -> None:
    kernel = splat(shake_path(30.0, np.random.default_rng(seed)))
    assert kernel.weights.min() >= 0
    assert kernel.weights.sum() == pytest.approx(1, abs=1e-5)
    flat = torch.full((1, 3, 40, 40), 0.5**GAMMA)
    assert torch.allclose(convolve(flat, [kernel]), flat, atol=1e-5)


def test_shake_is_centred_on_the_middle_of_the_exposure() -> None:
    path = shake_path(30.0, np.random.default_rng(3))
    assert (path[len(path) // 2] == 0).all()


def test_convolution_shifts_as_each_photo_s_kernel_says() -> None:
    images = torch.zeros(2, 1, 9, 9)
    images[:, :, 4, 4] = 1
    moves = [(-1, 2), (3, 0)]
    kernels = [Kernel(np.array([move]), np.ones(1, np.float32)) for move in moves]
    for (dy, dx), result in zip(moves, convolve(images, kernels), strict=True):
        assert divmod(result.argmax().item(), 9) == (4 + dy, 4 + dx)


@pytest.mark.parametrize("quality", [70, 90])
@pytest.mark.parametrize("halved", [False, True])
def test_jpeg_loses_what_a_file_would(quality: int, halved: bool) -> None:
    clean = (photo(60, 76) * 255).round() / 255
    pixels = (clean[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=2 if halved else 0)
    expected = torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1) / 255
    found = jpeg(clean, [quality], halved)[0]
    lost = (expected - clean[0]).abs().mean()
    assert (found - expected).abs().mean() < 0.4 * lost + 1e-3


def test_camera_stays_faint() -> None:
    changes = (camera(photo(count=40), rngs(*range(40))) - photo(count=40)).abs().mean((1, 2, 3))
    assert changes.max() < 0.03
    assert (changes == 0).sum() > 10

"""The degradation models: pure functions whose results are photos and whose physics can be checked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from train.degradations import DEGRADATIONS, camera, degrade
from train.degradations.blur import GAMMA, shake_path, splat
from train.degradations.fields import convolve
from train.degradations.haze import haze, plausible_depth
from train.degradations.rain import rain
from uniremoval.checkpoint import Degradation

SIZES = st.tuples(st.integers(24, 90), st.integers(24, 90))


def photo(height: int = 64, width: int = 80) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [0.4 + 0.3 * np.sin(rows / (3 + k)) * np.cos(columns / (5 - k)) for k in range(3)]
    return np.stack(waves, axis=-1).astype(np.float32)


def test_every_degradation_has_a_model() -> None:
    assert set(DEGRADATIONS) == set(Degradation)


@pytest.mark.parametrize("kind", Degradation)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=SIZES)
def test_result_is_a_photo_of_the_same_size(kind: Degradation, seed: int, size: tuple[int, int]) -> None:
    clean = photo(*size)
    before = clean.copy()
    result = degrade(clean, None, kind, np.random.default_rng(seed))
    assert result.shape == clean.shape
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    assert result.min() >= -1e-6 and result.max() <= 1 + 1e-6
    assert (clean == before).all(), "the clean photo was changed"


@pytest.mark.parametrize("kind", Degradation)
def test_same_generator_same_result(kind: Degradation) -> None:
    first = degrade(photo(), None, kind, np.random.default_rng(7))
    second = degrade(photo(), None, kind, np.random.default_rng(7))
    other = degrade(photo(), None, kind, np.random.default_rng(8))
    assert (first == second).all()
    assert (first != other).any()


def test_haze_is_thicker_far_away() -> None:
    """With one airlight, transmission falls with depth, so far parts keep less contrast."""
    depth = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[:, None], 80, axis=1)
    near, far = [], []
    for seed in range(40):
        result = haze(photo(), depth, np.random.default_rng(seed))
        near.append(result[:16].std())
        far.append(result[-16:].std())
    assert np.mean(far) < 0.7 * np.mean(near)


def test_haze_on_flat_depth_obeys_the_scattering_model() -> None:
    """At constant depth I = J t + A (1 - t) is one line a colour, with a slope below 1."""
    flat = np.full((64, 80), 0.5, np.float32)
    obeyed = 0
    for seed in range(30):
        result = haze(photo(), flat, np.random.default_rng(seed))
        fits = [np.polyfit(photo()[..., c].ravel(), result[..., c].ravel(), 1, full=True) for c in range(3)]
        if max(fit[1][0] for fit in fits) < 1e-6:
            obeyed += 1
            assert all(0 < fit[0][0] < 1 for fit in fits)
    assert obeyed >= 10, "the rest are uneven in density or have a depth of their own"


def test_plausible_depth_recedes_upwards() -> None:
    depths = [plausible_depth((60, 80), np.random.default_rng(seed)) for seed in range(30)]
    assert np.mean([depth[:10].mean() for depth in depths]) > np.mean([depth[-10:].mean() for depth in depths]) + 0.2


def test_rain_brightens_dark_photos() -> None:
    dark = np.full((64, 80, 3), 0.1, np.float32)
    gains = [rain(dark, None, np.random.default_rng(seed)).mean() - 0.1 for seed in range(30)]
    assert min(gains) >= 0
    assert np.mean(gains) > 0.02


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_blur_kernel_keeps_the_light(seed: int) -> None:
    kernel = splat(shake_path(np.random.default_rng(seed)))
    assert kernel.shape[0] == kernel.shape[1]
    assert kernel.shape[0] % 2 == 1
    assert kernel.min() >= 0
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    flat = np.full((40, 40, 3), 0.5, np.float32) ** GAMMA
    assert np.allclose(convolve(flat, kernel), flat, atol=1e-5)


def test_shake_is_centred_on_the_middle_of_the_exposure() -> None:
    path = shake_path(np.random.default_rng(3))
    assert (path[len(path) // 2] == 0).all()


def test_convolution_shifts_as_its_kernel_says() -> None:
    image = np.zeros((9, 9, 1), np.float32)
    image[4, 4] = 1
    kernel = np.zeros((5, 5), np.float32)
    kernel[1, 4] = 1  # one up, two right of the kernel's centre
    assert np.unravel_index(convolve(image, kernel).argmax(), (9, 9, 1)) == (3, 6, 0)


def test_camera_stays_faint() -> None:
    changes = [np.abs(camera(photo(), np.random.default_rng(seed)) - photo()).mean() for seed in range(40)]
    assert max(changes) < 0.03
    assert sum(change == 0 for change in changes) > 10

"""The losses keep the promises that training rests on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from train.losses.adversarial import discriminator_loss, generator_loss
from train.losses.contrastive import SMALLEST_DISTANCE, contrast, ex_mgcl, mgcl
from train.losses.fidelity import fidelity, log_error
from train.losses.grains import by_degradation, fade_in, glimpse
from train.losses.vgg import LAYER_WEIGHTS, VGGFeatures
from uniremoval.errors import CheckpointError


def features(seed: int, photos: int = 2) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(photos, 4 * 2**layer, 8 // 2**layer, 8 // 2**layer, generator=generator) for layer in range(3)]


def test_zero_where_the_anchor_is_its_positive() -> None:
    result = contrast(features(0), [features(0)], [features(1)])
    assert result.loss.item() == 0
    assert (result.d_an > 0).all()


def test_gradient_reaches_the_anchor_only() -> None:
    anchor, positive, negative = ([f.requires_grad_() for f in features(seed)] for seed in range(3))
    contrast(anchor, [positive], [negative]).loss.backward()
    assert all(f.grad is not None and f.grad.abs().sum() > 0 for f in anchor)
    assert all(f.grad is None for f in [*positive, *negative])


def test_pull_and_push() -> None:
    """A step down the gradient brings the anchor nearer to its positive or further from its negative."""
    anchor = [f.requires_grad_() for f in features(0)]
    before = contrast(anchor, [features(1)], [features(2)])
    before.loss.backward()
    moved = [f.detach() - 0.05 * f.grad / f.grad.abs().max() for f in anchor]
    after = contrast(moved, [features(1)], [features(2)])
    assert after.loss < before.loss
    assert (after.d_ap < before.d_ap).all()


def test_finite_and_bounded_where_the_anchor_is_its_negative() -> None:
    """An identity network: the denominator vanishes, the clamp holds."""
    anchor = [f.requires_grad_() for f in features(0)]
    result = contrast(anchor, [features(1)], [features(0)])
    result.loss.backward()
    assert torch.isfinite(result.loss)
    assert result.loss <= len(anchor) / SMALLEST_DISTANCE
    assert all(torch.isfinite(f.grad).all() for f in anchor)


@settings(max_examples=20)
@given(order=st.permutations(range(4)))
def test_order_of_negatives_and_positives_does_not_matter(order: list[int]) -> None:
    others = [features(seed) for seed in range(1, 5)]
    straight = contrast(features(0), others, others[::-1]).loss
    mixed = contrast(features(0), [others[i] for i in order], [others[i] for i in reversed(order)]).loss
    assert mixed.item() == pytest.approx(straight.item(), rel=1e-6)


def test_scale_does_not_matter() -> None:
    small = contrast(features(0), [features(1)], [features(2)]).loss
    anchor, positive, negative = ([100 * f for f in features(seed)] for seed in range(3))
    large = contrast(anchor, [positive], [negative])
    assert large.loss.item() == pytest.approx(small.item(), rel=1e-5)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_agrees_with_the_formula_written_out(count: int) -> None:
    """MGCL, summed by hand: sum_l w_l d(S_k, T_k) / mean_{j != k} d(S_k, S_j), mean over k."""
    student = [features(seed) for seed in range(count)]
    teachers = [features(seed + 10) for seed in range(count)]
    weights = [0.25, 0.5, 1.0]
    expected = 0.0
    for k in range(count):
        for layer, weight in enumerate(weights):
            near = (student[k][layer] - teachers[k][layer]).abs().mean().item()
            far = [(student[k][layer] - student[j][layer]).abs().mean().item() for j in range(count) if j != k]
            expected += weight * near / (sum(far) / len(far)) / count
    assert mgcl(student, teachers, weights).loss.item() == pytest.approx(expected, rel=1e-5)


def test_style_knows_no_place() -> None:
    """EX-MGCL: clear and degraded photos may be shuffled in space and order; the anchor is pulled to their average."""
    restored, clear, degraded = (features(seed, photos=4) for seed in range(3))
    shuffled = [feature.flip(0, 2, 3) for feature in clear]
    assert ex_mgcl(restored, shuffled, degraded).loss.item() == pytest.approx(
        ex_mgcl(restored, clear, degraded).loss.item(), rel=1e-4
    )
    average = [f.mean((0, 2, 3), keepdim=True).expand_as(f) for f in clear]
    assert ex_mgcl(average, clear, degraded).loss.item() == pytest.approx(0, abs=1e-5)


def test_a_step_towards_the_clear_style_lowers_the_extended_loss() -> None:
    clear, degraded, restored = ([f + k / 4 for f in features(k, photos=4)] for k in (2, 0, 1))
    losses = [ex_mgcl([f + step for f in restored], clear, degraded).loss.item() for step in (0, 0.1, 0.2)]
    assert losses == sorted(losses, reverse=True)


def test_a_contrast_needs_both_sides() -> None:
    with pytest.raises(ValueError, match="at least one"):
        contrast(features(0), [], [features(1)])


def test_the_log_error_counts_decibels_photo_by_photo() -> None:
    gt = torch.full((2, 3, 16, 16), 0.5)
    far, near = gt + 0.4, gt + 0.04
    assert (log_error(far, gt) - log_error(far / 10 + 0.45, gt)).item() == pytest.approx(math.log(10), abs=0.1)
    mixed = torch.cat([far[:1], near[:1]])
    halves = (log_error(far, gt) + log_error(near, gt)) / 2
    assert log_error(mixed, gt).item() == pytest.approx(halves.item(), abs=1e-6)


def test_the_log_error_is_finite_with_a_finite_gradient_at_the_truth() -> None:
    gt = torch.rand(1, 3, 16, 16)
    restored = gt.clone().requires_grad_()
    loss = log_error(restored, gt)
    loss.backward()
    assert torch.isfinite(loss)
    assert restored.grad.abs().max() == 0


def test_split_by_degradation_keeps_the_photos_together() -> None:
    stacked = [torch.arange(6.0).view(6, 1, 1, 1), torch.arange(6.0).view(6, 1, 1, 1) * 10]
    groups = by_degradation(stacked, 3)
    assert [group[0].flatten().tolist() for group in groups] == [[0, 1], [2, 3], [4, 5]]
    assert groups[2][1].flatten().tolist() == [40, 50]


def test_fade_in() -> None:
    assert [fade_in(step, 4) for step in (0, 2, 4, 9)] == [0, 0.5, 1, 1]
    assert fade_in(1, 0) == 1


def test_hinge_rests_beyond_the_margin() -> None:
    assert discriminator_loss(torch.tensor([1.5, 1.0]), torch.tensor([-1.0, -3.0])).item() == 0
    assert discriminator_loss(torch.tensor([0.0]), torch.tensor([0.0])).item() == 2
    assert generator_loss(torch.tensor([2.0])) < generator_loss(torch.tensor([1.0]))


def test_vgg_taps_have_the_published_shapes() -> None:
    vgg = VGGFeatures("random")
    taps = vgg(torch.rand(2, 3, 32, 48))
    shapes = [tuple(tap.shape[1:]) for tap in taps]
    assert shapes == [(64, 32, 48), (128, 16, 24), (256, 8, 12), (512, 4, 6), (512, 2, 3)]
    assert len(taps) == len(LAYER_WEIGHTS)
    assert all(tap.min() >= 0 for tap in taps), "taps lie behind the ReLU"
    assert not any(parameter.requires_grad for parameter in vgg.parameters())


def test_glimpses_wander_off_the_grid() -> None:
    """Over the steps a glimpse meets the 16-pixel grid at every offset, in one step all tensors alike."""
    rows = torch.arange(128.0)[:, None].expand(1, 3, 128, 128)
    for side, expected in ((64, 64), (0, 112), (500, 128)):
        assert glimpse(rows, side, 0).shape == (1, 3, expected, expected)
    assert {int(glimpse(rows, 64, step)[0, 0, 0, 0]) % 16 for step in range(300)} == set(range(16))
    assert torch.equal(glimpse(rows, 64, 5), glimpse(rows.clone(), 64, 5))


def test_vgg_weights_from_files(tmp_path: Path) -> None:
    state = {key: value * 0.5 for key, value in VGGFeatures("random").state_dict().items()}
    save_file(state, tmp_path / "vgg.safetensors")
    torch.save(state, tmp_path / "vgg.pth")
    photo = torch.rand(1, 3, 16, 16)
    taps = [VGGFeatures(str(tmp_path / name))(photo)[0] for name in ("vgg.safetensors", "vgg.pth")]
    assert torch.equal(*taps)
    with pytest.raises(CheckpointError, match="no such file"):
        VGGFeatures(str(tmp_path / "missing.pth"))
    save_file({"features.0.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not VGG-19"):
        VGGFeatures(str(tmp_path / "other.safetensors"))


def test_fidelity_is_the_weighted_sum_of_what_it_logs() -> None:
    restored, gt = torch.rand(2, 2, 3, 8, 8)
    total, parts = fidelity(restored, gt, 0.5)
    assert total.item() == pytest.approx((parts["l1"] + 0.5 * parts["log"]).item())
    assert fidelity(gt, gt, 0.0)[0].item() == 0

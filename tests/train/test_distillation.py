"""What other ways of distillation, beside the contrastive one, promise."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from train.losses.distillation import DISTANCES, FeatureDistance, attention, hints, relations

EACH = pytest.mark.parametrize("apart", DISTANCES.values(), ids=DISTANCES)


def features(seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(2, 4 * 2**layer, 24 >> layer, 20 >> layer, generator=generator) for layer in range(3)]


@EACH
def test_zero_with_no_gradient_where_the_student_is_its_teacher(apart: FeatureDistance) -> None:
    student = [feature.requires_grad_() for feature in features(0)]
    loss = apart(student, features(0))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-9)
    assert all(feature.grad is not None and feature.grad.abs().max() < 1e-6 for feature in student)


@EACH
def test_a_step_down_the_gradient_comes_nearer_and_the_teacher_stays(apart: FeatureDistance) -> None:
    student, teacher = ([feature.requires_grad_() for feature in features(seed)] for seed in range(2))
    before = apart(student, teacher)
    before.backward()
    assert all(feature.grad is None for feature in teacher)
    moved = [feature.detach() - 0.05 * feature.grad / feature.grad.abs().max() for feature in student]
    assert apart(moved, teacher) < before


@EACH
def test_finite_where_nothing_is_seen(apart: FeatureDistance) -> None:
    student = [torch.zeros_like(feature).requires_grad_() for feature in features(0)]
    loss = apart(student, features(1))
    loss.backward()
    assert torch.isfinite(loss) and all(torch.isfinite(feature.grad).all() for feature in student)


def test_hints_are_the_squared_difference() -> None:
    assert hints([torch.full((1, 2, 3, 3), 2.0)], [torch.zeros(1, 2, 3, 3)]).item() == 4


def test_attention_is_where_not_how_strong_nor_in_which_channel() -> None:
    student = features(0)
    assert attention([3 * feature.flip(1) for feature in student], student).item() == pytest.approx(0, abs=1e-9)
    assert attention([feature.flip(2) for feature in student], student) > 0.1


def test_relations_stay_when_the_channels_are_turned() -> None:
    """Cosines between places do not change when all places are rotated in the space of the channels."""
    student = features(0)
    turned = []
    for feature in student:
        rotation = torch.linalg.qr(torch.randn(feature.shape[1], feature.shape[1]))[0]
        turned.append(torch.einsum("ij,njhw->nihw", rotation, feature))
    assert relations(turned, student).item() == pytest.approx(0, abs=1e-6)
    assert hints(turned, student) > 0.5

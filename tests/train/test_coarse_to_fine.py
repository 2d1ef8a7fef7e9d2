"""Training from coarse to fine: squares lie inside one another, and what they inherit is what the whole would."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.models import tiny
from train.engine.coarse_to_fine import Squares, coarse_to_fine, cut, nested_squares, restored_whole
from uniremoval.networks import changed, halved, pyramid


@settings(max_examples=60)
@given(st.sampled_from([64, 256, 384, 640]), st.sampled_from([48, 64, 128]), st.integers(1, 3), st.integers(0, 999))
def test_squares_lie_inside_those_of_the_scale_before(side: int, patch: int, patches: int, step: int) -> None:
    squares = nested_squares(side, patch, patches, step)
    assert squares == nested_squares(side, patch, patches, step)
    assert squares[0] == Squares(((0, 0),), side >> (len(squares) - 1)) and squares[0].side <= 192
    for before, own in pairwise(squares):
        assert len(own.corners) == patches and own.side <= max(patch, 2 * before.side)
        for index, corner in enumerate(own.corners):
            parent = before.corners[index % len(before.corners)]
            for inner, outer in zip(corner, parent, strict=True):
                assert inner % 2 == 0 and 2 * outer <= inner <= 2 * (outer + before.side) - own.side


def test_views_have_one_scale_more_in_a_third_of_the_steps() -> None:
    counts = [len(nested_squares(512, 128, 1, step)) for step in range(300)]
    assert set(counts) == {3, 4} and 0.2 < counts.count(4) / 300 < 0.45


def test_cut_takes_each_square_from_its_scale() -> None:
    views = torch.rand(2, 3, 128, 128)
    squares = [Squares(((0, 0),), 64), Squares(((10, 20), (64, 2)), 32)]
    whole, parts = cut(views, squares)
    assert torch.equal(whole, halved(views))
    expected = [view[:, top : top + 32, left : left + 32] for view in views for top, left in squares[1].corners]
    assert torch.equal(parts, torch.stack(expected))


@pytest.mark.parametrize("patches", [1, 2])
def test_squares_that_are_whole_scales_give_what_the_whole_gives(patches: int) -> None:
    network, views = tiny(), torch.rand(2, 3, 256, 256)
    squares = [Squares(((0, 0),), 128), Squares(((0, 0),) * patches, 256)]
    with torch.no_grad():
        scales = coarse_to_fine(network, cut(views, squares), squares)
        expected = restored_whole(network, views)
    torch.testing.assert_close(scales[-1].restored, expected.repeat_interleave(patches, dim=0))


def test_each_square_inherits_the_maps_it_lies_on() -> None:
    """A network that corrects nothing after the coarsest scale shows there what was handed on."""
    network = tiny()

    class First(torch.nn.Module):
        def forward(self, x: torch.Tensor, inherited: torch.Tensor | None, **options: bool) -> object:
            maps, features = network(x, None, **options)
            if inherited is None:
                return maps, features
            return torch.nn.functional.interpolate(inherited, scale_factor=2, mode="bilinear"), features

    views = torch.rand(2, 3, 128, 128)
    squares = [Squares(((0, 0),), 32), Squares(((8, 12), (2, 0)), 32), Squares(((20, 30), (4, 0)), 40)]
    with torch.no_grad():
        scales = coarse_to_fine(First(), cut(views, squares), squares)
        coarse = pyramid(views, 3)[0]
        maps, _ = network(coarse, None, return_features=True)
        for _ in range(2):
            maps = torch.nn.functional.interpolate(maps, scale_factor=2, mode="bilinear")
        whole = changed(views, maps)
    inner = [view[:, top + 4 : top + 36, left + 4 : left + 36] for view in whole for top, left in squares[2].corners]
    torch.testing.assert_close(scales[2].restored[..., 4:36, 4:36], torch.stack(inner), atol=1e-5, rtol=1e-5)


def test_every_scale_teaches_and_none_reaches_into_another() -> None:
    network = tiny().train()
    views = torch.rand(1, 3, 128, 128)
    squares = [Squares(((0, 0),), 64), Squares(((32, 32),), 32)]
    photos = [photo.requires_grad_() for photo in cut(views, squares)]
    coarse, fine = coarse_to_fine(network, photos, squares)
    (reached,) = torch.autograd.grad(fine.restored.sum(), photos[0], retain_graph=True, allow_unused=True)
    assert reached is None
    for scale in (coarse, fine):
        network.zero_grad()
        scale.restored.sum().backward(retain_graph=True)
        assert network.head.weight.grad.abs().sum() > 0

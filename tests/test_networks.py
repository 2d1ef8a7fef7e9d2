"""The networks: shapes, the reach of a pixel, what the thumbnail does, and configurations that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import SMALL, far_reaching, tiny
from uniremoval.networks import (
    NETWORKS,
    DiscriminatorConfig,
    PatchDiscriminator,
    RestorationNet,
    RestorerConfig,
    build,
    name_of,
    restorer,
    thumbnail_of,
)

SHAPES = [
    {},
    {"stem": 1},
    {"encoder_blocks": (1, 2), "decoder_blocks": (2, 1), "bottleneck_blocks": 2},
    {"stem": 3, "bottleneck_blocks": 0},
    {"encoder_blocks": (0, 1), "decoder_blocks": (0, 0)},
]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 3))
def test_any_size_and_batch_come_back_as_they_went_in(height: int, width: int, batch: int) -> None:
    x = torch.rand(batch, 3, height, width)
    y = tiny()(x)
    assert y.shape == x.shape and torch.isfinite(y).all()


def test_photos_of_a_batch_do_not_influence_each_other() -> None:
    network, x = tiny(), torch.rand(3, 3, 40, 52)
    alone = torch.cat([network(photo[None]) for photo in x])
    assert (network(x) - alone).abs().max() < 1e-5


def test_features_are_one_a_level_and_the_bottleneck() -> None:
    network = tiny(encoder_blocks=(1, 1), decoder_blocks=(1, 1))
    image, features = network(torch.rand(2, 3, 32, 48), return_features=True)
    assert image.shape == (2, 3, 32, 48)
    assert [tuple(f.shape) for f in features] == [(2, 8, 16, 24), (2, 16, 8, 12), (2, 32, 4, 6)]


@pytest.mark.parametrize("config", SHAPES)
def test_overlap_is_needed_and_never_exceeded(config: dict[str, Any]) -> None:
    """The gradient of a tile's output tells exactly which input pixels it depends on, at a fixed thumbnail."""
    network = far_reaching(**config).double()
    overlap, multiple = network.overlap, network.multiple
    start = overlap + 2 * multiple
    x = torch.rand(1, 3, 2 * start + multiple, 2 * start + multiple, dtype=torch.double, requires_grad=True)
    output = network(x, thumbnail=torch.rand(1, 3, 64, 64, dtype=torch.double)).sum(1)
    reach = 0
    for offset in range(multiple):
        place = start + offset
        (gradient,) = torch.autograd.grad(output[0, place, place], x, retain_graph=True)
        places = torch.cat(gradient.abs().sum((0, 1)).nonzero(as_tuple=True))
        reach = max(reach, start - int(places.min()), int(places.max()) + 1 - start - multiple)
    assert overlap - multiple < reach <= overlap  # overlaps are not larger than they need to be


@pytest.mark.parametrize("stem", [1, 2, 4])
@pytest.mark.parametrize("blocks", [(1,), (0, 2), (1, 2, 3)])
@pytest.mark.parametrize("values", [1, 5000, 20_000])
def test_bands_give_what_the_whole_gives(
    stem: int, blocks: tuple[int, ...], values: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = RestorerConfig(width=6, stem=stem, encoder_blocks=blocks, decoder_blocks=blocks[::-1], context=8)
    network, x = RestorationNet(config), torch.rand(2, 3, 150, 87)
    whole, features = network(x, return_features=True)
    monkeypatch.setattr(restorer, "BAND_VALUES", values)
    again, _ = network(x, return_features=True)
    with torch.no_grad():
        banded, banded_features = network(x, return_features=True)
    assert torch.equal(whole, again), "bands are for inference alone"
    for expected, found in zip([whole, *features], [banded, *banded_features], strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_perturbing_one_pixel_changes_no_tile_beyond_the_overlap() -> None:
    network, thumbnail = tiny(5), torch.rand(1, 3, 64, 64)
    x = torch.rand(1, 3, 120, 120)
    other = x.clone()
    other[..., 60, 60] += 0.5
    changed = (network(x, thumbnail=thumbnail) - network(other, thumbnail=thumbnail)).abs().sum(1)[0] > 0
    rows, columns = changed.nonzero(as_tuple=True)
    assert changed[60, 60]
    assert max((rows - 60).abs().max(), (columns - 60).abs().max()) < network.overlap + network.multiple


def test_the_thumbnail_changes_the_result_and_stands_for_the_whole_photo() -> None:
    network, x = tiny(), torch.rand(1, 3, 96, 80)
    whole = network(x)
    assert torch.equal(whole, network(x, thumbnail=thumbnail_of(x)))
    assert (whole - network(x, thumbnail=torch.zeros(1, 3, 64, 64))).abs().max() > 1e-3


def test_without_context_the_thumbnail_does_nothing() -> None:
    network, x = tiny(context=0), torch.rand(1, 3, 40, 40)
    assert torch.equal(network(x), network(x, thumbnail=torch.zeros(1, 3, 64, 64)))


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (64, 64), (90, 130)])
def test_thumbnail_is_64_by_64_with_the_mean_of_the_photo(size: tuple[int, int]) -> None:
    thumbnail = thumbnail_of(torch.full((1, 3, *size), 0.25))
    assert thumbnail.shape == (1, 3, 64, 64)
    assert torch.allclose(thumbnail, torch.tensor(0.25))


def test_every_weight_gets_a_gradient() -> None:
    network = tiny().train()
    network(torch.rand(2, 3, 64, 64)).square().mean().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_a_fresh_network_is_neither_identity_nor_far_from_it() -> None:
    torch.manual_seed(0)
    x = torch.rand(1, 3, 64, 64)
    change = (RestorationNet(RestorerConfig())(x) - x).abs().mean()
    assert 1e-3 < change < 0.3


@pytest.mark.parametrize(
    "config",
    [
        {"encoder_blocks": (1, 1), "decoder_blocks": (1,)},
        {"encoder_blocks": (), "decoder_blocks": ()},
        {"width": 0},
        {"width": 10**9},
        {"stem": 0},
        {"stem": 1000},
        {"context": -1},
        {"context": 10**9},
        {"encoder_blocks": (10**9,), "decoder_blocks": (1,)},
        {"encoder_blocks": (1,), "decoder_blocks": (-1,)},
        {"bottleneck_blocks": 10**9},
        {"encoder_blocks": (1,) * 40, "decoder_blocks": (1,) * 40},
    ],
)
def test_impossible_and_hostile_configurations_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        RestorerConfig(**(SMALL | config))


@pytest.mark.parametrize("config", [{"layers": 0}, {"layers": 10**9}, {"width": 0}, {"width": 10**9}])
def test_hostile_discriminator_configurations_are_refused(config: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        DiscriminatorConfig(**config)


def test_build_and_name_of_are_inverse() -> None:
    for name in NETWORKS:
        assert name_of(build(name, {"width": 8})) == name
    with pytest.raises(KeyError):
        build("transformer", {})
    with pytest.raises(TypeError):
        build("restorer", {"depth": 3})


def test_discriminator_sees_70_pixels() -> None:
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(DiscriminatorConfig(width=8)).eval()
    x = torch.rand(1, 3, 256, 256, requires_grad=True)
    output = discriminator(x)
    assert output.shape == (1, 1, 30, 30)
    (gradient,) = torch.autograd.grad(output[0, 0, 15, 15], x)
    rows, columns = gradient.abs().sum((0, 1)).nonzero(as_tuple=True)
    assert rows.max() - rows.min() + 1 == 70 and columns.max() - columns.min() + 1 == 70

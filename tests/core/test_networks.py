"""The networks: shapes, the reach of a pixel, scales, and configurations that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.models import SMALL, far_reaching, tiny
from uniremoval.networks import (
    NETWORKS,
    DiscriminatorConfig,
    PatchDiscriminator,
    RestorationNet,
    RestorerConfig,
    build,
    changed,
    doubled,
    halved,
    name_of,
    pyramid,
    restorer,
    scale_count,
)

SHAPES = [
    {},
    {"stem": 1},
    {"encoder_blocks": (1, 2), "decoder_blocks": (2, 1), "bottleneck_blocks": 2},
    {"stem": 3, "bottleneck_blocks": 0},
    {"encoder_blocks": (0, 1), "decoder_blocks": (0, 0)},
]


@settings(max_examples=25)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 3))
def test_any_size_and_batch_come_back_as_they_went_in(height: int, width: int, batch: int) -> None:
    x = torch.rand(batch, 3, height, width)
    coarse = tiny()(halved(x))
    maps = tiny()(x, coarse)
    assert coarse.shape == (batch, 6, -(-height // 2), -(-width // 2)) and maps.shape == (batch, 6, height, width)
    assert torch.isfinite(maps).all()


def test_photos_of_a_batch_do_not_influence_each_other() -> None:
    network, x = tiny(), torch.rand(3, 3, 40, 52)
    alone = torch.cat([network(photo[None]) for photo in x])
    assert (network(x) - alone).abs().max() < 1e-5


def test_features_are_one_a_level_and_the_bottleneck() -> None:
    network = tiny(encoder_blocks=(1, 1), decoder_blocks=(1, 1))
    maps, features = network(torch.rand(2, 3, 32, 48), return_features=True)
    assert maps.shape == (2, 6, 32, 48)
    assert [tuple(f.shape) for f in features] == [(2, 8, 16, 24), (2, 16, 8, 12), (2, 32, 4, 6)]


@pytest.mark.parametrize("config", SHAPES)
def test_overlap_is_needed_and_never_exceeded(config: dict[str, Any]) -> None:
    """The gradient of a tile's output tells exactly which input pixels it depends on, by way of the maps that
    it inherits, too."""
    network = far_reaching(**config).double()
    overlap, multiple = network.overlap, network.multiple
    start = overlap + 2 * multiple
    x = torch.rand(1, 3, 2 * start + multiple, 2 * start + multiple, dtype=torch.double, requires_grad=True)
    coarse = halved(x).repeat(1, 2, 1, 1)
    output = changed(x, network(x, coarse)).sum(1)
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
    config = RestorerConfig(width=6, stem=stem, encoder_blocks=blocks, decoder_blocks=blocks[::-1])
    network, x, coarse = RestorationNet(config), torch.rand(2, 3, 150, 87), torch.rand(2, 6, 75, 44) - 0.5
    whole, features = network(x, coarse, return_features=True)
    monkeypatch.setattr(restorer, "BAND_VALUES", values)
    again, _ = network(x, coarse, return_features=True)
    with torch.no_grad():
        banded, banded_features = network(x, coarse, return_features=True)
    assert torch.equal(whole, again), "bands are for inference alone"
    for expected, found in zip([whole, *features], [banded, *banded_features], strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_perturbing_one_pixel_changes_no_tile_beyond_the_overlap() -> None:
    network = tiny(5)
    x = torch.rand(1, 3, 120, 120)
    other = x.clone()
    other[..., 60, 60] += 0.5
    differ = (network(x) - network(other)).abs().sum(1)[0] > 0
    rows, columns = differ.nonzero(as_tuple=True)
    assert differ[60, 60]
    assert max((rows - 60).abs().max(), (columns - 60).abs().max()) < network.overlap + network.multiple


def test_maps_that_are_inherited_stay_where_the_network_corrects_nothing() -> None:
    network, x = tiny(), torch.rand(1, 3, 40, 52)
    torch.nn.init.zeros_(network.tail.weight)
    coarse = torch.rand(1, 6, 20, 26)
    torch.testing.assert_close(network(x, coarse), doubled(coarse))


def test_what_is_inherited_is_seen() -> None:
    network, x = tiny(), torch.rand(1, 3, 40, 52)
    coarse = torch.rand(1, 6, 20, 26)
    corrections = network(x, coarse) - doubled(coarse)
    assert (corrections - network(x, torch.zeros(1, 6, 20, 26))).abs().mean() > 1e-3


@pytest.mark.parametrize(
    ("size", "scales"),
    [((1, 1), 1), ((192, 100), 1), ((100, 193), 2), ((384, 384), 2), ((385, 40), 3), ((3000, 4000), 6)],
)
def test_a_photo_is_halved_until_all_of_it_is_in_view(size: tuple[int, int], scales: int) -> None:
    assert scale_count(*size) == scales
    levels = pyramid(torch.rand(1, 3, *size), scales)
    assert max(levels[0].shape) <= 192 and levels[-1].shape[-2:] == size


@pytest.mark.parametrize(("size", "scales"), [((10, 400_000), 1), ((40, 4000), 3), ((16, 500), 2)])
def test_no_side_is_halved_below_eight_pixels(size: tuple[int, int], scales: int) -> None:
    assert scale_count(*size) == scale_count(*size[::-1]) == scales


def test_halving_keeps_what_is_flat_and_changed_applies_gain_and_offset() -> None:
    assert torch.equal(halved(torch.full((1, 3, 5, 7), 0.25)), torch.full((1, 3, 3, 4), 0.25))
    maps = torch.cat([torch.full((1, 3, 2, 2), 0.5), torch.full((1, 3, 2, 2), -0.1)], 1)
    torch.testing.assert_close(changed(torch.full((1, 3, 2, 2), 0.4), maps), torch.full((1, 3, 2, 2), 0.5))


def test_every_weight_gets_a_gradient() -> None:
    network = tiny().train()
    network(torch.rand(2, 3, 64, 64), torch.rand(2, 6, 32, 32)).square().mean().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_a_fresh_network_is_neither_identity_nor_far_from_it() -> None:
    torch.manual_seed(0)
    x = torch.rand(1, 3, 64, 64)
    change = (changed(x, RestorationNet(RestorerConfig())(x)) - x).abs().mean()
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
        build("coarse-to-fine", {"depth": 3})


def test_discriminator_sees_70_pixels() -> None:
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(DiscriminatorConfig(width=8)).eval()
    x = torch.rand(1, 3, 256, 256, requires_grad=True)
    output = discriminator(x)
    assert output.shape == (1, 1, 30, 30)
    (gradient,) = torch.autograd.grad(output[0, 0, 15, 15], x)
    rows, columns = gradient.abs().sum((0, 1)).nonzero(as_tuple=True)
    assert rows.max() - rows.min() + 1 == 70 and columns.max() - columns.min() + 1 == 70

"""Networks by name: what a checkpoint's card refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from .discriminator import DiscriminatorConfig, PatchDiscriminator
from .restorer import RestorationNet, RestorerConfig, thumbnail_of

NETWORKS: dict[str, tuple[type, type[nn.Module]]] = {
    "restorer": (RestorerConfig, RestorationNet),
    "discriminator": (DiscriminatorConfig, PatchDiscriminator),
}

__all__ = [
    "NETWORKS",
    "DiscriminatorConfig",
    "PatchDiscriminator",
    "RestorationNet",
    "RestorerConfig",
    "build",
    "name_of",
    "thumbnail_of",
]


def build(name: str, config: Mapping[str, Any]) -> nn.Module:
    """A network with fresh weights. KeyError: no network of that name. TypeError, ValueError: a bad config."""
    config_type, network_type = NETWORKS[name]
    return network_type(config_type(**config))


def name_of(network: nn.Module) -> str:
    """The name that `build` takes for this network's type."""
    return next(name for name, (_, network_type) in NETWORKS.items() if type(network) is network_type)

"""Networks, by the names that cards of checkpoints use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from uniremoval.networks.discriminator import DiscriminatorConfig, PatchDiscriminator
from uniremoval.networks.protocol import Network
from uniremoval.networks.restorer import RestorationNet, RestorerConfig
from uniremoval.networks.scales import changed, doubled, halved, pyramid, scale_count

NETWORKS = {"coarse-to-fine": (RestorerConfig, RestorationNet)}
"""Networks that restore photos, by the names that cards use, with the types of their configurations."""

__all__ = [
    "NETWORKS",
    "DiscriminatorConfig",
    "Network",
    "PatchDiscriminator",
    "RestorationNet",
    "RestorerConfig",
    "build",
    "changed",
    "doubled",
    "halved",
    "name_of",
    "pyramid",
    "scale_count",
]


def build(name: str, config: Mapping[str, Any]) -> RestorationNet:
    """A network with fresh weights. KeyError: no network of that name. TypeError, ValueError: a bad config."""
    config_type, network_type = NETWORKS[name]
    return network_type(config_type(**config))


def name_of(network: nn.Module) -> str:
    """The name that `build` takes for this network's type."""
    return next(name for name, (_, network_type) in NETWORKS.items() if type(network) is network_type)

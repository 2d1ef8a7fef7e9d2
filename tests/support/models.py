"""Small random networks for tests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from uniremoval.checkpoint import Card
from uniremoval.method import Degradation, Stage
from uniremoval.networks import RestorationNet, RestorerConfig, name_of

THREE = (Degradation.HAZE, Degradation.RAIN, Degradation.BLUR)
"""What the method's teachers remove; snow is an extra."""

SMALL = {"width": 8, "encoder_blocks": (1,), "bottleneck_blocks": 1, "decoder_blocks": (1,)}


def tiny(seed: int = 0, **config: Any) -> RestorationNet:
    """A network of a few thousand weights that changes photos clearly, by about a tenth of the range."""
    torch.manual_seed(seed)
    network = RestorationNet(RestorerConfig(**(SMALL | config))).eval()
    with torch.no_grad():
        network.tail.weight.mul_(2)
    return network


def far_reaching(seed: int = 0, **config: Any) -> RestorationNet:
    """A network whose every 3x3 convolution looks at two opposite corners only.

    What a pixel does to others then does not fade with distance: it is as strong at the farthest reach as near by.
    """
    network = tiny(seed, **config)
    with torch.no_grad():
        for name, layer in network.named_modules():
            if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3):
                corners = torch.zeros(3, 3)
                corners[0, 0] = corners[2, 2] = 8.0 if "conv2" in name else 2.0
                layer.weight.mul_(corners)
    return network


def card_of(
    network: nn.Module,
    name: str = "tiny",
    stage: Stage = Stage.TRANSFER,
    degradations: tuple[Degradation, ...] = THREE,
) -> Card:
    return Card(
        name, stage, degradations, name_of(network), asdict(network.config) if hasattr(network, "config") else {}
    )

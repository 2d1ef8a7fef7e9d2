"""PatchGAN discriminator of the domain adaptation stage (Isola et al. 2017, section 3.2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True)
class DiscriminatorConfig:
    """width: channels of the first layer. layers: stride-2 layers; three give each output a 70x70 pixel view."""

    width: int = 32
    layers: int = 3

    def __post_init__(self) -> None:
        if not (1 <= self.width <= 1024 and 1 <= self.layers <= 8):
            raise ValueError(f"width must be from 1 to 1024 and layers from 1 to 8, not {self.width} and {self.layers}")


class PatchDiscriminator(nn.Module):
    """Photo -> one realness value per patch. Spectral normalisation keeps it 1-Lipschitz (Miyato et al. 2018)."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        channels = [3] + [config.width * min(2**i, 8) for i in range(config.layers + 1)]
        steps: list[nn.Module] = []
        for i in range(config.layers + 1):
            stride = 2 if i < config.layers else 1
            steps += [
                spectral_norm(nn.Conv2d(channels[i], channels[i + 1], 4, stride=stride, padding=1)),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        steps.append(spectral_norm(nn.Conv2d(channels[-1], 1, 4, padding=1)))
        self.layers = nn.Sequential(*steps)

    def forward(self, x: Tensor) -> Tensor:
        """x: Nx3xHxW in [0, 1], sides of at least 32 pixels. Returns Nx1xhxw, unbounded; larger is more real."""
        return self.layers(x * 2 - 1)

"""Features of a frozen VGG-19 (Simonyan and Zisserman 2014), the space in which the contrastive losses measure."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from uniremoval.errors import CheckpointError

TORCHVISION_URL = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
RANDOM = "random"
LAYER_WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)  # relu1_1, relu2_1, relu3_1, relu4_1, relu5_1
CHANNELS = (64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512)
TAPS = (1, 6, 11, 20, 29)


class VGGFeatures(nn.Module):
    """RGB in [0, 1] -> activations after relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1. Gradients reach the input
    only."""

    mean: Tensor
    std: Tensor

    def __init__(self, weights: str = "") -> None:
        """weights: a file (.safetensors, or torchvision's .pth), "" for torchvision's own, fetched once and cached by
        torch.hub, or "random" for seeded random features, which need no file (smoke runs).

        Raises CheckpointError when the file is missing or not VGG-19's.
        """
        super().__init__()
        layers: list[nn.Module] = []
        previous = 3
        for item in CHANNELS:
            if isinstance(item, int):
                layers += [nn.Conv2d(previous, item, 3, padding=1), nn.ReLU()]
                previous = item
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), persistent=False)
        if weights == RANDOM:
            _randomise(self.features)
        else:
            self._load(weights)
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """x: Nx3xHxW, sides of at least 16 pixels. Returns five feature maps, finest first."""
        h = (x - self.mean) / self.std
        taps = []
        for index, layer in enumerate(self.features):
            h = layer(h)
            if index in TAPS:
                taps.append(h)
        return taps

    def _load(self, weights: str) -> None:
        if not weights:
            state = torch.hub.load_state_dict_from_url(TORCHVISION_URL, map_location="cpu", weights_only=True)
        elif not Path(weights).is_file():
            raise CheckpointError(
                f"--vgg-weights {weights}: there is no such file. Leave the option out to fetch torchvision's."
            )
        elif weights.endswith(".safetensors"):
            state = load_file(weights)
        else:
            state = torch.load(weights, map_location="cpu", weights_only=True)
        own = self.state_dict()
        missing = [key for key in own if key not in state or state[key].shape != own[key].shape]
        if missing:
            raise CheckpointError(f"--vgg-weights {weights}: not VGG-19's weights ({missing[0]} missing or differs).")
        self.load_state_dict({key: state[key].float() for key in own})


def _randomise(features: nn.Sequential) -> None:
    generator = torch.Generator().manual_seed(0)
    for layer in features:
        if isinstance(layer, nn.Conv2d):
            fan_in = layer.weight[0].numel()
            layer.weight.data.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
            layer.get_parameter("bias").data.zero_()

"""NAFNet (Chen et al., "Simple Baselines for Image Restoration", ECCV 2022) with random weights, as a measure of speed.

The configuration is the one its authors published for deblurring at width 32: 1, 1, 1 and 28 encoder blocks, one in
the middle, 1 decoder block a level.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH = 32
ENCODER_BLOCKS = (1, 1, 1, 28)
MIDDLE_BLOCKS = 1
DECODER_BLOCKS = (1, 1, 1, 1)


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def gate(x: Tensor) -> Tensor:
    """SimpleGate: one half of the channels times the other."""
    a, b = x.chunk(2, dim=1)
    return a * b


class Block(nn.Module):
    """Gated depthwise convolution with channel attention, then a gated pointwise one; both residual."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = ChannelNorm(channels), ChannelNorm(channels)
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.depthwise = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=2 * channels)
        self.attention = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1))
        self.narrow = nn.Conv2d(channels, channels, 1)
        self.expand = nn.Conv2d(channels, 2 * channels, 1)
        self.project = nn.Conv2d(channels, channels, 1)
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        h = gate(self.depthwise(self.widen(self.norm1(x))))
        x = x + self.beta * self.narrow(h * self.attention(h))
        return x + self.gamma * self.project(gate(self.expand(self.norm2(x))))


class NAFNet(nn.Module):
    """Nx3xHxW in [0, 1] -> the same; sides are multiples of 16."""

    def __init__(self) -> None:
        super().__init__()
        channels = [WIDTH * 2**level for level in range(len(ENCODER_BLOCKS) + 1)]
        self.head = nn.Conv2d(3, WIDTH, 3, padding=1)
        self.tail = nn.Conv2d(WIDTH, 3, 3, padding=1)
        self.encoder = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, ENCODER_BLOCKS, strict=False))
        self.down = nn.ModuleList(nn.Conv2d(c, 2 * c, 2, stride=2) for c in channels[:-1])
        self.middle = _blocks(channels[-1], MIDDLE_BLOCKS)
        self.up = nn.ModuleList(nn.Conv2d(c, 2 * c, 1, bias=False) for c in reversed(channels[1:]))
        self.decoder = nn.ModuleList(
            _blocks(c, n) for c, n in zip(reversed(channels[:-1]), DECODER_BLOCKS, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        h, skips = self.head(x), []
        for blocks, down in zip(self.encoder, self.down, strict=True):
            h = blocks(h)
            skips.append(h)
            h = down(h)
        h = self.middle(h)
        for up, blocks in zip(self.up, self.decoder, strict=True):
            h = blocks(F.pixel_shuffle(up(h), 2) + skips.pop())
        return x + self.tail(h)


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Block(channels) for _ in range(count)))

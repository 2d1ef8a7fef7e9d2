"""The restoration network: one U-Net for teachers and student alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

THUMBNAIL_SIZE = 64
BAND_VALUES = 2**22
"""Values in a feature map up to which it is worked out in one piece where no gradient is needed."""


@dataclass(frozen=True)
class RestorerConfig:
    """Shape of a `RestorationNet`.

    width: channels of the finest level; every coarser level has twice as many.
    encoder_blocks, decoder_blocks: residual blocks a level, finest level first; both have one entry a level.
    bottleneck_blocks: residual blocks at the coarsest scale.
    stem: factor of the pixel-unshuffle before the first convolution, undone after the last one.
    context: length of the vector that describes the whole photo and modulates every level; 0 leaves it out.
    """

    width: int = 32
    encoder_blocks: tuple[int, ...] = (1, 2, 3)
    bottleneck_blocks: int = 1
    decoder_blocks: tuple[int, ...] = (1, 2, 3)
    stem: int = 2
    context: int = 64

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoder_blocks", tuple(self.encoder_blocks))
        object.__setattr__(self, "decoder_blocks", tuple(self.decoder_blocks))
        if len(self.encoder_blocks) != len(self.decoder_blocks):
            raise ValueError(
                f"encoder_blocks has {len(self.encoder_blocks)} levels, decoder_blocks {len(self.decoder_blocks)}"
            )
        blocks = (*self.encoder_blocks, self.bottleneck_blocks, *self.decoder_blocks)
        for name, value, least, most in (
            ("width", self.width, 1, 1024),
            ("stem", self.stem, 1, 16),
            ("context", self.context, 0, 4096),
            ("number of levels", len(self.encoder_blocks), 1, 8),
            ("least number of blocks", min(blocks), 0, 64),
            ("largest number of blocks", max(blocks), 0, 64),
        ):
            if not least <= value <= most:
                raise ValueError(f"the {name} must be from {least} to {most}, not {value}")


def thumbnail_of(x: Tensor) -> Tensor:
    """Nx3xHxW photo of any size -> Nx3x64x64 area average, the whole photo at a glance."""
    return F.adaptive_avg_pool2d(x, THUMBNAIL_SIZE)


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))): two 3x3 convolutions, no normalisation, so tiles agree with the whole."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.kaiming_uniform_(self.conv1.weight, nonlinearity="relu")
        _spread(self.conv2.weight, 0.2 / math.sqrt(9 * channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.conv1(x), inplace=True)).add_(x)


class ContextEncoder(nn.Module):
    """Thumbnail -> one scale and one shift a channel of every level.

    Haze is a property of the whole photo: its airlight and density cannot be told from a patch. The vector is
    computed once a photo and shared by all its tiles, so tiling stays exact.
    """

    def __init__(self, length: int, level_channels: list[int]) -> None:
        super().__init__()
        self.level_channels = level_channels
        self.features = nn.Sequential(
            nn.Conv2d(3, 24, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(24, 48, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(48, length, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
        )
        self.modulation = nn.Linear(2 * length, 2 * sum(level_channels))
        _spread(self.modulation.weight, 0.02)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, thumbnail: Tensor) -> list[tuple[Tensor, Tensor]]:
        features = self.features(thumbnail)
        pooled = torch.cat([features.mean((2, 3)), features.amax((2, 3))], dim=1)
        pieces = self.modulation(pooled)[:, :, None, None].split([2 * c for c in self.level_channels], dim=1)
        return [tuple(piece.chunk(2, dim=1)) for piece in pieces]


class RestorationNet(nn.Module):
    """U-Net that predicts a gain and an offset for every pixel and colour: output = x + gain * x + offset.

    Sums are taken in place wherever no gradient needs what they overwrite, and large photos go through every level in
    bands: fetching fresh memory from the system costs as much as a convolution.

    The scattering model of haze, I = J t + A (1 - t), is undone by exactly such a pair, so that fine detail is
    amplified rather than drawn anew; rain and blur use the offset.
    """

    def __init__(self, config: RestorerConfig) -> None:
        super().__init__()
        self.config = config
        levels = len(config.encoder_blocks)
        channels = [config.width * 2**level for level in range(levels + 1)]

        self.head = nn.Conv2d(3 * config.stem**2, channels[0], 3, padding=1)
        self.encoder = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, config.encoder_blocks, strict=False))
        self.down = nn.ModuleList(nn.Conv2d(channels[i], channels[i + 1], 2, stride=2) for i in range(levels))
        self.bottleneck = _blocks(channels[-1], config.bottleneck_blocks)
        self.up = nn.ModuleList(nn.Conv2d(channels[i + 1], channels[i], 1) for i in range(levels))
        self.decoder = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, config.decoder_blocks, strict=False))
        self.tail = nn.Conv2d(channels[0], 6 * config.stem**2, 3, padding=1)
        _spread(self.tail.weight, 0.1 / math.sqrt(9 * channels[0]))
        nn.init.zeros_(self.tail.bias)
        self.context = ContextEncoder(config.context, channels) if config.context else None

    @property
    def multiple(self) -> int:
        """Sizes are padded to multiples of this many pixels inside."""
        return self.config.stem * 2 ** len(self.config.encoder_blocks)

    @property
    def overlap(self) -> int:
        """Pixels beyond its edges, themselves at multiples of `multiple`, that a tile depends on, at a given thumbnail;
        rounded up to a multiple."""
        config = self.config
        rows = 1 + 2 * config.decoder_blocks[0]  # beyond the edge, level by level from the tail to the head
        for blocks in (*config.decoder_blocks[1:], config.bottleneck_blocks):
            rows = rows // 2 + 1 + 2 * blocks
        for blocks in reversed(config.encoder_blocks):
            rows = 2 * (rows + blocks)
        return -(-(rows + 1) * config.stem // self.multiple) * self.multiple

    def forward(
        self, x: Tensor, thumbnail: Tensor | None = None, return_features: bool = False
    ) -> Tensor | tuple[Tensor, list[Tensor]]:
        """Restore a batch.

        x: Nx3xHxW in [0, 1], any size. thumbnail: Nx3x64x64 of the photo that x is a part of; None: x is whole.
        Returns Nx3xHxW, not clamped; with return_features also [encoder levels, finest first ..., bottleneck].
        """
        height, width = x.shape[-2:]
        padded = pad_to_multiple(x, self.multiple)
        modulation = self.modulation(x if thumbnail is None else thumbnail)

        rows, values = (
            padded.shape[2] // self.config.stem,
            padded.numel() * self.config.width // (3 * self.config.stem**2),
        )
        features, h = [], padded
        for level, blocks in enumerate((*self.encoder, self.bottleneck)):
            stage, halo = partial(self._encode, level, modulation), 2 * len(blocks) + (level == 0)
            h = _in_bands(stage, [h], rows >> level, halo, values >> level)
            features.append(h)
        for level, blocks in reversed(list(enumerate(self.decoder))):
            stage, halo = partial(self._decode, level), len(blocks) + 1 + (level == 0)
            inputs = [h, features[level]] if level else [h, features[level], padded]
            h = _in_bands(stage, inputs, rows >> (level + 1), halo, values >> level)
            if not return_features:
                del features[level:]
        restored = h[..., :height, :width]
        return (restored, features) if return_features else restored

    def _encode(self, level: int, modulation: list[tuple[Tensor, Tensor]], h: Tensor) -> Tensor:
        """Photo -> finest level, or one level -> the next coarser one; the bottleneck is the last."""
        h = self.down[level - 1](h) if level else self.head(F.pixel_unshuffle(h, self.config.stem))
        blocks = self.encoder[level] if level < len(self.encoder) else self.bottleneck
        return blocks(_modulate(h, modulation, level))

    def _decode(self, level: int, h: Tensor, skip: Tensor, x: Tensor | None = None) -> Tensor:
        """One level -> the next finer one; the finest -> the restored photo, where x is the degraded one."""
        h = self.decoder[level](_upsampled(self.up[level](h)).add_(skip))
        if x is None:
            return h
        gain, offset = F.pixel_shuffle(self.tail(h), self.config.stem).chunk(2, dim=1)
        return torch.addcmul(x, gain, x).add_(offset)

    def modulation(self, photo: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Scale and shift of every level, Nx...x1x1 each, from a photo or its thumbnail; none without a context."""
        return [] if self.context is None else self.context(thumbnail_of(photo))


def pad_to_multiple(x: Tensor, multiple: int) -> Tensor:
    """Mirror the right and bottom edges until both sides are multiples; edge pixels repeat where x is too small."""
    height, width = x.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    if not (bottom or right):
        return x
    mode = "reflect" if bottom < height and right < width else "replicate"
    return F.pad(x, (0, right, 0, bottom), mode=mode)


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(count)))


def _upsampled(h: Tensor) -> Tensor:
    """Twice the size, bilinearly: what is flat stays flat, where a pixel shuffle draws a grid (Odena et al. 2016). In
    h's own precision, which autocast would raise."""
    with torch.autocast(h.device.type, enabled=False):
        return F.interpolate(h, scale_factor=2, mode="bilinear", align_corners=False)


def _in_bands(stage: Callable[..., Tensor], inputs: list[Tensor], units: int, halo: int, values: int) -> Tensor:
    """stage(*inputs), where no gradient is needed one band of rows after the other.

    What a stage leaves in between is then small enough for caches, and for memory to be used again instead of fetched
    from the system. inputs: NxCxHxW, of the same rows at whatever scales; bands begin and end at multiples of 1 / units
    of the height and see `halo` units more on either side. values: how many a feature map of the stage has.
    """
    bands = 1 if torch.is_grad_enabled() else min(-(-values // BAND_VALUES), units)
    if bands == 1:
        return stage(*inputs)
    whole = None
    for start, stop in pairwise(units * band // bands for band in range(bands + 1)):
        first, last = max(start - halo, 0), min(stop + halo, units)
        seen = stage(*(_rows(tensor, units, first, last) for tensor in inputs))
        band = _rows(seen, last - first, start - first, stop - first)
        if whole is None:
            shape = (*band.shape[:2], band.shape[2] // (stop - start) * units, band.shape[3])
            whole = torch.empty(shape, dtype=band.dtype, device=band.device, memory_format=torch.channels_last)
        _rows(whole, units, start, stop).copy_(band)
    return whole


def _rows(x: Tensor, units: int, start: int, stop: int) -> Tensor:
    """The rows of NxCxHxW from `start` to `stop`, counted in units of which the whole height has so many."""
    unit = x.shape[2] // units
    return x[:, :, start * unit : stop * unit]


def _spread(weight: Tensor, deviation: float) -> None:
    """Fill with random numbers of this standard deviation.

    Uniform ones: to draw normal ones on the meta device, where a checkpoint's network is built before its weights are
    read, PyTorch imports its compiler, which takes 2 s and 150 MB.
    """
    bound = math.sqrt(3) * deviation
    nn.init.uniform_(weight, -bound, bound)


def _modulate(h: Tensor, modulation: list[tuple[Tensor, Tensor]], level: int) -> Tensor:
    if not modulation:
        return h
    scale, shift = modulation[level]
    return torch.addcmul(h, h, scale).add_(shift)

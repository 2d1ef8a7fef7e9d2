"""The restoration network: one U-Net for teachers and student alike, applied to a photo from coarse to fine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from uniremoval.networks.scales import change_of, changed, doubled, scale_count

BAND_VALUES = 2**22
"""Values in a feature map up to which it is worked out in one piece where no gradient is needed."""


@dataclass(frozen=True)
class RestorerConfig:
    """Shape of a `RestorationNet`.

    width: channels of the finest level; every coarser level has twice as many.
    encoder_blocks, decoder_blocks: residual blocks per level, finest level first; both have one entry per level.
    bottleneck_blocks: residual blocks at the coarsest scale.
    stem: factor of the pixel-unshuffle before the first convolution, undone after the last one.
    """

    width: int = 32
    encoder_blocks: tuple[int, ...] = (1, 2, 3)
    bottleneck_blocks: int = 1
    decoder_blocks: tuple[int, ...] = (1, 2, 3)
    stem: int = 2

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
            ("number of levels", len(self.encoder_blocks), 1, 8),
            ("least number of blocks", min(blocks), 0, 64),
            ("largest number of blocks", max(blocks), 0, 64),
        ):
            if not least <= value <= most:
                raise ValueError(f"the {name} must be from {least} to {most}, not {value}")


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


class RestorationNet(nn.Module):
    """U-Net that corrects a gain and an offset for every pixel and colour: restored = x + gain * x + offset.

    It is applied to every scale of a photo, from the coarsest, where all of it is in view, to the finest. At each scale
    it sees the photo and what the maps inherited from the scale before make of it, and corrects these maps. The
    scattering model of haze, I = J t + A (1 - t), is undone by exactly such a pair, so that fine detail is amplified
    rather than drawn anew; rain and blur use the offset.

    Sums are taken in place wherever no gradient needs what they overwrite, and large photos go through every level in
    bands: fetching fresh memory from the system costs as much as a convolution.
    """

    def __init__(self, config: RestorerConfig) -> None:
        super().__init__()
        self.config = config
        levels = len(config.encoder_blocks)
        channels = [config.width * 2**level for level in range(levels + 1)]

        self.head = nn.Conv2d(6 * config.stem**2, channels[0], 3, padding=1)
        self.encoder = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, config.encoder_blocks, strict=False))
        self.down = nn.ModuleList(nn.Conv2d(channels[i], channels[i + 1], 2, stride=2) for i in range(levels))
        self.bottleneck = _blocks(channels[-1], config.bottleneck_blocks)
        self.up = nn.ModuleList(nn.Conv2d(channels[i + 1], channels[i], 1) for i in range(levels))
        self.decoder = nn.ModuleList(_blocks(c, n) for c, n in zip(channels, config.decoder_blocks, strict=False))
        self.tail = nn.Conv2d(channels[0], 6 * config.stem**2, 3, padding=1)
        _spread(self.tail.weight, 0.1 / math.sqrt(9 * channels[0]))
        nn.init.zeros_(self.tail.get_parameter("bias"))

    exact = True
    memory_format = torch.channels_last
    supports_bfloat16 = True

    def scale_count(self, height: int, width: int) -> int:
        return scale_count(height, width)

    def bytes_per_pixel(self, precision: str) -> int:
        """Fits what was measured over widths, stems and precisions."""
        return 24 + (5 if precision == "bf16" else 14) * self.config.width // self.config.stem**2

    @property
    def multiple(self) -> int:
        """Sizes are padded to multiples of this many pixels inside."""
        return self.config.stem * 2 ** len(self.config.encoder_blocks)

    @property
    def margin(self) -> int:
        """Beyond its input the network sees zeros, and without a margin it leaves a pale rim there in hazy skies."""
        return self.multiple

    @property
    def overlap(self) -> int:
        """Pixels beyond its edges, themselves at multiples of `multiple`, that a tile depends on at one scale, rounded
        up to a multiple."""
        config = self.config
        rows = 1 + 2 * config.decoder_blocks[0]  # beyond the edge, level by level from the tail to the head
        for blocks in (*config.decoder_blocks[1:], config.bottleneck_blocks):
            rows = rows // 2 + 1 + 2 * blocks
        for blocks in reversed(config.encoder_blocks):
            rows = 2 * (rows + blocks)
        pixels = (rows + 1) * config.stem + 1  # the head, and the neighbours that maps are interpolated from
        return -(-pixels // self.multiple) * self.multiple

    def forward(
        self,
        x: Tensor,
        inherited: Tensor | None = None,
        return_features: bool = False,
        apply_maps: bool = False,
        before_band: Callable[[], None] = lambda: None,
    ) -> Tensor | tuple[Tensor, list[Tensor]]:
        """Maps of a batch at one scale, or what they make of it.

        x: Nx3xHxW in [0, 1], any size. inherited: Nx6xhxw, the maps of the same photos at half the scale, h and w half
        of H and W rounded up; None: this scale is the coarsest. Returns maps, Nx6xHxW: gain, then offset; with
        apply_maps the restored photos, Nx3xHxW, instead, not clamped, which takes less memory than both; with
        return_features also [encoder levels, finest first ..., bottleneck].
        before_band is called before every band; an exception from it ends the work.
        """
        height, width = x.shape[-2:]
        stem = self.config.stem
        padded = pad_to_multiple(x, self.multiple)
        inputs = [padded]
        if inherited is not None:
            below = padded.shape[2] // 2 - inherited.shape[2]
            beside = padded.shape[3] // 2 - inherited.shape[3]
            inputs.append(F.pad(inherited, (0, beside, 0, below), mode="replicate"))

        rows, values = padded.shape[2] // stem, padded.numel() * self.config.width // (3 * stem**2)
        features: list[Tensor] = []
        for level, depth in enumerate((*self.config.encoder_blocks, self.config.bottleneck_blocks)):
            stage = partial(self._encode, level)
            if level:
                h = _in_bands(stage, features[-1:], rows >> level, 2 * depth, values >> level, before_band)
            else:  # in units of two rows, since inherited maps have one where the finest level has two
                h = _in_bands(stage, inputs, rows // 2, depth + 1, values, before_band)
            features.append(h)
        for level, depth in reversed(list(enumerate(self.config.decoder_blocks))):
            stage, halo = partial(self._decode, level, apply_maps), depth + 1 + (level == 0)
            skips = [h, features[level]] if level else [h, features[level], *inputs]
            h = _in_bands(stage, skips, rows >> (level + 1), halo, values >> level, before_band)
            if not return_features:
                del features[level:]
        h = h[..., :height, :width]
        return (h, features) if return_features else h

    def _encode(self, level: int, h: Tensor, inherited: Tensor | None = None) -> Tensor:
        """Photo -> finest level, or one level -> the next coarser one; the bottleneck is the last."""
        blocks = self.encoder[level] if level < len(self.encoder) else self.bottleneck
        if level:
            return blocks(self.down[level - 1](h))
        change = torch.zeros_like(h) if inherited is None else change_of(h, doubled(inherited))
        return blocks(self.head(F.pixel_unshuffle(torch.cat([h, change], dim=1), self.config.stem)))

    def _decode(
        self,
        level: int,
        apply_maps: bool,
        h: Tensor,
        skip: Tensor,
        x: Tensor | None = None,
        inherited: Tensor | None = None,
    ) -> Tensor:
        """One level -> the next finer one; the finest -> the maps, or what they make of the photo x."""
        h = self.decoder[level](doubled(self.up[level](h)).add_(skip))
        if x is None:
            return h
        maps = F.pixel_shuffle(self.tail(h), self.config.stem)
        maps = maps.float() if inherited is None else doubled(inherited) + maps
        return changed(x, maps) if apply_maps else maps


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


def _in_bands(
    stage: Callable[..., Tensor],
    inputs: list[Tensor],
    units: int,
    halo: int,
    values: int,
    before_band: Callable[[], None],
) -> Tensor:
    """stage(*inputs), where no gradient is needed one band of rows after the other.

    Intermediate feature maps then fit in the caches, and their memory is reused instead of fetched from the system.
    inputs: NxCxHxW, of the same rows at whatever scales; bands begin and end at multiples of 1 / units of the height
    and see `halo` units more on either side. values: how many a feature map of the stage has.
    """
    bands = 1 if torch.is_grad_enabled() else min(-(-values // BAND_VALUES), units)
    if bands == 1:
        before_band()
        return stage(*inputs)
    whole: Tensor | None = None
    for start, stop in pairwise(units * band // bands for band in range(bands + 1)):
        before_band()
        first, last = max(start - halo, 0), min(stop + halo, units)
        seen = stage(*(_rows(tensor, units, first, last) for tensor in inputs))
        band = _rows(seen, last - first, start - first, stop - first)
        if whole is None:
            shape = (*band.shape[:2], band.shape[2] // (stop - start) * units, band.shape[3])
            whole = torch.empty(shape, dtype=band.dtype, device=band.device, memory_format=torch.channels_last)
        _rows(whole, units, start, stop).copy_(band)
    assert whole is not None
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

"""What both contrastive stages do before they compare: crop for VGG-19, split by degradation, fade in."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from train.losses.vgg import VGGFeatures


def image_grain(vgg: VGGFeatures, photos: Tensor, side: int) -> list[Tensor]:
    """Nx3xHxW photos -> VGG-19 features of their centre squares of `side` pixels (0: of the whole)."""
    height, width = photos.shape[-2:]
    if 0 < side < min(height, width):
        top, left = (height - side) // 2, (width - side) // 2
        photos = photos[..., top : top + side, left : left + side]
    return vgg(photos)


def by_degradation(features: Sequence[Tensor], count: int) -> list[list[Tensor]]:
    """Features of K*N photos, grouped by degradation -> one list of features (N each) a degradation."""
    return [list(group) for group in zip(*(feature.chunk(count) for feature in features), strict=True)]


def fade_in(step: int, warmup: int) -> float:
    """0 at the first step, 1 from `warmup` on."""
    return min(1.0, step / max(warmup, 1))

"""Other ways to distil a teacher's features than the contrastive one, to compare it with.

Each is a distance of a student's features from a teacher's, one NxCxhxw tensor per layer, averaged over the layers: a
scalar in float32, zero where they agree. No gradient reaches the teacher. Student and teachers share an architecture,
so that features are compared as they are, without layers in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

PLACES = 8
"""Places per side between which relations are taken, at most."""

FeatureDistance = Callable[[Sequence[Tensor], Sequence[Tensor]], Tensor]


def hints(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """Mean squared difference of the features: Romero et al., "FitNets", ICLR 2015, equation 3."""
    return _over_layers(lambda own, taught: (own - taught).square().mean(), student, teacher)


def attention(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """Squared distance of the maps that say where features are strong, each of length 1: Zagoruyko and Komodakis,
    "Paying more attention to attention", ICLR 2017, equation 2."""

    def strong(feature: Tensor) -> Tensor:
        return F.normalize(feature.square().mean(1).flatten(1))

    return _over_layers(lambda own, taught: (strong(own) - strong(taught)).square().sum(1).mean(), student, teacher)


def relations(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """Mean squared difference of the cosines between features of any two places of a photo: the pair-wise distillation
    of Liu et al., "Structured knowledge distillation for semantic segmentation", CVPR 2019."""

    def cosines(feature: Tensor) -> Tensor:
        size = (min(PLACES, feature.shape[-2]), min(PLACES, feature.shape[-1]))
        places = F.normalize(F.adaptive_avg_pool2d(feature, size).flatten(2))
        return places.transpose(1, 2) @ places

    return _over_layers(lambda own, taught: (cosines(own) - cosines(taught)).square().mean(), student, teacher)


DISTANCES: dict[str, FeatureDistance] = {"hints": hints, "attention": attention, "relations": relations}


def _over_layers(
    distance: Callable[[Tensor, Tensor], Tensor], student: Sequence[Tensor], teacher: Sequence[Tensor]
) -> Tensor:
    pairs = zip(student, teacher, strict=True)
    return torch.stack([distance(own.float(), taught.detach().float()) for own, taught in pairs]).mean()

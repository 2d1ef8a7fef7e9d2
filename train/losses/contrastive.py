"""Multi-grained contrastive losses (Uni-Removal, arXiv 2307.05075; after AECR-Net, Wu et al. 2021).

A loss of this family is a ratio: how far the anchor is from its positive over how far it is from its negatives. Where
the network still returns its input, anchor and negative nearly coincide and the ratio explodes, so the denominator is
clamped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

SMALLEST_DISTANCE = 1e-3


@dataclass(frozen=True)
class Contrast:
    """loss: scalar with gradient. d_ap, d_an: detached distances to the positives and the negatives, one per layer."""

    loss: Tensor
    d_ap: Tensor
    d_an: Tensor


def distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference, a scalar in float32."""
    return (a.float() - b.float()).abs().mean()


def contrast(
    anchor: Sequence[Tensor],
    positives: Sequence[Sequence[Tensor]],
    negatives: Sequence[Sequence[Tensor]],
    weights: Sequence[float] | None = None,
) -> Contrast:
    """sum_l w_l mean_p d(anchor_l, positive_pl) / mean_n d(anchor_l, negative_nl).

    anchor: one Nx... tensor per layer. positives, negatives: any number of such lists; their order does not matter and
    no gradient reaches them. weights: one per layer, None: all 1. Memory grows with the number of positives and
    negatives.
    """
    if not positives or not negatives:
        raise ValueError("a contrastive loss needs at least one positive and one negative")
    d_ap = torch.stack([_mean_distance(feature, positives, layer) for layer, feature in enumerate(anchor)])
    d_an = torch.stack([_mean_distance(feature, negatives, layer) for layer, feature in enumerate(anchor)])
    ratios = d_ap / d_an.clamp_min(SMALLEST_DISTANCE)
    if weights is not None:
        ratios = ratios * ratios.new_tensor(weights)
    return Contrast(ratios.sum(), d_ap.detach(), d_an.detach())


def mgcl(
    student: Sequence[Sequence[Tensor]], teachers: Sequence[Sequence[Tensor]], weights: Sequence[float] | None = None
) -> Contrast:
    """Multi-grained contrastive loss at one grain, averaged over the K degradations.

    student[k], teachers[k]: features (one Nx... tensor per layer) of the student and of teacher k on the photos of
    degradation k. The teacher is the positive; the student on every other degradation is a negative.
    """
    terms = [
        contrast(anchor, [teachers[k]], [other for j, other in enumerate(student) if j != k], weights)
        for k, anchor in enumerate(student)
    ]
    return Contrast(
        torch.stack([term.loss for term in terms]).mean(),
        torch.stack([term.d_ap for term in terms]).mean(0),
        torch.stack([term.d_an for term in terms]).mean(0),
    )


def ex_mgcl(
    restored: Sequence[Tensor],
    clear: Sequence[Tensor],
    degraded: Sequence[Tensor],
    weights: Sequence[float] | None = None,
) -> Contrast:
    """Extended multi-grained contrastive loss at one grain: no positive is aligned with the anchor.

    restored, clear, degraded: features (one NxCxhxw tensor per layer) of restored real photos, of unrelated clear ones
    and of the degraded ones. They share no layout, only a style, so every photo is reduced to its mean
    activation per channel; the positive is the average clear photo, the negative the average degraded one. Compared
    place by place instead, photos of different scenes are so far apart that the ratio stays above 1, and then anything
    that takes the output away from both, such as fine stripes, lowers it. Styles can be reached, but until they are
    the same holds for them: this loss needs one beside it that keeps the content.
    """
    anchor = [_style(feature) for feature in restored]
    positive = [_style(feature).mean(0, keepdim=True).expand_as(a) for feature, a in zip(clear, anchor, strict=True)]
    negative = [_style(feature).mean(0, keepdim=True).expand_as(a) for feature, a in zip(degraded, anchor, strict=True)]
    return contrast(anchor, [positive], [negative], weights)


def _style(feature: Tensor) -> Tensor:
    """NxCxhxw -> NxC in float32."""
    return feature.float().mean((2, 3))


def _mean_distance(feature: Tensor, others: Sequence[Sequence[Tensor]], layer: int) -> Tensor:
    return torch.stack([distance(feature, other[layer].detach()) for other in others]).mean()

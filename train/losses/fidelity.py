"""Faithfulness to the ground truth."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from train.losses.contrastive import distance

SMALLEST_ERROR = 1e-4
"""Mean squared error at which a photo is good enough (40 dB): below, its weight grows no further."""


def fidelity(restored: Tensor, gt: Tensor, lambda_log: float) -> tuple[Tensor, dict[str, Tensor]]:
    """L1 + lambda_log log error of photos, NxCxHxW in [0, 1], and both as figures to log."""
    l1, log = distance(restored, gt), log_error(restored, gt)
    return l1 + lambda_log * log, {"l1": l1, "log": log}


def fidelity_of_scales(
    restored: Sequence[Tensor], gt: Sequence[Tensor], lambda_log: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Mean fidelity over the scales, coarsest first, and the figures of the finest."""
    terms = [fidelity(photos, truth, lambda_log) for photos, truth in zip(restored, gt, strict=True)]
    return torch.stack([loss for loss, _ in terms]).mean(), terms[-1][1]


def log_error(restored: Tensor, gt: Tensor) -> Tensor:
    """Mean over photos of the logarithm of the root mean squared error: a scalar that falls by 0.115 a decibel of PSNR.

    restored, gt: NxCxHxW in [0, 1]. After the PSNR loss of Chen et al. 2021 (HINet). L1 is ruled by the photos that
    are worst spoilt, where least can be won; here every photo counts alike, the slightly blurred one as much as the
    one in dense fog.
    """
    squared = (restored.float() - gt.float()).square().mean((1, 2, 3))
    return 0.5 * (squared + SMALLEST_ERROR).log().mean()

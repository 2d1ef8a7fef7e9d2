"""Faithfulness to the ground truth."""

from __future__ import annotations

from torch import Tensor

from train.losses.contrastive import distance

SMALLEST_ERROR = 1e-4
"""Mean squared error at which a photo is good enough (40 dB): below, its weight grows no further."""


def fidelity(
    restored: Tensor, gt: Tensor, lambda_log: float, lambda_gradient: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """L1 + lambda_log log error + lambda_gradient gradient error of photos, NxCxHxW in [0, 1], and all three to log."""
    l1, log, gradient = distance(restored, gt), log_error(restored, gt), gradient_error(restored, gt)
    return l1 + lambda_log * log + lambda_gradient * gradient, {"l1": l1, "log": log, "gradient": gradient}


def gradient_error(restored: Tensor, gt: Tensor) -> Tensor:
    """L1 of the differences between neighbours, down and across: a scalar.

    L1 of the values only counts on which side of the truth a pixel is. In a sky that is a little too dark everywhere,
    a grid that a network draws into it costs nothing there; here it does.
    """
    error = restored.float() - gt.float()
    return error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()


def log_error(restored: Tensor, gt: Tensor) -> Tensor:
    """Mean over photos of the logarithm of the root mean squared error: a scalar that falls by 0.115 a decibel of PSNR.

    restored, gt: NxCxHxW in [0, 1]. After the PSNR loss of Chen et al. 2021 (HINet). L1 is ruled by the photos that
    are worst spoilt, where least can be won; here every photo counts alike, the slightly blurred one as much as the
    one in dense fog.
    """
    squared = (restored.float() - gt.float()).square().mean((1, 2, 3))
    return 0.5 * (squared + SMALLEST_ERROR).log().mean()

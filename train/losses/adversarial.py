"""Hinge losses of the adversarial game (Lim and Ye 2017)."""

from __future__ import annotations

from torch import Tensor


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """real, fake: the discriminator's values for real clear and restored photos, any shape. Zero once the margin of
    1 holds on both sides."""
    return (1 - real).relu().mean() + (1 + fake).relu().mean()


def generator_loss(fake: Tensor) -> Tensor:
    """fake: the discriminator's values for restored photos. Falls without bound as they pass for real."""
    return -fake.mean()

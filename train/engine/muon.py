"""The Muon optimiser: steps of convolutions that change all directions alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

MOMENTUM, BETAS, EPSILON = 0.95, (0.9, 0.99), 1e-8
ITERATIONS, COEFFICIENTS = 5, (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, for what has at least two axes; Adam for biases.

    After Jordan et al. 2024. A convolution counts as a matrix of its output channels by all else. Updates are scaled to
    be as large as Adam's, so that learning rates carry over (Liu et al. 2025, "Muon is scalable", section 2.2).
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Take a step along the gradients that are there; closures are not supported."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    update = _orthogonal if parameter.ndim > 1 else _adaptive
                    parameter.sub_(update(parameter.grad, self.state[parameter]), alpha=group["lr"])


def orthogonalised(matrix: Tensor) -> Tensor:
    """RxC -> RxC with the same singular vectors and all singular values near 1, from 0.7 to 1.2 (Newton-Schulz).

    In bf16 on a GPU. In fp32 on a CPU: one without arithmetic in bf16 takes 20 times as long to imitate it.
    """
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(torch.float32 if matrix.device.type == "cpu" else torch.bfloat16)
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).to(matrix.dtype)


def _orthogonal(gradient: Tensor, state: dict[str, Tensor]) -> Tensor:
    """The step of a convolution; Nesterov's momentum."""
    if not state:
        state["momentum"] = torch.zeros_like(gradient)
    state["momentum"].lerp_(gradient, 1 - MOMENTUM)
    matrix = gradient.lerp(state["momentum"], MOMENTUM).flatten(1)
    return orthogonalised(matrix).view_as(gradient) * (0.2 * math.sqrt(max(matrix.shape)))


def _adaptive(gradient: Tensor, state: dict[str, Tensor]) -> Tensor:
    """The step of a bias, as Adam's (Kingma and Ba 2015)."""
    if not state:
        state |= {"step": torch.zeros(()), "mean": torch.zeros_like(gradient), "square": torch.zeros_like(gradient)}
    state["step"] += 1
    state["mean"].lerp_(gradient, 1 - BETAS[0])
    state["square"].lerp_(gradient.square(), 1 - BETAS[1])
    steps = state["step"].item()
    mean, square = state["mean"] / (1 - BETAS[0] ** steps), state["square"] / (1 - BETAS[1] ** steps)
    return mean / (square.sqrt() + EPSILON)

"""The highest value around each pixel."""

from __future__ import annotations

import torch
from torch import Tensor


def highest(x: Tensor, size: int) -> Tensor:
    """The highest value of each window of `size` x `size` pixels of a ...xHxW tensor, whose sides shrink by `size` - 1.

    A window grows by the window before, shifted: a few passes, however large it is.
    """
    for axis in (-2, -1):
        reach = 1
        while reach < size:
            step = min(reach, size - reach)
            length = x.shape[axis] - step
            x = torch.maximum(x.narrow(axis, 0, length), x.narrow(axis, step, length))
            reach += step
    return x

"""The interface of a dataset, as the training loop uses it."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class Views(Protocol):
    """Item i is made of 8-bit views and is small enough to be handed from process to process; `prepare` turns a batch
    of items, still on the CPU, into what losses take: float32 in [0, 1], on the device. It draws nothing but from what
    the batch holds."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> dict[str, Tensor]: ...

    def prepare(self, batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]: ...

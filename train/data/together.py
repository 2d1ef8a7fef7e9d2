"""Several datasets side by side."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import Dataset

from train.data.views import Views


class Together(Dataset):
    """Item i has all that item i of each dataset has. They are of one length and share no key."""

    def __init__(self, *datasets: Views) -> None:
        self.datasets = datasets

    def __len__(self) -> int:
        return len(self.datasets[0])

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {key: value for dataset in self.datasets for key, value in dataset[index].items()}

    def prepare(self, batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
        """The batch, each part prepared by its dataset."""
        return {key: value for dataset in self.datasets for key, value in dataset.prepare(batch, device).items()}

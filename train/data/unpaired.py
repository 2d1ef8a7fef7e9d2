"""Real degraded photos and unrelated real clear ones, for the adaptation stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from train.data.batch import as_float
from train.data.folders import PhotoFolder
from train.data.paired import to_tensor, view_sides


class UnpairedPhotos(Dataset):
    """Item i is a function of (seed, i) alone.

    real: (K, 3, side, side), one degraded photo per degradation; clear: the same of K other photos. All are 8-bit. The
    views of a step are of one size, as those of `PairedViews`.
    """

    def __init__(
        self,
        degraded: Sequence[PhotoFolder],
        clear: PhotoFolder,
        *,
        length: int,
        together: int,
        view: int,
        seed: int,
    ) -> None:
        self.degraded = tuple(degraded)
        self.clear = clear
        self.length = length
        self.together, self.sides = together, view_sides(view)
        self.seed = seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        side = int(np.random.default_rng((self.seed, 1, index // self.together)).choice(self.sides))
        rng = np.random.default_rng((self.seed, 2, index))
        real = [self._one(folder, side, rng) for folder in self.degraded]
        clear = [self._one(self.clear, side, rng) for _ in self.degraded]
        return {"real": torch.stack(real), "clear": torch.stack(clear)}

    def prepare(self, batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
        """real, clear: (N, K, 3, side, side), float32 in [0, 1]."""
        return {key: as_float(batch[key].to(device, non_blocking=True)) for key in ("real", "clear")}

    def _one(self, photos: PhotoFolder, side: int, rng: np.random.Generator) -> Tensor:
        photo, _ = photos.view(int(rng.integers(len(photos))), side, rng)
        return to_tensor(photo)

"""Real degraded photos and unrelated real clear ones, for the adaptation stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from uniremoval.networks import thumbnail_of

from .folders import PhotoFolder
from .paired import cut_patches, to_tensor


class UnpairedPhotos(Dataset):
    """Item i is a function of (seed, i) alone.

    degraded: (K, P, 3, patch, patch), one photo a degradation, with degraded_thumbnail (K, P, 3, 64, 64);
    clear: (K, P, 3, patch, patch) and clear_thumbnail, of K other photos. All in [0, 1].
    """

    def __init__(
        self,
        degraded: Sequence[PhotoFolder],
        clear: PhotoFolder,
        *,
        length: int,
        view: int,
        patch: int,
        patches: int,
        seed: int,
    ) -> None:
        self.degraded = tuple(degraded)
        self.clear = clear
        self.length = length
        self.view, self.patch, self.patches = view, patch, patches
        self.seed = seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self.seed, index))
        degraded = [self._one(folder, rng) for folder in self.degraded]
        clear = [self._one(self.clear, rng) for _ in self.degraded]
        return {
            "degraded": torch.stack([patches for patches, _ in degraded]),
            "degraded_thumbnail": torch.stack([thumbnail for _, thumbnail in degraded]),
            "clear": torch.stack([patches for patches, _ in clear]),
            "clear_thumbnail": torch.stack([thumbnail for _, thumbnail in clear]),
        }

    def _one(self, photos: PhotoFolder, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        photo, _ = photos.view(int(rng.integers(len(photos))), self.view, rng)
        corners = rng.integers(0, self.view - self.patch + 1, (self.patches, 2))
        thumbnail = thumbnail_of(to_tensor(photo)[None]).expand(self.patches, -1, -1, -1)
        return cut_patches(photo, corners, self.patch), thumbnail

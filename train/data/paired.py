"""Pairs to train on: clean photos degraded on the fly, without end, and ready pairs where there are some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from train.degradations import degrade
from train.degradations.fields import Array
from uniremoval.checkpoint import Degradation
from uniremoval.networks import thumbnail_of

from .folders import PairFolder, PhotoFolder
from .lighting import dull, relight


class PairedPatches(Dataset):
    """Item i is a function of (seed, i) alone, so a resumed run sees what an uninterrupted one would have seen.

    An item holds every degradation, each on a photo of its own, as K x P patches cut from K views:
    lq, gt: (K, P, 3, patch, patch) in [0, 1]; thumbnail: (K, P, 3, 64, 64), of the degraded view.
    untouched: share of views that are not degraded at all, from which a network learns to leave clear photos alone.
    dull: share of what is not hazed that is made dull and warm, so that a network does not take such scenes for haze.
    camera: share of the degraded views that may show the camera's own flaws, too.
    ready: pairs of others for some degradations, from which half of that degradation's views come.
    """

    def __init__(
        self,
        photos: PhotoFolder,
        degradations: Sequence[Degradation],
        *,
        length: int,
        view: int,
        patch: int,
        patches: int,
        seed: int,
        untouched: float,
        dull: float = 0.0,
        camera: float = 1.0,
        ready: Mapping[Degradation, PairFolder] | None = None,
    ) -> None:
        self.photos = photos
        self.degradations = tuple(degradations)
        self.length = length
        self.view, self.patch, self.patches = view, patch, patches
        self.seed = seed
        self.untouched, self.dull = untouched, dull
        self.camera = camera
        self.ready = ready or {}

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self.seed, index))
        items = [self._one(kind, rng) for kind in self.degradations]
        return {key: torch.stack([item[key] for item in items]) for key in items[0]}

    def _one(self, kind: Degradation, rng: np.random.Generator) -> dict[str, Tensor]:
        lq, gt = self._view(kind, rng)
        corners = rng.integers(0, self.view - self.patch + 1, (self.patches, 2))
        return {
            "lq": cut_patches(lq, corners, self.patch),
            "gt": cut_patches(gt, corners, self.patch),
            "thumbnail": thumbnail_of(to_tensor(lq)[None]).expand(self.patches, -1, -1, -1),
        }

    def _view(self, kind: Degradation, rng: np.random.Generator) -> tuple[Array, Array]:
        if kind in self.ready and rng.random() < 0.5:
            pairs = self.ready[kind]
            return pairs.view(int(rng.integers(len(pairs))), self.view, rng)
        clean, depth = self.photos.view(int(rng.integers(len(self.photos))), self.view, rng)
        clean = relight(clean, rng)
        untouched = rng.random() < self.untouched
        if (untouched or kind != Degradation.HAZE) and rng.random() < self.dull:
            clean = dull(clean, rng)
        return clean if untouched else degrade(clean, depth, kind, rng, self.camera), clean


def to_tensor(photo: Array) -> Tensor:
    """HxWx3 -> 3xHxW."""
    return torch.from_numpy(np.ascontiguousarray(photo.transpose(2, 0, 1)))


def cut_patches(photo: Array, corners: np.ndarray, side: int) -> Tensor:
    """HxWx3 and Px2 corners (top, left) -> Px3 x side x side."""
    return torch.stack([to_tensor(photo[y : y + side, x : x + side]) for y, x in corners])

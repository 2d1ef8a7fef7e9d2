"""Views to train on: cut from clear photos, to be degraded on the device, and from ready pairs where there are some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from train.data.batch import Shares, degraded_pairs
from train.data.folders import PairFolder, PhotoFolder, Pixels
from uniremoval.method import Degradation


class PairedViews(Dataset):
    """Item i is a function of (seed, i) alone, so a resumed run sees what an uninterrupted one would have seen.

    An item holds a view for each of K degradations, each of a photo of its own, as `degraded_pairs` takes them. clean,
    degraded: (K, 3, side, side), 8-bit, the same but for ready pairs; depth: (K, 1, side, side), 8-bit; has_depth,
    ready: (K,), whether depth is known and whether the view is of a ready pair; seed: (K,), what the degradation is
    drawn from. Keys that no view needs are left out. The views of a step are of one size, from 256 pixels per side to
    `view`: the content of the coarsest scale and the number of scales vary.
    together: items of one step.
    shares: how often what happens to a view.
    ready: pairs of others for some degradations, from which `ready_share` of that degradation's views come.
    """

    def __init__(
        self,
        photos: PhotoFolder,
        degradations: Sequence[Degradation],
        *,
        length: int,
        together: int,
        view: int,
        seed: int,
        shares: Shares,
        ready: Mapping[Degradation, PairFolder] | None = None,
        ready_share: float = 1 / 3,
    ) -> None:
        self.photos = photos
        self.degradations = tuple(degradations)
        self.length = length
        self.together, self.sides = together, view_sides(view)
        self.seed = seed
        self.shares = shares
        self.ready, self.ready_share = ready or {}, ready_share
        self.keys = ["clean", "seed"]
        if self.ready:
            self.keys += ["ready", "degraded"]
        if photos.depth and Degradation.HAZE in self.degradations:
            self.keys += ["has_depth", "depth"]

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self.seed, 0, index))
        views = [self._view(kind, self.side(index), rng) for kind in self.degradations]
        return {key: torch.stack([view[key] for view in views]) for key in self.keys}

    def side(self, index: int) -> int:
        """Pixels a side of an item's views."""
        return int(np.random.default_rng((self.seed, 1, index // self.together)).choice(self.sides))

    def prepare(self, batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
        """lq, gt: (N, K, 3, side, side), float32 in [0, 1]."""
        return degraded_pairs({key: batch[key] for key in self.keys}, self.degradations, self.shares, device)

    def _view(self, kind: Degradation, side: int, rng: np.random.Generator) -> dict[str, Tensor]:
        is_ready, depth = kind in self.ready and rng.random() < self.ready_share, None
        if is_ready:
            pairs = self.ready[kind]
            degraded, clean = map(to_tensor, pairs.view(int(rng.integers(len(pairs))), side, rng))
        else:
            photo, depth = self.photos.view(int(rng.integers(len(self.photos))), side, rng)
            degraded = clean = to_tensor(photo)
        far = torch.zeros(1, side, side, dtype=torch.uint8) if depth is None else to_tensor(depth[..., None])
        if kind == Degradation.BLUR and rng.random() < 0.5:  # benchmarks' cameras shake sideways, others as they like
            degraded, clean, far = (view.transpose(1, 2) for view in (degraded, clean, far))
        return {
            "clean": clean,
            "degraded": degraded,
            "depth": far,
            "has_depth": torch.tensor(depth is not None),
            "ready": torch.tensor(is_ready),
            "seed": torch.tensor(int(rng.integers(2**63))),
        }


def view_sides(largest: int) -> list[int]:
    """Sides that views are drawn from: `largest`, and what is smaller in steps of 128 down to 256."""
    return [*range(256, largest, 128), largest]


def to_tensor(photo: Pixels) -> Tensor:
    """8-bit HxWxC -> CxHxW."""
    return torch.from_numpy(photo.transpose(2, 0, 1).copy())

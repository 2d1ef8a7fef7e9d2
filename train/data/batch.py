"""From views as the data loader cuts them to pairs to learn from, on the device of the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.data.depth import sharpened
from train.data.lighting import dull, relight
from train.degradations import degrade
from train.degradations.fields import Rngs, chosen, replaced, rows_of, with_rows
from train.degradations.haze import plausible_depth, walled
from uniremoval.method import Degradation

PIXELS = ("clean", "degraded", "depth")
"""Keys of a batch that go to the device; the others steer and stay on the CPU."""
SMALLEST_ENLARGED = 256
"""Pixels per side of what is enlarged, at least."""


@dataclass(frozen=True)
class Shares:
    """How often what happens, each from 0 to 1.

    untouched: of views that are not degraded at all, from which a network learns to leave clear photos alone.
    dull: of what is not hazed that is made dull and warm, so that a network does not take such scenes for haze.
    camera: of the degraded views that may show the camera's own flaws, too.
    walled: of hazy scenes whose distance is a wall of even fog, which is to stay as it is.
    enlarged: of degraded views of 512 pixels or more per side that are degraded at half or a quarter of their size
        and enlarged, as by a digital zoom: nothing is sharp in them, in the clear view neither.
    """

    untouched: float
    dull: float = 0.0
    camera: float = 1.0
    walled: float = 0.0
    enlarged: float = 0.0


@torch.no_grad()
def degraded_pairs(
    batch: Mapping[str, Tensor], kinds: Sequence[Degradation], shares: Shares, device: torch.device
) -> dict[str, Tensor]:
    """Views of a batch, degraded on `device`; the result depends on the view, its seed and its
    degradation alone.

    batch: N items of K = len(kinds) views each. clean: (N, K, 3, side, side), 8-bit; seed: (N, K). Where there are
    any, ready (N, K) tells views of ready pairs, and degraded (N, K, 3, side, side) holds their other halves; has_depth
    (N, K) tells views whose depth (N, K, 1, side, side) is known; all 8-bit. Returns lq, gt: float32 (N, K, 3, side,
    side) in [0, 1]. A CPU takes one view after the other: one fits its cache, many do not.
    """
    count = len(batch["seed"])
    together = 1 if device.type == "cpu" else count
    batch = {key: value.to(device, non_blocking=True) if key in PIXELS else value for key, value in batch.items()}
    gt = torch.empty(batch["clean"].shape, device=device)
    lq = torch.empty_like(gt)
    with torch.autocast(device.type, enabled=False):
        for k, kind in enumerate(kinds):
            for first in range(0, count, together):
                rows = slice(first, first + together)
                views = {key: value[rows, k] for key, value in batch.items()}
                lq[rows, k], gt[rows, k] = _pairs_of(views, kind, shares)
    return {"lq": lq, "gt": gt}


def as_float(photos: Tensor) -> Tensor:
    """8-bit values -> float32 in [0, 1]."""
    return photos.float().div_(255)


def _pairs_of(views: Mapping[str, Tensor], kind: Degradation, shares: Shares) -> tuple[Tensor, Tensor]:
    clean = as_float(views["clean"])
    rows = [row for row, is_ready in enumerate(_told(views, "ready")) if not is_ready]
    if not rows:
        return as_float(views["degraded"]), clean
    rngs = [np.random.default_rng(seed) for seed in views["seed"][rows].tolist()]
    known = [_told(views, "has_depth")[row] for row in rows]
    photos = rows_of(clean, rows)
    depth = _depth(views, rows, known, photos, rngs) if kind == Degradation.HAZE else None
    lq, gt = _made(photos, depth, known, kind, rngs, shares)
    if len(rows) == len(clean):
        return lq, gt
    degraded = replaced(as_float(views["degraded"]), rows, lq)
    return degraded, replaced(clean, rows, gt)


def _told(views: Mapping[str, Tensor], key: str) -> list[bool]:
    return views[key].tolist() if key in views else [False] * len(views["seed"])


def _depth(
    views: Mapping[str, Tensor], rows: Sequence[int], known: Sequence[bool], photos: Tensor, rngs: Rngs
) -> Tensor:
    """The depth of some views: sharpened where it is known, plausible elsewhere."""
    drawn = [row for row, is_known in enumerate(known) if not is_known]
    own = [rngs[row] for row in drawn]
    coarse = as_float(rows_of(views["depth"], rows)) if "depth" in views else photos[:, :1]
    depth = coarse if len(drawn) == len(rows) else sharpened(coarse, photos)
    return with_rows(depth, drawn, lambda part: plausible_depth(tuple(part.shape[-2:]), own, part.device))


def _made(
    photos: Tensor, depth: Tensor | None, known: Sequence[bool], kind: Degradation, rngs: Rngs, shares: Shares
) -> tuple[Tensor, Tensor]:
    """Nx3xHxW clear photos -> degraded, clean."""
    clean = relight(photos, rngs)
    untouched = set(chosen(shares.untouched, rngs))
    if depth is not None:
        walls = [row for row in chosen(shares.walled, rngs) if known[row]]
        clean = with_rows(clean, walls, lambda part: walled(part, rows_of(depth, walls), [rngs[row] for row in walls]))
    dulled = [row for row in chosen(shares.dull, rngs) if row in untouched or kind != Degradation.HAZE]
    clean = with_rows(clean, dulled, lambda part: dull(part, [rngs[row] for row in dulled]))
    rows = [row for row in range(len(rngs)) if row not in untouched]
    factors = dict.fromkeys(rows, 1)
    possible = [factor for factor in (2, 4) if photos.shape[-1] >= factor * SMALLEST_ENLARGED]
    for row in chosen(shares.enlarged, rngs) if possible else []:
        if row in factors:
            factors[row] = int(rngs[row].choice(possible))
    degraded = clean
    for factor in sorted(set(factors.values())):
        alike = [row for row in rows if factors[row] == factor]
        small = _shrunk(rows_of(clean, alike), factor)
        distance = None if depth is None else _shrunk(rows_of(depth, alike), factor)
        spoilt = degrade(small, distance, kind, [rngs[row] for row in alike], shares.camera)
        degraded = replaced(degraded, alike, _enlarged(spoilt, factor))
        clean = replaced(clean, alike, _enlarged(small, factor))
    return degraded, clean


def _shrunk(photos: Tensor, factor: int) -> Tensor:
    return F.avg_pool2d(photos, factor) if factor > 1 else photos


def _enlarged(photos: Tensor, factor: int) -> Tensor:
    return F.interpolate(photos, scale_factor=factor, mode="bicubic").clamp_(0, 1) if factor > 1 else photos

"""One photo from its coarsest scale to its own size, each scale in one piece or in tiles with the same result."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from uniremoval.errors import Cancelled, CheckpointError, MemoryLimitError
from uniremoval.memory import free_memory, is_out_of_memory
from uniremoval.networks import Network, changed, pyramid
from uniremoval.photo import Photo
from uniremoval.tiling import SMALLEST_TILE, Tile, aligned, coarser, frame, halved, tiles_of_side, tiles_within

CPU_TILE_BYTES, CPU_TILE_BYTES_A_PIXEL = 512 * 2**20, 20
"""Working memory of one tile on a CPU, and the same for each pixel of the photo, where that is more: 12 megapixels are
restored in two tiles and 48 in four, whose overlap costs a tenth to an eighth more work than one piece."""
LEAST_OVERLAPS = 6
"""Shortest side of a tile, in overlaps, where memory suffices: smaller tiles are mostly overlap."""


@dataclass(frozen=True)
class Progress:
    """scale: the one at work, from 1 to `scales`. tile: tiles of it done so far, of `tiles`, which grows when memory
    runs short. share: of the whole work that is done. seconds: since the start."""

    scale: int
    scales: int
    tile: int
    tiles: int
    share: float
    seconds: float


@dataclass(frozen=True)
class Draft:
    """The photo restored up to one scale, before the finer ones: pixels, hxwx3 in [0, 1], at the size of that scale.

    scale: 1 for the coarsest, of `scales`."""

    pixels: np.ndarray
    scale: int
    scales: int


@dataclass(frozen=True)
class Part:
    """What the restored photo will be in one place, ahead of the rest: pixels, hxwx3 in [0, 1]. tile: where it lies."""

    pixels: np.ndarray
    tile: Tile


@dataclass(frozen=True)
class Restored:
    """A restored photo and how it came about. tiles: at its own size. precision: "bf16", "fp32". notes: sentences the
    user should see."""

    photo: Photo
    seconds: float
    tiles: int
    precision: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listeners:
    """Who is told of a restoration, and asked: see `Restorer.restore`."""

    on_progress: Callable[[Progress], None] | None = None
    on_scale: Callable[[Draft], None] | None = None
    on_part: Callable[[Part], None] | None = None
    wanted: Callable[[], Tile | None] | None = None
    should_stop: Callable[[], bool] | None = None


class CoarseToFine:
    """One photo on its way through the scales."""

    def __init__(
        self,
        network: Network,
        device: torch.device,
        precision: str,
        name: str,
        photo: Photo,
        listeners: Listeners,
        side: int | None,
    ) -> None:
        """name: of the checkpoint, for messages. side: see `Restorer.restore`."""
        self.network, self.device, self.precision, self.name = network, device, precision, name
        self.photo = photo
        self.listeners = listeners
        self.side = side
        self.first: Tile | None = None
        self.start = time.perf_counter()
        self.done: list[int] = []
        self.pixels = 0
        self.notes: tuple[str, ...] = ()

    def restored(self) -> Restored:
        pixels = torch.from_numpy(self.photo.pixels).permute(2, 0, 1)[None]
        scales = self.scales = pyramid(pixels, self.network.scale_count(*self.photo.size))
        self.plan = [deque(self._tiles(x)) for x in scales]
        self.done = [0] * len(scales)
        self._report(0)
        maps = None
        for index, x in enumerate(scales[:-1]):
            result = torch.empty(1, 6, *x.shape[-2:])
            self._fill(index, x, maps, result)
            maps = result
            if self.listeners.on_scale:
                draft = self._pixels(changed(x, maps).clamp_(0, 1))
                self.listeners.on_scale(Draft(draft, index + 1, len(scales)))
        result = torch.empty(1, *self.photo.pixels.shape).permute(0, 3, 1, 2)
        self._fill(len(scales) - 1, pixels, maps, result)
        seconds = time.perf_counter() - self.start
        photo = self.photo.with_pixels(self._pixels(result))
        if not self.network.exact and self.done[-1] > 1:
            self.notes += (f"{self.name} saw the photo in {self.done[-1]} tiles; seams may show.",)
        return Restored(photo, seconds, self.done[-1], self.precision, self.notes)

    def _tiles(self, x: Tensor) -> list[Tile]:
        height, width = x.shape[-2:]
        if self.side is not None:
            return tiles_of_side((height, width), self.side, self.network.multiple)
        per_pixel = self.network.bytes_per_pixel(self.precision)
        area = free_memory(self.device) // 2 // per_pixel
        if self.device.type == "cpu":
            enough = max(CPU_TILE_BYTES, CPU_TILE_BYTES_A_PIXEL * height * width) // per_pixel
            area = min(area, max(enough, (LEAST_OVERLAPS * self.network.overlap) ** 2))
        return tiles_within((height, width), area, self.network.overlap, self.network.multiple)

    def _fill(self, index: int, x: Tensor, inherited: Tensor | None, result: Tensor) -> None:
        """Work out one scale tile by tile. result: 1x6xHxW for maps, or 1x3xHxW for what they make of the photo."""
        pending = self.plan[index]
        while pending:
            shortage = None
            try:
                self._restore_first(index, inherited)
                part = pending[0]
                _part(result, part).copy_(self._tile(x, inherited, part, as_maps=result.shape[1] == 6))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                shortage = error.with_traceback(None)  # whose frames would keep the memory
            if shortage:
                self._use_smaller_tiles(index, shortage)
                continue
            pending.popleft()
            self.done[index] += 1
            self.pixels += part.height * part.width
            self._report(index)

    def _restore_first(self, index: int, inherited: Tensor | None) -> None:
        """What is wanted before the rest, once: from this scale to the finest, with what each needs of the one before.

        inherited: maps of the scale before, of the whole photo.
        """
        wanted = self.listeners.wanted() if self.listeners.wanted else None
        if wanted is None or wanted == self.first or self.listeners.on_part is None or not self.network.exact:
            return
        self.first = wanted
        sizes = [(x.shape[-2], x.shape[-1]) for x in self.scales[index:]]
        needed = [aligned(wanted, self.network.multiple, sizes[-1])]
        for finer, size in zip(sizes[:0:-1], sizes[-2::-1], strict=True):
            seen = needed[-1].grown(self.network.overlap, finer)
            needed.append(aligned(coarser(seen), self.network.multiple, size))
        for x, tile in zip(self.scales[index:], reversed(needed), strict=True):
            as_maps = x is not self.scales[-1]
            result = torch.empty(1, 6 if as_maps else 3, *x.shape[-2:])
            _part(result, tile).copy_(self._tile(x, inherited, tile, as_maps))
            inherited = result
        self.listeners.on_part(Part(self._pixels(_part(result, wanted)), wanted))

    def _pixels(self, x: Tensor) -> np.ndarray:
        """1x3xHxW -> HxWx3, without colour where the photo has none."""
        if self.photo.grey:
            x = x.mean(1, keepdim=True).expand_as(x)
        return np.ascontiguousarray(x[0].permute(1, 2, 0).numpy())

    def _report(self, index: int) -> None:
        left = sum(tile.height * tile.width for pending in self.plan for tile in pending)
        done, scales = self.done[index], len(self.plan)
        share, seconds = self.pixels / (self.pixels + left), time.perf_counter() - self.start
        if self.listeners.on_progress:
            self.listeners.on_progress(Progress(index + 1, scales, done, done + len(self.plan[index]), share, seconds))

    def _stop_if_asked(self) -> None:
        if self.listeners.should_stop and self.listeners.should_stop():
            done = sum(self.done)
            raise Cancelled(f"Stopped after {done} of {done + sum(map(len, self.plan))} tiles.")

    def _tile(self, x: Tensor, inherited: Tensor | None, tile: Tile, as_maps: bool) -> Tensor:
        """Maps of one tile of `x` (1x3xHxW), or what they make of it, in [0, 1]; on the CPU."""
        size = x.shape[-2], x.shape[-1]
        seen = tile.grown(self.network.overlap, size)
        left, right, top, bottom = margins = frame(seen, size, self.network.margin, self.network.multiple)
        rows = slice(top + tile.top - seen.top, top + tile.bottom - seen.top)
        columns = slice(left + tile.left - seen.left, left + tile.right - seen.left)
        mode = "reflect" if max(left, right) < seen.width and max(top, bottom) < seen.height else "replicate"
        with torch.inference_mode():
            window = F.pad(_part(x, seen).to(self.device), margins, mode=mode)
            if inherited is not None:
                coarse = coarser(seen)
                right = window.shape[3] // 2 - left // 2 - coarse.width
                bottom = window.shape[2] // 2 - top // 2 - coarse.height
                beyond = left // 2, right, top // 2, bottom
                inherited = F.pad(_part(inherited, coarse).to(self.device), beyond, mode="replicate")
            # convolutions in bf16; photo and maps stay in fp32, so nothing is rounded that is left as it was
            with torch.autocast(
                self.device.type, torch.bfloat16, enabled=self.precision == "bf16", cache_enabled=False
            ):
                output = self.network(window, inherited, apply_maps=not as_maps, before_band=self._stop_if_asked)[
                    ..., rows, columns
                ]
            if not torch.isfinite(output.sum()):
                raise CheckpointError(
                    f"The checkpoint '{self.name}' gave values that are not numbers for this photo; "
                    "use the precision fp32 or another checkpoint."
                )
            return (output if as_maps else output.clamp_(0, 1)).cpu()

    def _use_smaller_tiles(self, index: int, shortage: Exception) -> None:
        """Halve the tiles of this scale and of those after it."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        multiple = self.network.multiple
        if not halved(self.plan[index][0], multiple):
            raise MemoryLimitError(
                f"Memory does not suffice for a tile of {SMALLEST_TILE} x {SMALLEST_TILE} pixels; "
                "close other programs, or use the device cpu."
            ) from shortage
        for pending in self.plan[index:]:
            parts = [part for tile in pending for part in halved(tile, multiple) or [tile]]
            pending.clear()
            pending.extend(parts)
        self.notes = ("Memory ran short, so the photo was restored in smaller tiles.",)


def _part(x: Tensor, tile: Tile) -> Tensor:
    return x[..., tile.top : tile.bottom, tile.left : tile.right]

"""The restoration engine: a photo in, the restored photo out, in one piece or in tiles with the same result."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from uniremoval import checkpoint
from uniremoval.catalog import Catalog, default_catalog
from uniremoval.checkpoint import Card
from uniremoval.device import pick_device, pick_precision
from uniremoval.errors import Cancelled, CheckpointError, MemoryLimitError
from uniremoval.memory import free_memory, is_out_of_memory
from uniremoval.networks import RestorationNet, thumbnail_of
from uniremoval.photo import Photo, decode
from uniremoval.tiling import SMALLEST_TILE, Tile, frame, halved, tiles_of_side, tiles_within

CPU_TILE_BYTES, CPU_TILE_BYTES_A_PIXEL = 512 * 2**20, 20
"""Working memory of one tile on a CPU, and the same for each pixel of the photo, where that is more: 12 megapixels are
restored in two tiles and 48 in four, whose overlap costs a tenth to an eighth more work than one piece."""

MIRRORS = ((), (0,), (1,), (0, 1))
"""The axes of an HxWx3 photo that each member of a self-ensemble is mirrored along."""


@dataclass(frozen=True)
class Progress:
    """tile: tiles done so far, of `tiles`. seconds: since the start. `tiles` grows when memory runs short."""

    tile: int
    tiles: int
    seconds: float


@dataclass(frozen=True)
class Restored:
    """A restored photo and how it came about. precision: "bf16", "fp32". notes: sentences the user should see."""

    photo: Photo
    seconds: float
    tiles: int
    precision: str
    notes: tuple[str, ...] = ()


class Restorer:
    """A network ready to restore photos. It keeps nothing between calls, and threads may share it."""

    def __init__(
        self,
        network: RestorationNet,
        card: Card,
        device: str | torch.device = "auto",
        precision: str = "auto",
    ) -> None:
        """device: "auto", "cuda", "cuda:1", "mps", "cpu". precision: "auto", "bf16", "fp32".

        `network` is moved there as it is, not copied. Raises UniremovalError where there is no such device.
        """
        self.device = pick_device(device)
        self.precision = pick_precision(precision, self.device)
        self.network = network.eval().to(self.device, memory_format=torch.channels_last)
        self.card = card

    def restore(
        self,
        photo: Photo | str | Path,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        tile: int | None = None,
    ) -> Restored:
        """Restore a photo; alpha, EXIF and bit depth are kept.

        on_progress is called at the start and after every tile, should_stop before every tile.
        tile: at most so many pixels a side and piece, overlap not counted; None: as many as memory allows. The
        result is the same. Raises Cancelled, PhotoError, MemoryLimitError, and CheckpointError where the network
        gives no numbers.
        """
        if tile is not None and tile < 1:
            raise ValueError(f"tile must be at least 1, not {tile}")
        if not isinstance(photo, Photo):
            photo = decode(photo)
        try:
            return self._restore(photo, on_progress or (lambda _: None), should_stop or (lambda: False), tile)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise _no_room(photo) from error

    def _restore(
        self,
        photo: Photo,
        on_progress: Callable[[Progress], None],
        should_stop: Callable[[], bool],
        side: int | None,
    ) -> Restored:
        start = time.perf_counter()
        pixels = torch.from_numpy(photo.pixels).permute(2, 0, 1)[None]
        thumbnail = thumbnail_of(pixels).to(self.device)
        overlap = self.network.overlap
        pending = deque(self._tiles(photo.size, overlap, side))
        restored = np.empty_like(photo.pixels)
        done, notes = 0, ()
        on_progress(Progress(done, len(pending), time.perf_counter() - start))
        while pending:
            if should_stop():
                raise Cancelled(f"Stopped after {done} of {done + len(pending)} tiles.")
            shortage = None
            try:
                result = self._restore_tile(pixels, thumbnail, pending[0], overlap)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                shortage = error.with_traceback(None)  # whose frames would keep the memory
            if shortage:
                pending = self._with_smaller_tiles(pending, shortage)
                notes = ("Memory ran short, so the photo was restored in smaller tiles.",)
                continue
            part = pending.popleft()
            restored[part.top : part.bottom, part.left : part.right] = result
            done += 1
            on_progress(Progress(done, done + len(pending), time.perf_counter() - start))
        seconds = time.perf_counter() - start
        return Restored(photo.with_pixels(restored), seconds, done, self.precision, notes)

    def _tiles(self, size: tuple[int, int], overlap: int, side: int | None) -> list[Tile]:
        if side is not None:
            return tiles_of_side(size, side, self.network.multiple)
        budget = free_memory(self.device) // 2
        if self.device.type == "cpu":
            budget = min(budget, max(CPU_TILE_BYTES, CPU_TILE_BYTES_A_PIXEL * size[0] * size[1]))
        return tiles_within(size, budget // self._bytes_a_pixel(), overlap, self.network.multiple)

    def _bytes_a_pixel(self) -> int:
        """Peak working memory of the network: fits what was measured over widths, stems and precisions."""
        config = self.network.config
        return 24 + (5 if self.precision == "bf16" else 14) * config.width // config.stem**2

    def _restore_tile(self, pixels: Tensor, thumbnail: Tensor, tile: Tile, overlap: int) -> np.ndarray:
        """Restored HxWx3 in [0, 1] of one tile of `pixels` (1x3xHxW)."""
        size = tuple(pixels.shape[-2:])
        seen = tile.grown(overlap, size)
        left, right, top, bottom = margins = frame(seen, size, self.network.multiple)
        rows = slice(top + tile.top - seen.top, top + tile.bottom - seen.top)
        columns = slice(left + tile.left - seen.left, left + tile.right - seen.left)
        mode = "reflect" if max(left, right) < seen.width and max(top, bottom) < seen.height else "replicate"
        with torch.inference_mode():
            window = pixels[..., seen.top : seen.bottom, seen.left : seen.right].to(self.device)
            window = F.pad(window, margins, mode=mode)
            output = self._forward(window, thumbnail)[0, :, rows, columns].float()
            finite = bool(torch.isfinite(output).all())
            result = output.clamp_(0, 1).permute(1, 2, 0).cpu().numpy()
        if not finite:
            raise CheckpointError(
                f"The checkpoint '{self.card.name}' gave values that are not numbers for this photo; "
                "use the precision fp32 or another checkpoint."
            )
        return result

    def _forward(self, window: Tensor, thumbnail: Tensor) -> Tensor:
        """With convolutions in bf16; the photo itself stays in fp32, so nothing is rounded that is left as it was."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16", cache_enabled=False):
            return self.network(window, thumbnail=thumbnail)

    def _with_smaller_tiles(self, pending: deque[Tile], shortage: Exception) -> deque[Tile]:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if not halved(pending[0], self.network.multiple):
            raise MemoryLimitError(
                f"Memory does not suffice for a tile of {SMALLEST_TILE} x {SMALLEST_TILE} pixels; "
                "close other programs, or use the device cpu."
            ) from shortage
        return deque(part for tile in pending for part in halved(tile, self.network.multiple) or [tile])


def _no_room(photo: Photo) -> MemoryLimitError:
    height, width = photo.size
    return MemoryLimitError(
        f"A photo of {width} x {height} pixels does not fit into memory; close other programs or scale it down."
    )


def restore_ensemble(
    restorer: Restorer,
    photo: Photo | str | Path,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    tile: int | None = None,
) -> Restored:
    """The mean of what the network makes of a photo and of its three mirror images, mirrored back.

    Four times the work; a mirrored photo gives the mirrored result, but for the last digits. Arguments and errors are
    those of `Restorer.restore`.
    """
    if not isinstance(photo, Photo):
        photo = decode(photo)
    start, tiles, notes = time.perf_counter(), 0, [f"The mean over the photo and {len(MIRRORS) - 1} mirror images."]

    def report(index: int, progress: Progress) -> None:
        if on_progress:
            done, all_tiles = index * progress.tiles + progress.tile, len(MIRRORS) * progress.tiles
            on_progress(Progress(done, all_tiles, time.perf_counter() - start))

    try:
        mean = np.zeros_like(photo.pixels)
        for index, axes in enumerate(MIRRORS):
            restored = restorer.restore(
                photo.with_pixels(np.flip(photo.pixels, axes).copy()),  # PyTorch takes no negative strides
                on_progress=lambda progress, index=index: report(index, progress),
                should_stop=should_stop,
                tile=tile,
            )
            mean += np.flip(restored.photo.pixels, axes) / len(MIRRORS)
            tiles += restored.tiles
            notes += restored.notes
    except MemoryError as error:
        raise _no_room(photo) from error
    seconds = time.perf_counter() - start
    return Restored(photo.with_pixels(mean), seconds, tiles, restored.precision, tuple(dict.fromkeys(notes)))


def load_restorer(
    name_or_path: str | Path = "student-adapted",
    *,
    device: str | torch.device = "auto",
    precision: str = "auto",
    catalog: Catalog | None = None,
) -> Restorer:
    """The restorer of a checkpoint, given by its name in `catalog` (`default_catalog()` if None) or its path.

    Raises UnknownCheckpointError, CheckpointError, and UniremovalError where there is no such device.
    """
    entry = (catalog or default_catalog()).find(name_or_path)
    network, card = checkpoint.load(entry.path)
    return Restorer(network, card, device, precision)

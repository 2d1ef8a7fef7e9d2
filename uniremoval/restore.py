"""The restoration engine: a photo in, the restored photo out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from uniremoval.catalog import Catalog, default_catalog
from uniremoval.checkpoint import Card
from uniremoval.coarse_to_fine import CoarseToFine, Draft, Listeners, Part, Progress, Restored
from uniremoval.device import pick_device, pick_precision
from uniremoval.errors import MemoryLimitError
from uniremoval.memory import is_out_of_memory
from uniremoval.networks import Network
from uniremoval.other_checkpoints import load_any
from uniremoval.photo import Photo, decode
from uniremoval.tiling import Tile


class Restorer:
    """A network ready to restore photos. It keeps nothing between calls, and threads may share it."""

    def __init__(
        self,
        network: Network,
        card: Card,
        device: str | torch.device = "auto",
        precision: str = "auto",
    ) -> None:
        """device: "auto", "cuda", "cuda:1", "mps", "cpu". precision: "auto", "bf16", "fp32".

        `network` is moved there as it is, not copied. Raises UniremovalError where there is no such device.
        """
        self.device = pick_device(device)
        self.precision = pick_precision(precision, self.device) if network.supports_bfloat16 else "fp32"
        self.network: Network = network.eval().to(self.device).to(memory_format=network.memory_format)
        self.card = card

    def restore(
        self,
        photo: Photo | str | Path,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_scale: Callable[[Draft], None] | None = None,
        on_part: Callable[[Part], None] | None = None,
        wanted: Callable[[], Tile | None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        tile: int | None = None,
    ) -> Restored:
        """Restore a photo, from its coarsest scale to its own size; alpha, EXIF and bit depth are kept, and a
        photo without colour stays so.

        on_progress is called at the start and after every tile, on_scale after every scale but the finest, should_stop
        many times per tile. wanted is asked before every tile which part of the photo to restore before the rest, if
        any; on_part is then called with it, once for the same part, and not where tiles differ from the whole.
        tile: the most pixels per side of a piece, overlap not counted; None: as many as memory allows. The result is
        the same. Raises Cancelled, PhotoError, MemoryLimitError, and CheckpointError where the
        network gives no numbers.
        """
        if tile is not None and tile < 1:
            raise ValueError(f"tile must be at least 1, not {tile}")
        if not isinstance(photo, Photo):
            photo = decode(photo)
        listeners = Listeners(on_progress, on_scale, on_part, wanted, should_stop)
        run = CoarseToFine(self.network, self.device, self.precision, self.card.name, photo, listeners, tile)
        try:
            return run.restored()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise no_room(photo) from error


def no_room(photo: Photo) -> MemoryLimitError:
    """The error for a photo that does not fit."""
    height, width = photo.size
    return MemoryLimitError(
        f"A photo of {width} x {height} pixels does not fit into memory; close other programs or scale it down."
    )


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
    network, card = load_any(entry.path)
    return Restorer(network, card, device, precision)

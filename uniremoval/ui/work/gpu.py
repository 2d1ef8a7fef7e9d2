"""A GPU lent for each restoration, as on ZeroGPU Spaces."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from uniremoval.photo import Photo

if TYPE_CHECKING:
    from uniremoval.coarse_to_fine import Restored

Lent = Callable[[Path, str, Photo, bool], "Restored"]


@cache
def lent() -> Lent | None:
    """`restore_file` inside `spaces.GPU`; None where there is no package `spaces`, or it has no GPU to lend.

    To be called before torch is imported and the page is served: `spaces` wants to know what needs a GPU by then.
    """
    if importlib.util.find_spec("spaces") is None:
        return None
    import spaces

    decorated = spaces.GPU(restore_file)
    return None if decorated is restore_file else decorated


def restore_file(checkpoint: Path, device: str, photo: Photo, ensemble: bool) -> Restored:
    """Load and restore in one call, as it may run in a process that ends with it: nothing but the result comes back."""
    from uniremoval.ensemble import restore_ensemble
    from uniremoval.restore import load_restorer

    restorer = load_restorer(checkpoint, device=device)
    return restore_ensemble(restorer, photo) if ensemble else restorer.restore(photo)

"""The scores of one picture, as a pane shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from uniremoval.ui.work.engine import Engine

if TYPE_CHECKING:
    import numpy as np

    from uniremoval.quality import Score


def all_scores(
    engine: Engine, pixels: np.ndarray, reference: np.ndarray | None = None, extras: Iterable[str] = ()
) -> dict[str, Score]:
    """BRISQUE, PIQE and the haze cue of HxWx3 pixels in [0, 1]; with a reference of the same size, PSNR and SSIM; and
    those of EXTRAS that are named."""
    found = engine.score(pixels) | engine.cue(pixels) | engine.extras(extras, pixels, reference)
    return found if reference is None else found | engine.compare(pixels, reference)

"""Near-copies between folders: the same photo at another size, quality, brightness, or mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from train.data.folders import MOST_MEGAPIXELS
from uniremoval.errors import PhotoError
from uniremoval.photo.opening import decoding, opened

SIDE = 32
ALIKE = 0.85


def fingerprint(path: Path) -> np.ndarray:
    """32x32 grey thumbnail without its coarse shading, as a vector of length 1 (zeros for a flat photo).

    Shading is left out since all foggy photos share it: bright above, dark below. Raises PhotoError.
    """
    try:
        with opened(path, path.name, MOST_MEGAPIXELS) as image, decoding(path.name):
            image.draft("L", (8 * SIDE, 8 * SIDE))
            small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    except PhotoError as error:
        raise PhotoError(f"{path}: cannot be compared with others. {error}") from error
    shading = small.filter(ImageFilter.GaussianBlur(3))
    values = np.asarray(small, np.float32).ravel() - np.asarray(shading, np.float32).ravel()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def near_duplicates(training: Sequence[Path], test: Sequence[Path]) -> list[tuple[Path, Path]]:
    """(training photo, test photo) pairs that show the same picture: thumbnails correlate above 0.85, also mirrored."""
    if not training or not test:
        return []
    ours = np.stack([fingerprint(path) for path in training])
    theirs = np.stack([fingerprint(path) for path in test])
    mirrored = theirs.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(len(theirs), -1)
    alike = np.maximum(ours @ theirs.T, ours @ mirrored.T)
    return [(training[i], test[j]) for i, j in zip(*np.nonzero(alike > ALIKE), strict=True)]

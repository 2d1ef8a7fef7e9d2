"""A comparison on a visitor's page, made without a network."""

from __future__ import annotations

import numpy as np

from uniremoval.photo import Photo, save
from uniremoval.ui.visit.events import Finished
from uniremoval.ui.visit.record import Opened, Output, Record
from uniremoval.ui.visit.visits import Visit


def compared(visit: Visit, pixels: np.ndarray, reference: np.ndarray | None = None) -> Record:
    """With one output, "student", a brighter photo; all are stored in 8 bits."""
    files = {
        key: save(Photo(image), visit.new_folder("photo") / f"{key}.png")
        for key, image in (("input", pixels), ("output", pixels**0.5), ("reference", reference))
        if image is not None
    }
    opened, clean = (
        Opened(path, path.name, path, pixels.shape[:2]) if path else None
        for path in (files["input"], files.get("reference"))
    )
    done = Finished("student", files["output"], 0.5, 1, "fp32", ())
    visit.opened = opened
    visit.record = Record(opened, {"student": Output("student", "Student", "done", "", done)}, clean)
    return visit.record


def noise(height: int = 90, width: int = 140, seed: int = 0) -> np.ndarray:
    """Uniform noise, float32 HxWx3 in [0, 1]."""
    return np.random.default_rng(seed).random((height, width, 3), np.float32)

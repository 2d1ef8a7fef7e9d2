"""Photos for the smoke preset: those that scikit-image ships, and degraded copies in the place of real ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from train.degradations import DEGRADATIONS, degrade
from uniremoval.errors import PhotoError

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png")


def sample_photos() -> list[Path]:
    """Clear photos that come with scikit-image. Raises PhotoError when it is not installed."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise PhotoError("--clean is missing: name a folder of clear photos, or install scikit-image to use its own.")
    return [Path(spec.origin).parent / "data" / name for name in NAMES]


def write_degraded_samples(folder: Path) -> Path:
    """Degraded copies of the sample photos in folder/haze, folder/rain and folder/blur; returns the folder."""
    for number, kind in enumerate(DEGRADATIONS):
        target = folder / kind
        target.mkdir(parents=True, exist_ok=True)
        for path in sample_photos():
            with Image.open(path) as image:
                photo = np.array(image.convert("RGB").resize((160, 128)))
            tensor = torch.from_numpy(photo).permute(2, 0, 1)[None].float() / 255
            degraded = degrade(tensor, None, kind, [np.random.default_rng(number)])[0].permute(1, 2, 0)
            Image.fromarray((degraded * 255).round().byte().numpy()).save(target / f"{path.stem}.png")
    return folder

"""Look at the degradations: one row a kind, one column a draw.

    python -m train.preview --contact-sheet sheet.jpg --clean PHOTOS

Compare the sheet with real photos: where a person can tell them apart, so can a network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from train.data.batch import as_float
from train.data.folders import PhotoFolder, photo_folder
from train.data.paired import to_tensor
from train.data.samples import sample_photos
from train.degradations import DEGRADATIONS, degrade
from train.engine.start import command


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contact-sheet", type=Path, required=True, metavar="FILE", help="where the picture goes")
    parser.add_argument("--clean", type=Path, metavar="DIR", help="folder of clear photos (default: scikit-image's)")
    parser.add_argument("--draws", type=int, default=6, help="columns (6)")
    parser.add_argument("--rows", type=int, default=3, help="photos per degradation (3)")
    parser.add_argument("--side", type=int, default=256, help="pixels per side of each view (256)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    photos = photo_folder(options.clean) if options.clean else PhotoFolder(sample_photos())
    rng = np.random.default_rng(options.seed)
    rows = []
    for kind in DEGRADATIONS:
        for _ in range(options.rows):
            photo, far = photos.view(int(rng.integers(len(photos))), options.side, rng)
            clean = as_float(to_tensor(photo))[None].expand(options.draws, -1, -1, -1)
            depth = None if far is None else as_float(to_tensor(far[..., None]))[None].expand(options.draws, -1, -1, -1)
            degraded = degrade(clean, depth, kind, rng.spawn(options.draws))
            rows.append(torch.cat([clean[0], *degraded], dim=2))
    sheet = (torch.cat(rows, dim=1).clamp(0, 1) * 255).round().byte()
    Image.fromarray(sheet.permute(1, 2, 0).numpy()).save(options.contact_sheet)


if __name__ == "__main__":
    command(main)

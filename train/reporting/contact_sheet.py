"""Contact sheets: the same photos through several checkpoints, side by side, to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from uniremoval.photo import decode
from uniremoval.restore import Restorer

CELL = 420
CAPTION = 16


def contact_sheet(
    paths: Sequence[Path], restorers: Mapping[str, Restorer | None], out: Path, clean: Sequence[Path] = ()
) -> None:
    """Write a JPEG with a row per photo and a column per restorer (None: the photo itself), each at most 420 wide.

    clean: the ground truth of every photo, for one more column.
    """
    rows = []
    for number, path in enumerate(paths):
        photo = decode(path)
        versions = [photo if restorer is None else restorer.restore(photo).photo for restorer in restorers.values()]
        versions += [decode(clean[number])] if clean else []
        rows.append([Image.fromarray(np.rint(version.pixels * 255).astype(np.uint8)) for version in versions])
        for image in rows[-1]:
            image.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    heights = [row[0].height for row in rows]
    titles = [*restorers, *(["ground truth"] if clean else [])]
    sheet = Image.new("RGB", (CELL * len(titles), CAPTION + sum(heights)), "white")
    draw = ImageDraw.Draw(sheet)
    for column, name in enumerate(titles):
        draw.text((column * CELL + 4, 2), name, fill="black")
    top = CAPTION
    for row, height in zip(rows, heights, strict=True):
        for column, image in enumerate(row):
            sheet.paste(image, (column * CELL, top))
        top += height
    sheet.save(out, quality=92)

"""The log of a run: JSON lines for programs, TensorBoard for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from uniremoval.whole_files import whole_file

FILE = "log.jsonl"


class Log:
    """Appends to `folder/log.jsonl` and to TensorBoard files in `folder/tensorboard`.

    step: where the run begins or resumes. Lines of later steps, done again after an interruption, are dropped.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self.path = folder / FILE
        if self.path.is_file():
            lines = self.path.read_text().splitlines(keepends=True)
            kept = (line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step)
            with whole_file(self.path, alone=True) as shorter:
                shorter.write_text("".join(kept))
        self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=step)

    def write(self, step: int, figures: Mapping[str, float], picture: Tensor | None = None) -> None:
        """One line of figures, five digits each; picture: 3xHxW in [0, 1] for TensorBoard."""
        line = {"step": step} | {key: float(f"{value:.5g}") for key, value in figures.items()}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        for key, value in figures.items():
            self.board.add_scalar(key, value, step)
        if picture is not None:
            self.board.add_image("degraded, restored, clean", picture, step)

    def close(self) -> None:
        self.board.close()

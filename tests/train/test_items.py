"""Batches that a thread prepares ahead of the steps, as where the device is a GPU."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from train.engine.items import prepared_ahead
from uniremoval.errors import PhotoError

GPU = torch.device("cuda")


class Doubled:
    """A dataset whose batches are prepared by doubling them."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"x": torch.tensor(index)}

    def prepare(self, batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
        return {"x": 2 * batch["x"]}


def test_all_batches_come_prepared_and_in_order() -> None:
    batches = [{"x": torch.tensor(n)} for n in range(5)]
    assert [int(batch["x"]) for batch in prepared_ahead(Doubled(), batches, GPU)] == [0, 2, 4, 6, 8]


def test_an_item_that_could_not_be_loaded_ends_the_run_with_its_own_error() -> None:
    batches = prepared_ahead(Doubled(), [{"x": torch.tensor(1)}, PhotoError("x.jpg: is no photo.")], GPU)
    assert int(next(batches)["x"]) == 2
    with pytest.raises(PhotoError, match=r"x\.jpg"):
        next(batches)


def test_a_run_that_ends_early_leaves_no_thread_behind() -> None:
    endless = ({"x": torch.tensor(1)} for _ in iter(int, 1))
    batches = prepared_ahead(Doubled(), endless, GPU)
    next(batches)
    batches.close()
    assert next(endless, None) is not None, "the source is free again"

"""Items of a dataset, loaded by other processes: an error that the user can mend comes through as it is."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from train.data.views import Views
from uniremoval.errors import UniremovalError


class _Careful(Dataset):
    """Gives an error in place of the item that raised it: raised in a worker, it would arrive as a traceback's text."""

    def __init__(self, data: Views) -> None:
        self.data = data

    def __getitem__(self, index: int) -> Any:
        try:
            return self.data[index]
        except UniremovalError as error:
            return error


def loader(data: Views, batches: Iterable[list[int]], workers: int, device: torch.device) -> DataLoader:
    """Batches of the items with these indices; one that could not be loaded is its error, see `checked`.

    Where training runs on a CPU, they are prepared already, by the workers if there are any.
    """
    return DataLoader(
        _Careful(data),
        batch_sampler=batches,
        num_workers=workers,
        pin_memory=device.type == "cuda",
        collate_fn=partial(_prepared, data) if device.type == "cpu" else _collate,
        persistent_workers=workers > 0,
        prefetch_factor=4 if workers else None,
    )


def prepared_ahead(data: Views, batches: Iterable[Any], device: torch.device) -> Generator[dict[str, Tensor]]:
    """Batches of a loader, ready to learn from. A thread prepares one batch while the one before is learnt from:
    drawing the parameters of every view keeps a CPU as busy as the steps keep a GPU. Raises an error that stands for a
    batch."""
    source = iter(batches)
    if device.type == "cpu":  # the loader has prepared them
        yield from map(checked, source)
        return

    def following() -> dict[str, Tensor] | None:
        batch = next(source, None)
        return None if batch is None else data.prepare(checked(batch), device)

    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(following)
        while (batch := coming.result()) is not None:
            coming = thread.submit(following)
            yield batch


def checked(batch: Any) -> Any:
    """The batch; raises the error that stands for it."""
    if isinstance(batch, UniremovalError):
        raise batch
    return batch


def _collate(items: list[Any]) -> Any:
    return next((item for item in items if isinstance(item, UniremovalError)), None) or default_collate(items)


def _prepared(data: Views, items: list[Any]) -> Any:
    batch = _collate(items)
    return batch if isinstance(batch, UniremovalError) else data.prepare(batch, torch.device("cpu"))

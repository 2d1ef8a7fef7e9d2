"""The highest value around each pixel, against PyTorch's own pooling."""

from __future__ import annotations

import pytest
import torch

from uniremoval.quality.highest import highest


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 15])
@pytest.mark.parametrize("shape", [(15, 15), (23, 40)])
def test_as_pooling_finds_it(size: int, shape: tuple[int, int]) -> None:
    x = torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(size))
    assert torch.equal(highest(x, size), torch.nn.functional.max_pool2d(x, size, stride=1))

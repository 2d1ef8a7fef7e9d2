"""Seconds and multiply-adds of networks alone, and how near they come to what convolutions can do here."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

REPEATS = 9


def median_seconds(network: nn.Module, x: Tensor, precision: str, threads: int, repeats: int = REPEATS) -> float:
    """Median over `repeats` forward passes of x (NxCxHxW) on the CPU, after one to warm up. precision: fp32, bf16."""
    x = x.to(memory_format=torch.channels_last)
    network = network.eval().to(memory_format=torch.channels_last)
    times = []
    with _threads(threads), torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        network(x)
        for _ in range(repeats):
            start = time.perf_counter()
            network(x)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def multiply_adds(network: nn.Module, x: Tensor) -> int:
    """Multiply-adds of one forward pass of x, convolutions and matrix products counted."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(x)
    return counter.get_total_flops() // 2


def convolution_rate(precision: str, threads: int, side: int, channels: tuple[int, ...]) -> float:
    """Multiply-adds per second that a plain 3x3 convolution reaches here: the roofline.

    The best over the shapes of a U-Net with so many channels per level, finest first, whose finest level has
    side x side pixels.
    """
    rates = []
    for level, width in enumerate(channels):
        convolution = nn.Conv2d(width, width, 3, padding=1, bias=False)
        x = torch.rand(1, width, side >> level, side >> level)
        rates.append(multiply_adds(convolution, x) / median_seconds(convolution, x, precision, threads))
    return max(rates)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

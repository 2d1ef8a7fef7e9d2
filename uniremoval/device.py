"""Where the network runs, and in which precision."""

from __future__ import annotations

import os
from typing import Any

import torch

from uniremoval.errors import UniremovalError

PRECISIONS = ("auto", "bf16", "fp32")


def pick_device(name: str | torch.device = "auto") -> torch.device:
    """The device called `name`; "auto" is the first available of cuda, mps, cpu; where torchrun has started several
    processes, the GPU of this one's number. UniremovalError: not there."""
    available = [*_cuda_devices(), *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]
    if name == "auto":
        own = f"cuda:{os.environ.get('LOCAL_RANK', '')}"
        return torch.device(own if own in available else available[0])
    if str(name) not in available:
        raise UniremovalError(
            f"The device {str(name)!r} is not available here; choose auto or one of: {', '.join(available)}."
        )
    return torch.device(name)


def pick_precision(name: str, device: torch.device) -> str:
    """The precision `name` on `device`: "bf16" or "fp32"; "auto" is bf16 where that is faster.

    UniremovalError: no such precision.
    """
    if name not in PRECISIONS:
        raise UniremovalError(f"The precision {name!r} does not exist; choose one of: {', '.join(PRECISIONS)}.")
    if name != "auto":
        return name
    return "bf16" if _has_fast_bf16(device) else "fp32"


def _cuda_devices() -> list[str]:
    if not torch.cuda.is_available():
        return []
    return ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]


def _has_fast_bf16(device: torch.device) -> bool:
    """Where bf16 was seen to be faster than fp32: x86 with AMX, AMD with AVX512-BF16, NVIDIA since Ampere.

    Intel's AVX512-BF16 has one instruction a cycle where fp32 has two: convolutions take it twice as long.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        # Older PyTorch cannot be asked.
        has: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        return bool(has.get("amx_bf16") or (has.get("avx512_bf16") and "Intel" not in has.get("cpu_name", "")))
    return False

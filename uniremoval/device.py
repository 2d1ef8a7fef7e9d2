"""Where the network runs, and in which precision."""

from __future__ import annotations

import torch

from uniremoval.errors import UniremovalError

PRECISIONS = ("auto", "bf16", "fp32")


def pick_device(name: str | torch.device = "auto") -> torch.device:
    """The device called `name`; "auto" is the first available of cuda, mps, cpu. UniremovalError: not there."""
    available = [*_cuda_devices(), *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]
    if name == "auto":
        return torch.device(available[0])
    if str(name) not in available:
        raise UniremovalError(
            f"The device {str(name)!r} is not available here; choose auto or one of: {', '.join(available)}."
        )
    return torch.device(name)


def pick_precision(name: str, device: torch.device) -> str:
    """What `name` means on `device`: "bf16" or "fp32"; "auto" is bf16 where the device computes it natively.

    UniremovalError: no such precision.
    """
    if name not in PRECISIONS:
        raise UniremovalError(f"The precision {name!r} does not exist; choose one of: {', '.join(PRECISIONS)}.")
    if name != "auto":
        return name
    return "bf16" if _has_native_bf16(device) else "fp32"


def _cuda_devices() -> list[str]:
    if not torch.cuda.is_available():
        return []
    return ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]


def _has_native_bf16(device: torch.device) -> bool:
    """x86 with AVX512-BF16 or AMX, NVIDIA since Ampere. Elsewhere bf16 is emulated, or was never timed."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        # Older PyTorch cannot be asked.
        capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return False

"""How much memory is free or was taken, and whether an error means that there was too little."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

GIB = 2**30


def free_memory(device: torch.device) -> int:
    """Bytes that can still be allocated on `device` without swapping or being killed for it."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    limits = [
        *_linux_available(Path("/proc/meminfo")),
        *_cgroup_available(Path("/sys/fs/cgroup"), _membership()),
    ]
    return min(limits) if limits else _quarter_of_all()


def peak_memory(device: torch.device) -> int:
    """Most bytes that this process has had allocated on a CUDA device so far, or, for any other, resident."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would count what the process was before exec, too
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def is_out_of_memory(error: BaseException) -> bool:
    """PyTorch reports a failed allocation in several ways, most told from other errors only by their text.

    oneDNN, which runs convolutions on CPUs, says no more than that it got no primitive.
    """
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    phrases = (
        "can't allocate memory",
        "not enough memory",
        "out of memory",
        "bad_alloc",
        "could not create a primitive",
        "could not execute a primitive",
    )
    return isinstance(error, RuntimeError) and any(phrase in str(error) for phrase in phrases)


def _linux_available(meminfo: Path) -> list[int]:
    if not meminfo.is_file():
        return []
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    return [int(fields["MemAvailable"].split()[0]) * 1024]


def _membership() -> list[str]:
    """The process's control groups, as paths: the one of version 2, and version 1's memory group."""
    file = Path("/proc/self/cgroup")
    if not file.is_file():
        return []
    lines = [line.split(":", 2) for line in file.read_text().splitlines()]
    return [path for _, controllers, path in lines if controllers in ("", "memory")]


def _cgroup_available(root: Path, membership: list[str]) -> list[int]:
    """Bytes left under each limit of the process's control groups and their parents; page cache counts as free."""
    available = []
    for base, limit, usage, cache in (
        (root, "memory.max", "memory.current", "inactive_file"),
        (root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        groups = {base} | {group for path in membership for group in _up_to(base, base.joinpath(*Path(path).parts[1:]))}
        for group in groups:
            if not all((group / name).is_file() for name in (limit, usage, "memory.stat")):
                continue
            allowed = (group / limit).read_text().strip()
            if allowed != "max":
                stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
                used = int((group / usage).read_text()) - int(stat.get(cache, 0))
                available.append(max(int(allowed) - used, 0))
    return available


def _up_to(root: Path, folder: Path) -> list[Path]:
    return [parent for parent in (folder, *folder.parents) if parent.is_relative_to(root)]


def _quarter_of_all() -> int:
    """Where the system tells only how much memory there is (macOS), or not even that (Windows)."""
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4
    return GIB

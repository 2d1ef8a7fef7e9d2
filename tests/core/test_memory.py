"""Free memory as the system and the control groups tell it, and errors that mean too little."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from uniremoval import memory


def failing_allocations() -> list[Exception]:
    errors: list[Exception] = []
    for allocate in (lambda: np.empty(1 << 60, np.uint8), lambda: torch.empty(1 << 60, dtype=torch.uint8)):
        with pytest.raises((MemoryError, RuntimeError)) as caught:
            allocate()
        errors.append(caught.value)
    return errors


def test_real_failed_allocations_are_known() -> None:
    for error in (*failing_allocations(), torch.OutOfMemoryError("CUDA out of memory.")):
        assert memory.is_out_of_memory(error), error


@pytest.mark.parametrize("call", [lambda: torch.zeros(2) @ torch.zeros(3), lambda: torch.zeros(2)[5]])
def test_other_errors_are_not_taken_for_it(call: object) -> None:
    with pytest.raises((RuntimeError, IndexError)) as caught:
        call()
    assert not memory.is_out_of_memory(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_free_memory_is_below_all_memory() -> None:
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert 0 < memory.free_memory(torch.device("cpu")) < total


def group(folder: Path, limit: str, usage: int, cache: int, version: int = 2) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{usage}\n")
    key = "inactive_file" if version == 2 else "total_inactive_file"
    (folder / "memory.stat").write_text(f"anon 5\n{key} {cache}\n")


@pytest.mark.parametrize("version", [1, 2])
def test_the_tightest_limit_of_a_group_and_its_parents_counts(tmp_path: Path, version: int) -> None:
    root = tmp_path if version == 2 else tmp_path / "memory"
    group(root / "a", "1000", 700, 100, version)
    group(root / "a" / "b", "5000", 100, 0, version)
    group(root / "other", "1", 1, 0, version)
    assert min(memory._cgroup_available(tmp_path, ["/a/b"])) == 400


def test_no_limit_and_an_exceeded_limit(tmp_path: Path) -> None:
    group(tmp_path / "free", "max", 700, 0)
    group(tmp_path / "full", "500", 700, 0)
    assert memory._cgroup_available(tmp_path, ["/free"]) == []
    assert memory._cgroup_available(tmp_path, ["/full"]) == [0]


def test_a_container_sees_its_group_as_the_root(tmp_path: Path) -> None:
    group(tmp_path, "1000", 100, 0)
    assert memory._cgroup_available(tmp_path, ["/docker/not-visible-here"]) == [900]

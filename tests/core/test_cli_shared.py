"""`restore` by several processes: together they do what one does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support import files
from uniremoval.batch import shared
from uniremoval.paths import ROOT
from uniremoval.sources import Source

NAMES = ("a.png", "b.png", "A-2.png", "a.jpg", "c.png", "other/a.png", "other/a-restored.png", "other/d.png")


def folder_of_photos(folder: Path) -> list[Path]:
    """Photos of which several would get the same name in one folder."""
    (folder / "photos" / "other").mkdir(parents=True)
    for seed, name in enumerate(NAMES):
        path = folder / "photos" / name
        if path.suffix == ".png":
            files.png(path.parent, files.noise(20, 30 + seed, 3, 8, seed), name=path.name)
        else:
            files.jpeg(path.parent, path.name)
    return [folder / "photos", folder / "photos" / "other"]


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files.listed(folder)}


@pytest.mark.parametrize("processes", [2, 3, 20])
def test_the_results_are_those_of_one_process(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    inputs = folder_of_photos(tmp_path)
    assert run("restore", *inputs, "-o", tmp_path / "one", "--checkpoint", "student")[0] == 0
    assert len(contents(tmp_path / "one")) == len(NAMES)
    monkeypatch.setenv("WORLD_SIZE", str(processes))
    counts = []
    for rank in reversed(range(processes)):
        monkeypatch.setenv("RANK", str(rank))
        code, out, err = run("restore", *inputs, "-o", tmp_path / "all", "--checkpoint", "student")
        assert code == 0 and f"RANK {rank} of WORLD_SIZE {processes}: restores {len(out.split())} of 8 photos." in err
        counts.append(len(out.split()))
    assert sum(counts) == len(NAMES)
    assert contents(tmp_path / "all") == contents(tmp_path / "one")


def test_shares_are_even_where_names_allow() -> None:
    sources = [Source(Path(f"photo{number}x.png")) for number in range(10)]
    assert [len(part) for part in shared(sources, 3)] == [4, 3, 3]
    assert shared(sources, 1) == [sources]


def test_bad_input_is_told_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    inputs = (files.jpeg(tmp_path), tmp_path / "empty", "-o", tmp_path / "out", "--checkpoint", "student")
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, code, said in (("0", 1, True), ("1", 0, False)):
        monkeypatch.setenv("RANK", rank)
        result, _, err = run("restore", *inputs)
        assert (result, "holds no photos" in err) == (code, said)


@pytest.mark.parametrize("rank, world", [("2", "2"), ("-1", "2"), ("one", "2"), ("0", "0"), ("0", "")])
def test_a_place_that_makes_no_sense_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rank: str, world: str
) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", world)
    code, out, err = run("restore", files.jpeg(tmp_path), "-o", tmp_path / "out", "--checkpoint", "student")
    assert (code, out) == (1, "") and err.startswith(f"uniremoval: RANK {rank!r} and WORLD_SIZE {world!r}")


@pytest.mark.slow
def test_under_torchrun(checkpoints: Path, tmp_path: Path) -> None:
    inputs = folder_of_photos(tmp_path)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    command = ["uniremoval", "restore", *map(str, inputs), "--checkpoints", str(checkpoints), "--checkpoint", "student"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for starter, out in ([sys.executable, "-m"], "one"), (torchrun, "all"):
        subprocess.run(
            [*starter, *command, "-o", str(tmp_path / out)], cwd=ROOT, env=environment, check=True, timeout=300
        )
    assert contents(tmp_path / "all") == contents(tmp_path / "one")

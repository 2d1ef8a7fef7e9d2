"""Damaged files: a few hundred at every run, as many as UNIREMOVAL_FUZZ_INPUTS says in the slow test, and that what
the fuzzer looks for would be found."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.fuzz import fuzz
from tests.fuzz_targets import TARGETS, Checkpoint, Decoder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_accepted_and_damage_is_repeatable(name: str) -> None:
    target, again = TARGETS[name](), TARGETS[name]()
    assert [target.attempt(seed) for seed in target.seeds] == ["accepted"] * len(target.seeds)
    made = [target.make(3, index) for index in range(50)]
    assert made == [again.make(3, index) for index in range(50)]
    assert len(set(made)) > 40 and not set(made) <= set(target.seeds)


@pytest.mark.parametrize(("kind", "inputs"), [(Decoder, 1000), (Checkpoint, 150)])
def test_damaged_files_are_accepted_or_refused(kind: type, inputs: int, tmp_path: Path) -> None:
    report = fuzz(kind, inputs, 0, tmp_path)
    assert not report.findings, str(report)
    assert min(report.outcomes["accepted"], report.outcomes["refused"]) > inputs / 20


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "share"), [(Decoder, 1.0), (Checkpoint, 0.1)])
def test_many_damaged_files(kind: type, share: float, tmp_path: Path) -> None:
    report = fuzz(kind, int(share * int(os.environ.get("UNIREMOVAL_FUZZ_INPUTS", "5000"))), 1, tmp_path)
    assert not report.findings, str(report)


class Bad:
    """A program that fails at some inputs in every way there is."""

    seeds = (b"good",)

    def make(self, seed: int, index: int) -> bytes:
        return {2: b"raise", 4: b"crash", 5: b"hang", 7: b"eat", 9: b"exit"}.get(index, b"good")

    def attempt(self, data: bytes) -> str:
        match data:
            case b"raise":
                raise IndexError("not typed")
            case b"crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case b"hang":
                time.sleep(60)
            case b"eat":
                bytearray(64 * 2**20)
            case b"exit":
                os._exit(3)
        return "accepted"


def test_failures_of_every_kind_are_found_and_kept(tmp_path: Path) -> None:
    report = fuzz(Bad, 12, 0, tmp_path, seconds=2, memory=32 * 2**20)
    assert report.outcomes == {"accepted": 7, "finding": 2, "crashed": 2, "stuck": 1}
    last = {index: what.strip().splitlines()[-1] for index, what in report.findings.items()}
    assert last == {
        2: "IndexError: not typed",
        4: "the process ended with SIGSEGV",
        5: "stuck for more than 2 s",
        7: "MemoryError",
        9: "the process ended with 3",
    }
    assert {path.read_bytes() for path in tmp_path.glob("*.bin")} == {b"raise", b"crash", b"hang", b"eat", b"exit"}
    assert "12 inputs" in str(report) and "input 4: the process ended with SIGSEGV" in str(report)

"""Training in fp16: gradients that overflow at first are left out. PyTorch's scaler for a GPU, here on the CPU."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from accelerate import Accelerator

from train import teacher
from train.engine import loop, state

OPTIONS = ["--preset", "smoke", "--cpu", "--precision", "fp16", "--degradation", "rain", "--steps", "4"]
FIRST = 2.0**16


@pytest.fixture
def scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Accelerator with the scaler it would make on a GPU, in fp32, where nothing overflows by itself."""

    class Scaled(Accelerator):
        def __init__(self, cpu: bool, mixed_precision: str) -> None:
            super().__init__(cpu=cpu, mixed_precision="no")
            self.scaler, self.native_amp = torch.amp.GradScaler("cpu", init_scale=FIRST), True

    monkeypatch.setattr(loop, "Accelerator", Scaled)


def overflowing(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Make the gradients of the first steps infinite."""
    calls, original = [], Accelerator.backward

    def backward(self: Accelerator, loss: torch.Tensor) -> None:
        calls.append(loss)
        original(self, loss * torch.inf if len(calls) <= steps else loss)

    monkeypatch.setattr(Accelerator, "backward", backward)


def test_steps_that_overflow_are_left_out(tmp_path: Path, scaled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    overflowing(monkeypatch, 2)
    teacher.main([*OPTIONS, "--out", str(tmp_path)])
    saved = state.read(tmp_path)
    assert saved["step"] == 4 and saved["scaler"]["scale"] == FIRST / 4
    assert all(torch.isfinite(weight).all() for weight in saved["networks"]["teacher"].values())
    teacher.main([*OPTIONS[:-1], "6", "--out", str(tmp_path), "--resume"])
    assert state.read(tmp_path)["scaler"]["scale"] == FIRST / 4


def test_a_gradient_that_never_fits_ends_the_run(tmp_path: Path, scaled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    overflowing(monkeypatch, 1000)
    with pytest.raises(loop.TrainingDiverged, match="gradient of the teacher"):
        teacher.main([*OPTIONS[:-1], "40", "--out", str(tmp_path)])

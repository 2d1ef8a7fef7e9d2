"""The command line: scores, checkpoints, measurements and help."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import files
from tests.conftest import FIVE, Run
from uniremoval import checkpoint
from uniremoval.bench import _checkpoint
from uniremoval.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]


def test_score_as_json(run: Run, tmp_path: Path) -> None:
    good = files.png(tmp_path, files.noise(96, 96, 3, bits=8), name="good.png")
    other = files.png(tmp_path, files.noise(96, 96, 3, bits=8, seed=1), name="other.png")
    small, bad = files.jpeg(tmp_path, "small.jpg", 8, 8), files.text(tmp_path)
    code, out, err = run("score", good, other, small, bad, "--reference", good, "--json")
    rows = json.loads(out)
    assert code == 1 and "'text.jpg'" in err and len(err.splitlines()) == 1
    assert [row["file"] for row in rows] == [str(path) for path in (good, other, small, bad)]
    first, second, third, fourth = rows
    assert isinstance(first["brisque"], float) and isinstance(first["piqe"], float)
    assert first["psnr"] is None and "identical" in first["reason"] and first["ssim"] == pytest.approx(1)
    assert 5 < second["psnr"] < 12 and second["ssim"] < 0.2 and "reason" not in second
    assert third["brisque"] is None and third["piqe"] is None and "smaller" in third["reason"]
    assert third["psnr"] is None and "size" in third["reason"]
    assert [fourth[name] for name in ("brisque", "piqe", "psnr", "ssim")] == [None] * 4
    assert "text.jpg" in fourth["reason"]


def test_score_as_table(run: Run, tmp_path: Path) -> None:
    source = files.png(tmp_path, files.noise(96, 96, 3, bits=8))
    code, out, _ = run("score", source)
    assert code == 0 and str(source) in out and "BRISQUE" in out and "PSNR" not in out
    values = out.splitlines()[1].split()[:2]
    assert all(np.isfinite(float(value)) for value in values)


def test_a_bad_reference_stops_scoring(run: Run, tmp_path: Path) -> None:
    code, out, err = run("score", files.jpeg(tmp_path), "--reference", files.text(tmp_path))
    assert (code, out) == (1, "") and "'text.jpg'" in err


def test_checkpoints_as_json(run: Run) -> None:
    code, out, _ = run("checkpoints", "--json")
    cards = {card["name"]: card for card in json.loads(out)}
    assert code == 0 and set(FIVE) <= set(cards)
    for name, (stage, degradations) in FIVE.items():
        card = cards[name]
        assert (card["stage"], card["degradations"]) == (stage, list(degradations))
        assert card["network"] == "restorer" and card["config"]["width"] == 8 and card["source"] == "local"


def test_checkpoints_as_table_and_a_bad_one(run: Run, checkpoints: Path, tmp_path: Path) -> None:
    code, out, err = run("checkpoints")
    assert code == 0 and err == ""
    assert set(FIVE) <= {line.split()[0] for line in out.splitlines()}
    folder = tmp_path / "mixed"
    shutil.copytree(checkpoints, folder)
    (folder / "bad.safetensors").write_text("no weights")
    code, out, err = run("checkpoints", "--checkpoints", folder)
    assert code == 1 and len(out.splitlines()) >= 5 and "bad.safetensors" in err and len(err.splitlines()) == 1


def test_help_names_the_commands_without_loading_torch() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "uniremoval", "--help"]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert finished.returncode == 0
    assert all(name in finished.stdout for name in ("restore", "score", "checkpoints", "bench"))
    assert " torch" not in finished.stderr


def test_bench_prints_both_measurements(run: Run) -> None:
    code, out, _ = run("bench", "--checkpoint", "student", "--megapixels", "0.2")
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    rows = [line for line in lines if line and line[0] in ("fp32", "bf16")]
    assert len(rows) >= 4 and {len(row) for row in rows} == {4, 6}
    assert all(float(value) > 0 for row in rows for value in row[1:])
    assert run("bench", "--checkpoint", "nobody")[0] == 1


def test_bench_names_random_weights(tmp_path: Path) -> None:
    path, label = _checkpoint(Catalog([]), None, tmp_path)
    assert "random" in label and checkpoint.load(path)[1].name == "random"

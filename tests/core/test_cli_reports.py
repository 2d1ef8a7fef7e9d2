"""The command line: scores, checkpoints, measurements and help."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import FIVE, Run
from tests.support import files
from uniremoval import checkpoint
from uniremoval.bench.nafnet import NAFNet
from uniremoval.bench.networks import convolution_rate, median_seconds, multiply_adds
from uniremoval.bench.report import _checkpoint, report
from uniremoval.catalog import Catalog, default_catalog
from uniremoval.paths import ROOT


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


def test_more_scores_where_they_are_asked_for(run: Run, tmp_path: Path) -> None:
    good, other = (files.png(tmp_path, files.noise(200, 200, 3, 8, seed), name=f"{seed}.png") for seed in (1, 2))
    code, out, _ = run("score", good, "--more", "niqe", "--json")
    assert code == 0 and json.loads(out)[0]["niqe"] > 0
    code, out, _ = run("score", other, "--reference", good, "--more", "fsim", "--more", "ms_ssim")
    assert code == 0 and out.splitlines()[0].split() == ["BRISQUE", "PIQE", "PSNR", "SSIM", "MS-SSIM", "FSIM", "file"]
    code, out, err = run("score", good, "--more", "fsim")
    assert code == 1 and out == "" and "--reference" in err


def test_hidden_colours_do_not_count(run: Run, tmp_path: Path) -> None:
    """Two photos that look alike on white: what lies under their transparent half differs."""
    alike = []
    for seed in (1, 2):
        samples = files.noise(64, 96, 4, 8)
        samples[:, 48:] = files.noise(64, 48, 4, 8, seed)
        samples[..., 3] = 255
        samples[:, 48:, 3] = 0
        alike.append(files.png(tmp_path, samples, name=f"{seed}.png"))
    code, out, _ = run("score", *alike, "--json")
    first, second = ({key: entry[key] for key in ("brisque", "piqe")} for entry in json.loads(out))
    assert code == 0 and first == second and None not in first.values()


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
        assert card["network"] == "coarse-to-fine" and card["config"]["width"] == 8 and card["source"] == "local"


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


@pytest.mark.slow
def test_bench_writes_every_table() -> None:
    lines: list[str] = []
    report(default_catalog(), "student", [0.05], lines.append, side=64)
    tables = "\n".join(lines).split("\n## ")[1:]
    assert len(tables) == 4
    bodies = [[row.strip("| ").split(" | ") for row in table.splitlines() if row.startswith("| ")] for table in tables]
    for head, *rows in bodies:
        assert rows and all(len(row) == len(head) for row in rows)
        figures = [value.removesuffix(" %") for row in rows for value in row if value not in ("fp32", "bf16")]
        assert all(float(figure) >= 0 for figure in figures)
    assert {row[1] for row in bodies[1][1:]} == {"fp32", "bf16"}


def test_bench_of_an_unknown_checkpoint(run: Run) -> None:
    assert run("bench", "--checkpoint", "nobody")[0] == 1


def test_multiply_adds_are_counted() -> None:
    convolution = torch.nn.Conv2d(4, 8, 3, padding=1, bias=False)
    assert multiply_adds(convolution, torch.rand(1, 4, 10, 20)) == 10 * 20 * 4 * 8 * 9
    assert median_seconds(convolution, torch.rand(1, 4, 10, 20), "bf16", 1, repeats=3) > 0
    assert convolution_rate("fp32", 1, 16, (4, 8)) > 0


def test_nafnet_is_the_published_size() -> None:
    network = NAFNet()
    assert sum(parameter.numel() for parameter in network.parameters()) == pytest.approx(17.1e6, rel=0.01)
    x = torch.rand(1, 3, 32, 48)
    assert network(x).shape == x.shape
    assert multiply_adds(network, torch.rand(1, 3, 256, 256)) == pytest.approx(16e9, rel=0.05)


def test_bench_names_random_weights(tmp_path: Path) -> None:
    path, label = _checkpoint(Catalog([]), None, tmp_path)
    assert "random" in label and checkpoint.load(path)[1].name == "random"

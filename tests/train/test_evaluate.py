"""The evaluation reports what it measured."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tests.support.training import write_pairs, write_photos
from train import evaluate
from train.data import even_fog
from train.reporting.tables import means, tables
from uniremoval.checkpoint import read_card
from uniremoval.errors import PhotoError


def test_results_on_pairs_and_real_photos(tmp_path: Path, checkpoints: Path) -> None:
    pairs = write_pairs(tmp_path / "known")
    out = tmp_path / "out"
    evaluate.main(
        ["--checkpoint", "student", "--checkpoints", str(checkpoints), "--pairs", str(pairs),
         "--real", str(pairs / "input"), "--out", str(out), "--device", "cpu"]
    )  # fmt: skip
    summary = {(entry["set"], entry["checkpoint"]): entry for entry in json.loads((out / "results.json").read_text())}
    assert summary["known", "input"]["psnr"] == pytest.approx(20 * np.log10(255 / 10), abs=1e-3)
    assert summary["known", "student"]["psnr"] > 0
    assert summary["known", "student"]["identity"] > 0
    assert {"brisque", "piqe"} <= set(summary["input", "student"])
    rows = list(csv.DictReader((out / "results.csv").open()))
    assert len(rows) == 8
    mean = np.mean([float(row["psnr"]) for row in rows if row["checkpoint"] == "student" and row["psnr"]])
    assert summary["known", "student"]["psnr"] == pytest.approx(mean, abs=1e-3)
    assert "| student |" in (out / "results.md").read_text()
    with Image.open(out / "sheet-input.jpg") as sheet:
        assert sheet.width == 2 * 420
    with Image.open(out / "sheet-known.jpg") as sheet:
        assert sheet.width == 3 * 420
    for figure in ("psnr", "ssim", "brisque", "piqe", "scatter"):
        with Image.open(out / f"{figure}.png") as plot:
            assert np.asarray(plot.convert("L")).std() > 5, "an empty plot"


def test_scores_are_written_on_the_card_and_weights_kept(tmp_path: Path, checkpoints: Path) -> None:
    path = tmp_path / "student.safetensors"
    path.write_bytes((checkpoints / "student.safetensors").read_bytes())
    before = load_file(path)
    pairs = write_pairs(tmp_path / "known")
    arguments = ["--checkpoint", str(path), "--pairs", str(pairs), "--out", str(tmp_path / "out"), "--update-cards"]
    evaluate.main(arguments)
    evaluate.main(arguments)
    (score,) = read_card(path).scores
    assert score["set"] == "known"
    assert score["psnr"] > 0
    assert score["input_psnr"] == pytest.approx(28.13, abs=0.01)
    assert score["command"] == "python -m train.evaluate --checkpoint student --pairs known"
    after = load_file(path)
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_enlarged_pairs_and_even_fog(tmp_path: Path, checkpoints: Path) -> None:
    pairs = write_pairs(tmp_path / "known")
    arguments = ["--checkpoint", "student", "--checkpoints", str(checkpoints), "--pairs", str(pairs)]
    evaluate.main([*arguments, "--enlarge", "2", "4", "--even-fog", "--out", str(tmp_path / "out")])
    written = json.loads((tmp_path / "out" / "results.json").read_text())
    summary = {(entry["set"], entry["checkpoint"]): entry for entry in written}
    known = summary["known", "input"]
    assert 15 < known["psnr_2x"] < known["psnr"] and known["psnr_4x"] != known["psnr_2x"], "noise loses by resizing"
    assert summary["known", "student"]["psnr_4x"] > 0
    for entry in (summary["known", "input"], summary["known", "student"]):
        assert entry["resampled_2x"] < entry["psnr"], "resampling alone loses"
    assert summary["known", "input"]["resampled_4x"] == pytest.approx(summary["known", "input"]["psnr_4x"], abs=0.1)
    assert summary["known", "student"]["resampled_4x"] != summary["known", "student"]["psnr_4x"]
    assert summary["even-fog", "input"]["unevenness"] < 3 < summary["even-fog", "student"]["unevenness"]
    assert "| student |" in (tmp_path / "out" / "results.md").read_text().split("even fog")[1]


@pytest.mark.parametrize("factor", [2, 4])
def test_a_photo_shown_larger_and_taken_back_is_the_photo(factor: int) -> None:
    rows, columns = np.mgrid[0:60, 0:81].astype(np.float32)
    photo = np.stack([0.5 + 0.4 * np.sin(rows / 9), 0.5 + 0.4 * np.cos(columns / 7), columns / 81], axis=-1)
    large = evaluate.resized(photo, factor)
    assert large.shape == (60 * factor, 81 * factor, 3)
    assert np.abs(evaluate.resized(large, 1 / factor) - photo).max() < 0.01


def test_unevenness_is_what_was_painted_into_the_fog() -> None:
    scene = next(even_fog.scenes(1))
    again = next(even_fog.scenes(1))
    assert np.array_equal(scene.pixels, again.pixels) and 0.3 < scene.fog.mean() < 0.95
    before = even_fog.unevenness(scene.pixels, scene.fog)
    painted = scene.pixels.copy()
    painted[:200, :300] += 20 / 255
    assert before < 2 and 18 < even_fog.unevenness(painted, scene.fog) < 22
    objects = np.where(scene.fog[..., None], scene.pixels, 0)
    assert even_fog.unevenness(objects, scene.fog) == pytest.approx(before, abs=0.5)


def test_nothing_to_measure_is_said(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="nothing to measure"):
        evaluate.main(["--out", str(tmp_path)])


def test_means_leave_out_and_count_what_has_no_score() -> None:
    rows = [
        {"set": "s", "checkpoint": "c", "brisque": 10.0, "piqe": None},
        {"set": "s", "checkpoint": "c", "brisque": 20.0, "piqe": None},
        {"set": "s", "checkpoint": "c", "brisque": None, "piqe": None},
    ]
    (entry,) = means(rows)
    assert (entry["brisque"], entry["brisque_missing"]) == (15.0, 1)
    assert (entry["piqe"], entry["piqe_missing"]) == (None, 3)
    assert "PIQE" not in tables([entry])


def test_best_median_and_worst_pairs_are_shown(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for part in ("input", "target"):
        write_photos(folder / part, 5, (8, 8))
    gains = {"photo000.png": 1.0, "photo001.png": -2.0, "photo002.png": 5.0, "photo003.png": 0.0, "photo004.png": 3.0}
    gains = {f"input/{name}": gain for name, gain in gains.items()}
    rows = [{"file": name, "checkpoint": "input", "psnr": 20.0} for name in gains]
    rows += [{"file": name, "checkpoint": "student", "psnr": 20.0 + gain} for name, gain in gains.items()]
    shown = evaluate.telling_pairs(folder, rows)
    assert [degraded.name for degraded, _ in shown] == ["photo002.png", "photo000.png", "photo001.png"]

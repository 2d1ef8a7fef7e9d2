"""What the repository shows is what was measured."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.support.training import write_pairs
from train import evaluate, report
from uniremoval.errors import UniremovalError

README = "before\n<!-- results -->\nold\n<!-- /results -->\nafter\n"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, checkpoints: Path) -> list[Path]:
    """Two measurements of the same sets: of two teachers, then of one of them again and of the student."""
    folder = tmp_path_factory.mktemp("measured")
    pairs = write_pairs(folder / "known")
    for number, names in enumerate((["teacher-haze", "teacher-rain"], ["teacher-rain", "student"])):
        evaluate.main(
            ["--checkpoint", *names, "--checkpoints", str(checkpoints), "--pairs", str(pairs),
             "--real", str(pairs / "target"), "--out", str(folder / str(number)), "--device", "cpu"]
        )  # fmt: skip
    return [folder / "0", folder / "1"]


def test_measurements_are_merged(tmp_path: Path, measured: list[Path]) -> None:
    readme, log = tmp_path / "README.md", tmp_path / "log.jsonl"
    readme.write_text(README)
    log.write_text(
        "".join(json.dumps({"step": i} | ({"validation/rain": 1.0} if i == 7 else {})) + "\n" for i in range(12))
    )
    into = tmp_path / "results"
    sources = ["--results", *map(str, measured), "--logs", f"teacher-rain={log}"]
    report.main([*sources, "--into", str(into), "--readme", str(readme)])
    summary = json.loads((into / "results.json").read_text())
    expected = ["input", "teacher-haze", "teacher-rain", "student"]
    assert [entry["checkpoint"] for entry in summary] == 2 * expected
    assert len(list(csv.DictReader((into / "results.csv").open()))) == 2 * 2 * 4
    own = {entry["checkpoint"]: entry for entry in json.loads((measured[1] / "results.json").read_text())[:3]}
    student = next(entry for entry in summary if entry["checkpoint"] == "student" and "psnr" in entry)
    assert student["psnr"] == own["student"]["psnr"]
    text = readme.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert f"| student | {student['psnr']:.2f} |" in text and "real target" in text
    steps = [json.loads(line)["step"] for line in (into / "curves" / "teacher-rain.jsonl").read_text().splitlines()]
    assert steps == [0, 5, 7, 10]
    assert "--checkpoint teacher-haze teacher-rain student" in (into / "results.md").read_text()
    assert all((into / f"{figure}.png").is_file() for figure in ("psnr", "brisque", "piqe"))
    assert not list(into.glob("sheet*"))


def test_nothing_measured_of_the_input_is_lost(tmp_path: Path) -> None:
    first = [{"set": "a", "checkpoint": "input", "psnr": 10.0, "psnr_4x": 9.0, "photos": 1}]
    first += [{"set": "fog", "checkpoint": "input", "unevenness": 3.0, "photos": 1}]
    again = [
        {"set": "a", "checkpoint": name, "psnr": psnr, "photos": 1} for name, psnr in (("input", 10.0), ("s", 12.0))
    ]
    for folder, entries in (("1", first), ("2", again)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "results.json").write_text(json.dumps(entries))
        with (tmp_path / folder / "results.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, ["set", "checkpoint", "file", "psnr", "psnr_4x", "unevenness"])
            writer.writeheader()
            known = set(writer.fieldnames)
            writer.writerows({k: v for k, v in (entry | {"file": "x"}).items() if k in known} for entry in entries)
    summary, rows = report.merged([tmp_path / "1", tmp_path / "2"])
    assert summary[0]["psnr_4x"] == 9.0 and rows[0]["psnr_4x"] == "9.0"
    assert report.overview(summary).splitlines()[-1] == "| s | 12.00 |", "even fog has tables of its own"
    assert "--enlarge 2 4 --even-fog" in report.introduction(summary)


def test_other_networks_stand_beside_ours(tmp_path: Path, measured: list[Path]) -> None:
    one = {"network": "One", "removes": "rain", "psnr": {"known": {"psnr": 21.456, "own_training_split": True}}}
    two = {"network": "Two", "removes": "rain", "psnr": {"other": {"psnr": 20, "input": 12.5, "photos": 3}}}
    (tmp_path / "peers.json").write_text(json.dumps({"networks": [one, two]}))
    report.main(["--results", *map(str, measured), "--into", str(tmp_path)])
    _, _, beside = (tmp_path / "results.md").read_text().partition("## Beside other networks\n")
    lines = [line for line in beside.splitlines() if line.startswith("| ")]
    assert lines[0] == "| rain | known | other |"
    assert [line.split(" | ")[0] for line in lines[1:]] == ["| input", "| teacher-rain", "| student", "| One", "| Two"]
    assert lines[-2:] == ["| One | 21.46* |  |", "| Two |  | 20.00 (3 photos: 12.50) |"]


def test_what_cannot_be_done_is_said(tmp_path: Path, measured: list[Path]) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no markers")
    options = ["--results", str(measured[0]), "--into", str(tmp_path / "out")]
    with pytest.raises(UniremovalError, match="<!-- results -->"):
        report.main([*options, "--readme", str(readme)])
    assert readme.read_text() == "no markers"
    with pytest.raises(UniremovalError, match="nowhere"):
        report.main(["--results", str(tmp_path / "nowhere"), "--into", str(tmp_path / "out")])

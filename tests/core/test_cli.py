"""The command line on real files, good and bad."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import FIVE, Run
from tests.support import files
from tests.support.models import card_of
from uniremoval import checkpoint
from uniremoval.cli import EXTRA_SCORES, FORMATS, main
from uniremoval.ensemble import restore_ensemble
from uniremoval.networks import RestorationNet, RestorerConfig
from uniremoval.paths import ROOT
from uniremoval.photo import decode
from uniremoval.photo.formats import WRITTEN
from uniremoval.quality import EXTRAS
from uniremoval.restore import Restorer


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_format_that_can_be_written_can_be_asked_for() -> None:
    assert sorted(FORMATS) == sorted(name.lower() for name in WRITTEN)
    assert tuple(EXTRAS) == EXTRA_SCORES


def test_a_folder_of_good_and_bad_files_in_a_process_of_its_own(checkpoints: Path, tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    files.jpeg(photos)
    files.turned(photos, 6, ".jpg")
    files.palette(photos)
    files.cmyk(photos)
    files.png(photos, files.noise(20, 30, 4), name="deep.png")
    files.animation(photos)
    bad = [files.text(photos), files.empty(photos), files.truncated(photos), files.bomb(photos)]
    command = [sys.executable, "-m", "uniremoval", "restore", photos, tmp_path / "missing.png", "-o", out]
    finished = subprocess.run(
        [*map(str, command), "--checkpoint", "student", "--checkpoints", str(checkpoints)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert finished.returncode == 1
    assert listed(out) == ["animation.png", "cmyk.jpg", "deep.png", "palette.png", "photo.jpg", "turned-6.jpg"]
    assert sorted(finished.stdout.splitlines()) == [str(out / name) for name in listed(out)]
    errors = finished.stderr.splitlines()
    for path in (*bad, tmp_path / "missing.png"):
        assert len([line for line in errors if f"'{path.name}'" in line]) == 1, errors
    assert all(line.startswith("uniremoval: '") for line in errors), errors
    deep, before = decode(out / "deep.png"), decode(photos / "deep.png")
    assert deep.bits == 16 and np.array_equal(deep.alpha, before.alpha)
    turned = Image.open(out / "turned-6.jpg")
    assert turned.size == (32, 24) and turned.getexif()[271] == "Removal" and 274 not in turned.getexif()


def test_results_are_the_engine_s(run: Run, checkpoints: Path, tmp_path: Path) -> None:
    source = files.png(tmp_path, files.noise(100, 150, 3))
    code, out, err = run(
        "restore",
        source,
        "--device",
        "cpu",
        "-o",
        tmp_path / "out",
        "--checkpoint",
        "student",
        "--precision",
        "fp32",
        "--tile",
        64,
    )
    assert (code, out.strip(), err) == (0, str(tmp_path / "out" / "photo.png"), "")
    network, card = checkpoint.load(checkpoints / "student.safetensors")
    expected = Restorer(network, card, "cpu", "fp32").restore(source).photo.pixels
    assert np.abs(decode(tmp_path / "out" / "photo.png").pixels - expected).max() <= 1 / 65535


def test_an_ensemble_is_the_engine_s(run: Run, checkpoints: Path, tmp_path: Path) -> None:
    source = files.png(tmp_path, files.noise(40, 50, 3))
    options = ("--checkpoint", "student", "--device", "cpu", "--precision", "fp32", "--ensemble")
    code, _, err = run("restore", source, "-o", tmp_path / "out", *options)
    assert (code, err.strip()) == (0, "uniremoval: 'photo.png': The mean over the photo and 3 mirror images.")
    restorer = Restorer(*checkpoint.load(checkpoints / "student.safetensors"), "cpu", "fp32")
    made = decode(tmp_path / "out" / "photo.png").pixels
    assert np.abs(made - restore_ensemble(restorer, source).photo.pixels).max() <= 1 / 65535
    assert np.abs(made - restorer.restore(source).photo.pixels).max() > 0.01


def test_strength_goes_part_of_the_way(run: Run, tmp_path: Path) -> None:
    source = files.png(tmp_path, files.noise(40, 50, 3))
    options = ("--checkpoint", "student", "--device", "cpu", "--precision", "fp32")
    made = {}
    for strength in ("0", "0.25", "1"):
        assert run("restore", source, "-o", tmp_path / strength, *options, "--strength", strength)[0] == 0
        made[strength] = decode(tmp_path / strength / "photo.png").pixels
    given = decode(source).pixels
    assert np.array_equal(made["0"], given) and np.abs(made["1"] - given).max() > 0.01
    assert np.abs(made["0.25"] - (0.75 * given + 0.25 * made["1"])).max() <= 2 / 65535


def test_existing_results_can_be_skipped(run: Run, tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    (photos / "more").mkdir(parents=True)
    files.jpeg(photos, "one.jpg")
    files.png(photos, files.noise(20, 30, 3), name="two.png")
    files.jpeg(photos / "more", "one.jpg")
    options = ("-o", out, "--checkpoint", "student", "--recursive", "--skip-existing")
    code, said, err = run("restore", photos, *options)
    assert (code, err) == (0, "") and len(said.splitlines()) == 3
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    (out / "two.png").unlink()
    files.animation(photos)
    code, said, err = run("restore", photos, *options)
    assert code == 0 and "2 of 4 photos were restored before" in err
    assert len(said.splitlines()) == 4
    assert all(path.stat().st_mtime_ns == when for path, when in before.items() if path.name == "one.jpg")
    assert (out / "two.png").stat().st_mtime_ns > before[out / "two.png"]


def test_same_stems_are_skipped_one_for_one(run: Run, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        files.jpeg(tmp_path / folder, "photo.jpg")
    inputs = (tmp_path / "a", tmp_path / "b", "-o", tmp_path / "out", "--checkpoint", "student")
    assert run("restore", *inputs)[0] == 0
    (tmp_path / "out" / "photo-2.jpg").unlink()
    code, said, err = run("restore", *inputs, "--skip-existing")
    assert code == 0 and "1 of 2 photos were" in err
    assert said.splitlines() == [str(tmp_path / "out" / name) for name in ("photo.jpg", "photo-2.jpg")]


def test_a_result_of_another_photo_hides_no_failure(run: Run, tmp_path: Path) -> None:
    bad, good = tmp_path / "photo.png", files.jpeg(tmp_path, "photo.jpg")
    bad.write_text("no photo")
    inputs = (bad, good, "-o", tmp_path / "out", "--checkpoint", "student", "--skip-existing")
    for _ in range(2):
        code, said, err = run("restore", *inputs)
        assert code == 1 and "'photo.png'" in err
        assert said.splitlines() == [str(tmp_path / "out" / "photo.jpg")]
    assert "1 of 2 photos were restored before" in err


def test_checkpoints_give_different_results(run: Run, tmp_path: Path) -> None:
    source = files.jpeg(tmp_path)
    for name in FIVE:
        assert run("restore", source, "-o", tmp_path / name, "--checkpoint", name)[0] == 0
    results = {(tmp_path / name / "photo.jpg").read_bytes() for name in FIVE}
    assert len(results | {source.read_bytes()}) == 6


def test_same_names_from_two_folders_do_not_overwrite_each_other(run: Run, tmp_path: Path) -> None:
    sources = []
    for folder, size in (("a", 20), ("b", 30), ("c", 40)):
        (tmp_path / folder).mkdir()
        sources.append(files.jpeg(tmp_path / folder, "Photo.jpg" if folder == "b" else "photo.jpg", size, size))
    out = tmp_path / "out"
    assert run("restore", *sources, sources[0], "-o", out)[0] == 0
    assert listed(out) == ["Photo-2.jpg", "photo-3.jpg", "photo.jpg"]
    sizes = [Image.open(out / name).height for name in ("photo.jpg", "Photo-2.jpg", "photo-3.jpg")]
    assert sizes == [20, 30, 40]


def test_running_again_replaces_earlier_results(run: Run, tmp_path: Path) -> None:
    source, out = files.jpeg(tmp_path), tmp_path / "out"
    for _ in range(2):
        assert run("restore", source, "-o", out)[0] == 0
    assert listed(out) == ["photo.jpg"]


@pytest.mark.parametrize("as_link", [False, True])
def test_inputs_are_never_overwritten(run: Run, tmp_path: Path, as_link: bool) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    names = ("photo.jpg", "photo-restored.jpg")
    before = [files.jpeg(folder, name, 16, 16).read_bytes() for name in names]
    out = folder
    if as_link:
        out = tmp_path / "link"
        out.symlink_to(folder, target_is_directory=True)
    assert run("restore", folder, "-o", out)[0] == 0
    assert [(folder / name).read_bytes() for name in names] == before
    assert listed(folder) == [
        "photo-restored-2.jpg", "photo-restored.jpg", "photo.jpg"
    ]  # fmt: skip


def test_format_and_quality(run: Run, tmp_path: Path) -> None:
    source, out = files.jpeg(tmp_path, height=64, width=64), tmp_path / "out"
    for quality in (20, 95):
        arguments = ("--format", "webp", "--quality", quality)
        assert run("restore", source, "-o", out / str(quality), *arguments)[0] == 0
    low, high = (out / str(quality) / "photo.webp" for quality in (20, 95))
    assert Image.open(low).format == "WEBP" and low.stat().st_size < high.stat().st_size


def test_a_wrong_suffix_becomes_the_right_one(run: Run, tmp_path: Path) -> None:
    source = files.jpeg(tmp_path).rename(tmp_path / "really-a-jpeg.png")
    assert run("restore", source, "-o", tmp_path / "out")[0] == 0
    assert listed(tmp_path / "out") == ["really-a-jpeg.jpg"]


def test_heic_becomes_jpeg_or_png(run: Run, tmp_path: Path) -> None:
    source = files.turned(tmp_path, 6, ".heic")
    assert run("restore", source, "-o", tmp_path / "out")[0] == 0
    assert run("restore", source, "-o", tmp_path / "out", "--format", "png")[0] == 0
    assert listed(tmp_path / "out") == ["turned-6.jpg", "turned-6.png"]
    with Image.open(tmp_path / "out" / "turned-6.jpg") as written:
        assert (written.format, written.size, written.getexif()[271]) == ("JPEG", (32, 24), "Removal")


def test_notes_of_a_photo_are_shown(run: Run, tmp_path: Path) -> None:
    code, _, err = run("restore", files.animation(tmp_path), "-o", tmp_path / "out")
    assert code == 0 and "animation.gif" in err and "first" in err


def test_size_limit(run: Run, tmp_path: Path) -> None:
    source = files.jpeg(tmp_path, height=200, width=300)
    code, _, err = run("restore", source, "-o", tmp_path / "out", "--max-megapixels", "0.05")
    assert code == 1 and "300 wide" in err and "0.05" in err
    assert not listed(tmp_path / "out")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--checkpoint", "nobody"), ("'nobody'", "student-adapted")),
        (("--device", "tpu"), ("'tpu'", "cpu")),
        (("--checkpoints", "/nowhere/at/all"), ("/nowhere/at/all", "--checkpoints")),
    ],
)
def test_options_that_cannot_work_are_one_sentence(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    code, out, err = run("restore", files.jpeg(tmp_path), "-o", tmp_path / "out", *arguments)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert all(word in err for word in words)
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_and_a_file_as_output(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    code, _, err = run("restore", empty, "-o", tmp_path / "out")
    assert code == 1 and "'" + str(empty) + "' holds no photos" in err
    source = files.jpeg(tmp_path)
    code, _, err = run("restore", source, "-o", source)
    assert code == 1 and "folder" in err and len(err.splitlines()) == 1
    assert Image.open(source).size == (32, 24)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tile", "63"),
        ("--quality", "101"),
        ("--max-megapixels", "-1"),
        ("--format", "gif"),
        ("--tile", "big"),
        ("--strength", "1.1"),
        ("--strength", "nan"),
    ],
)
def test_values_out_of_range_are_refused(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["restore", "photo.jpg", "-o", str(tmp_path / "out"), *arguments])
    assert caught.value.code == 2 and arguments[0] in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_ctrl_c_ends_cleanly(tmp_path: Path) -> None:
    """Stopped in the second of two large photos: the first stays, nothing half written, no traceback."""
    network = RestorationNet(RestorerConfig(stem=4))
    checkpoint.save(tmp_path / "c" / "large.safetensors", network, card_of(network, "large"))
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    for name, side in (("1.bmp", 64), ("2.bmp", 4000)):
        Image.new("RGB", (side, side), "grey").save(photos / name)
    command = [sys.executable, "-m", "uniremoval", "restore", str(photos), "-o", str(out), "--checkpoint", "large"]
    process = subprocess.Popen(
        [*command, "--checkpoints", str(tmp_path / "c"), "--tile", "64"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )
    deadline = time.monotonic() + 60
    while not (out / "1.bmp").is_file():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == "uniremoval: Stopped." and "Traceback" not in errors
    assert listed(out) == ["1.bmp"]

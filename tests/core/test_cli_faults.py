"""The command line with odd names, files and folders: one sentence each, and the other photos are restored."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support import files
from tests.support.files import listed
from uniremoval.cli import main
from uniremoval.photo import streams

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX pipes and links")


def test_odd_inputs_cost_only_themselves(run: Run, tmp_path: Path) -> None:
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    odd = [loop, tmp_path / ("x" * 300 + ".jpg"), tmp_path / "no" / "such.jpg", Path("/dev/null")]
    code, out, err = run("restore", *odd, files.jpeg(tmp_path), "-o", tmp_path / "out")
    assert code == 1 and out.split() == [str(tmp_path / "out" / "photo.jpg")]
    assert len(err.splitlines()) == len(odd) and all(line.startswith("uniremoval: '") for line in err.splitlines())


def test_subfolders_are_told_of_or_taken(run: Run, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    for folder in (photos, photos / "2024" / "june", photos / "out"):
        folder.mkdir(parents=True, exist_ok=True)
        files.jpeg(folder)
    (photos / "notes.txt").write_text("x")
    code, _, err = run("restore", photos, "-o", photos / "out")
    assert code == 0 and "skipped notes.txt" in err and "2 subfolders" in err and "--recursive" in err
    code, out, err = run("restore", photos, "-o", photos / "out", "--recursive")
    assert code == 0 and "--recursive" not in err
    assert [Path(line).relative_to(photos / "out").as_posix() for line in out.splitlines()] == [
        "2024/june/photo.jpg",
        "photo.jpg",
    ]


def test_a_second_run_in_place_leaves_earlier_results_alone(run: Run, tmp_path: Path) -> None:
    files.jpeg(tmp_path, "a.jpg"), files.jpeg(tmp_path, "b-restored.jpg")
    for _ in range(2):
        code, _, err = run("restore", tmp_path, "-o", tmp_path)
        assert code == 0
    assert "a-restored.jpg" in err and "earlier run" in err
    results = ["a-restored-2.jpg", "a-restored.jpg", "b-restored-restored-2.jpg", "b-restored-restored.jpg"]
    assert listed(tmp_path) == sorted([*results, "a.jpg", "b-restored.jpg"])


def test_a_reference_of_another_size_is_no_success(run: Run, tmp_path: Path) -> None:
    small = files.png(tmp_path, files.noise(40, 50, 3), name="small.png")
    large = files.png(tmp_path, files.noise(60, 50, 3), name="large.png")
    assert run("score", small, "--reference", large)[0] == 1
    assert run("score", small, "--reference", small)[0] == 0


def test_standard_output_takes_one_photo(run: Run, tmp_path: Path) -> None:
    photos = [files.jpeg(tmp_path, name) for name in ("a.jpg", "b.jpg")]
    code, out, err = run("restore", *photos, "-o", "-")
    assert (code, out) == (1, "") and "-o - takes one photo, and there are 2" in err


def test_pipes_by_name(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "WRITER_SECONDS", 0.2)
    photo, fifo, out = files.jpeg(tmp_path), tmp_path / "fifo.jpg", tmp_path / "out"
    os.mkfifo(fifo)
    code, said, err = run("restore", fifo, photo, "-o", out)
    assert code == 1 and said.split() == [str(out / "photo.jpg")] and "'fifo.jpg' is a pipe that nobody" in err
    monkeypatch.setattr(streams, "WRITER_SECONDS", 30)
    writer = threading.Thread(target=fifo.write_bytes, args=[photo.read_bytes()])
    writer.start()
    code, said, err = run("restore", fifo, "-o", out)
    writer.join()
    assert (code, said.split(), err) == (0, [str(out / "fifo.jpg")], "")
    code, said, err = run("restore", tmp_path, "-o", out)
    assert code == 0 and "skipped fifo.jpg: no ordinary file" in err


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's devices")
@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("/dev/zero", "not an image that can be recognised"),
        ("/proc/self/mem", "'mem' cannot be read (Input/output error)"),
        ("/dev/null", "is empty (0 bytes)"),
    ],
)
def test_what_only_looks_like_a_file(run: Run, device: str, words: str) -> None:
    code, _, err = run("score", device)
    assert code == 1 and words in err and len(err.splitlines()) == 1


def test_names_that_would_break_lines_or_terminals(run: Run, tmp_path: Path) -> None:
    names = ["new\nline.jpg", "\x1b[31mred.jpg"]
    for name in names:
        files.jpeg(tmp_path, name)
    photos = [tmp_path / name for name in (*names, "no\nsuch.jpg")]
    code, out, err = run("restore", *photos, "-o", tmp_path / "o")
    assert code == 1 and len(out.splitlines()) == 2 and len(err.splitlines()) == 1 and "\x1b" not in out + err
    assert "new\\nline.jpg" in out and "no\\nsuch.jpg" in err and sorted(os.listdir(tmp_path / "o")) == sorted(names)


def test_names_like_options(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["-dash.jpg", "-odd.jpg", "--format=png.jpg"]
    for name in names:
        files.jpeg(tmp_path, name)
    code, out, err = run("restore", *names, "-o", "out")
    assert (code, err) == (0, "") and listed(tmp_path / "out") == sorted(names)
    code, out, err = run("restore", "-o", "out", "--", *names)
    assert (code, err) == (0, "") and len(out.splitlines()) == 3


def test_a_subfolder_that_may_not_be_read_costs_only_itself(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    for name in ("closed", "open", ".hidden"):
        (photos / name).mkdir(parents=True)
        files.jpeg(photos / name)
    files.jpeg(photos, ".secret.jpg")
    (photos / "gone.jpg").symlink_to("nowhere.jpg")
    (photos / "link").symlink_to("open")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    code, out, err = run("restore", photos, "-o", tmp_path / "out", "--recursive")
    monkeypatch.undo()
    assert code == 1 and out.split() == [str(tmp_path / "out" / "open" / "photo.jpg")]
    assert f"'{photos / 'closed'}' cannot be read (Permission denied)" in err
    assert "skipped .secret.jpg, .hidden: hidden" in err and "skipped link: a link to a folder" in err
    assert "'gone.jpg' does not exist" in err and len(err.splitlines()) == 4


def test_an_output_folder_that_cannot_be_is_told_first(run: Run, tmp_path: Path) -> None:
    photo = files.jpeg(tmp_path)
    code, out, err = run("restore", photo, "-o", photo / "below", "--checkpoint", "nobody")
    assert (code, out) == (1, "") and f"'{photo}' is no folder" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["--format", "webp"]], ids=["same", "webp"])
def test_results_beside_their_photos_are_not_restored_again(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "sub").mkdir()
    files.jpeg(tmp_path, "a.jpg"), files.animation(tmp_path), files.jpeg(tmp_path / "sub", "c.jpg")
    for number in range(2):
        code, out, err = run("restore", tmp_path, "-o", tmp_path, "--recursive", *arguments)
        assert code == 0 and len(out.splitlines()) == 3
        assert ("earlier run" in err) == bool(number)
    assert not [name for name in listed(tmp_path) if "restored-restored" in name]
    again = sorted(path for path in tmp_path.iterdir() if path.is_file())
    code, out, err = run("restore", *again, "-o", tmp_path, *arguments)
    assert code == 0 and len(out.splitlines()) == 2 and "earlier run" in err


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--tile", "big"), "must be a whole number of at least 64, not big"),
        (("--quality", "9.5"), "must be a whole number from 1 to 100, not 9.5"),
        (("--max-megapixels", "inf"), "must be a number above 0, not inf"),
    ],
)
def test_values_that_are_none(option: tuple[str, str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["restore", "a.jpg", "-o", "out", *option])
    assert f"argument {option[0]}: {words}" in capsys.readouterr().err


def test_a_checkpoint_that_is_a_pipe_or_in_a_closed_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    code, _, err = run("restore", files.jpeg(tmp_path), "-o", tmp_path, "--checkpoint", tmp_path / "pipe.safetensors")
    assert code == 1 and "pipe.safetensors: is no file" in err
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    code, _, err = run("checkpoints", "--checkpoints", tmp_path)
    assert code == 1 and "may not be read" in err
    code, _, err = run("checkpoints", "--checkpoints", "x" * 300)
    assert code == 1 and "no such folder" in err and len(err.splitlines()) == 1

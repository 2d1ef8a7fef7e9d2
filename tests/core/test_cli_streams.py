"""The command line as a process: its streams, whatever is at their other ends, and signals."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import files
from tests.support.files import listed
from uniremoval.paths import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX pipes, terminals and signals")
PROGRAM = [sys.executable, "-m", "uniremoval"]


@pytest.fixture
def restore(checkpoints: Path) -> list[str]:
    return [*PROGRAM, "restore", "--checkpoint", "student", "--checkpoints", str(checkpoints), "--device", "cpu"]


def test_standard_input(tmp_path: Path, restore: list[str]) -> None:
    data = files.png(tmp_path, files.noise(30, 40, 3)).read_bytes()
    out = tmp_path / "out"
    for name in ("-", "/dev/stdin"):
        done = subprocess.run([*restore, name, "-o", out], input=data, capture_output=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
    assert listed(out) == ["stdin.png"]
    done = subprocess.run([*PROGRAM, "score", "-"], input=data[:100], capture_output=True, cwd=ROOT)
    assert done.returncode == 1 and done.stderr.startswith(b"uniremoval: 'stdin'") and b"Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8:strict"])
def test_names_that_the_terminal_cannot_show(tmp_path: Path, restore: list[str], encoding: str) -> None:
    names = ["東京.jpg", os.fsdecode(b"caf\xe9.jpg"), "new\nline.jpg"]
    for name in names:
        files.jpeg(tmp_path, name)
    done = subprocess.run(
        [*restore, tmp_path, "-o", tmp_path / "out"],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    assert sorted(os.listdir(tmp_path / "out")) == sorted(names)


def test_a_reader_that_leaves_stops_nothing(tmp_path: Path, restore: list[str]) -> None:
    photos = [files.jpeg(tmp_path, f"{number}.jpg") for number in range(3)]
    process = subprocess.Popen(
        [*restore, *photos, "-o", tmp_path / "out"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (0, b"")
    assert listed(tmp_path / "out") == ["0.jpg", "1.jpg", "2.jpg"]


def test_closed_streams(tmp_path: Path, restore: list[str]) -> None:
    photo = files.jpeg(tmp_path)
    command = " ".join(f"'{part}'" for part in [*restore, photo, tmp_path / "none.jpg", "-o", tmp_path / "out"])
    done = subprocess.run(["sh", "-c", f"{command} >&- 2>&-"], cwd=ROOT)
    assert done.returncode == 1 and listed(tmp_path / "out") == ["photo.jpg"]


def test_sigterm_ends_quietly(tmp_path: Path, restore: list[str]) -> None:
    photo = files.large(tmp_path)
    process = subprocess.Popen(
        [*restore, files.jpeg(tmp_path), photo, "-o", tmp_path / "out", "--tile", "64"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (143, b"")
    assert listed(tmp_path / "out") == ["photo.jpg"]


def test_one_photo_to_standard_output(tmp_path: Path, restore: list[str]) -> None:
    photo = files.png(tmp_path, files.noise(30, 40, 3))
    piped = [*restore, "-", "-o", "-", "--format", "webp"]
    done = subprocess.run(piped, input=photo.read_bytes(), capture_output=True, cwd=ROOT)
    assert (done.returncode, done.stderr, done.stdout[:4]) == (0, b"", b"RIFF")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*restore, photo, "-o", "-"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT)
    assert done.returncode == 1 and done.stderr.startswith(b"uniremoval: Standard output cannot be written (No space")
    process = subprocess.Popen([*restore, photo, "-o", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (141, b"")


def test_a_list_that_cannot_be_written_is_no_success(tmp_path: Path, restore: list[str]) -> None:
    photos = [files.jpeg(tmp_path, f"{number}.jpg") for number in range(2)]
    with Path("/dev/full").open("wb") as full:
        command = [*restore, *photos, "-o", tmp_path / "out"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=ROOT)
        assert done.returncode == 1 and listed(tmp_path / "out") == ["0.jpg", "1.jpg"]
        [line] = done.stderr.splitlines()
        assert line.startswith(b"uniremoval: Standard output cannot be written (No space left on device)")
        help_ = subprocess.run([*PROGRAM, "restore", "--help"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT)
        assert b"Traceback" not in help_.stderr and b"Exception ignored" not in help_.stderr


def test_a_terminal_as_standard_input(tmp_path: Path) -> None:
    main_end, terminal = os.openpty()
    done = subprocess.run([*PROGRAM, "score", "-"], stdin=terminal, capture_output=True, text=True, cwd=ROOT)
    os.close(main_end), os.close(terminal)
    assert done.returncode == 1 and done.stderr.startswith("uniremoval: 'stdin' is a terminal; send")


def test_the_progress_bar_tells_of_photos_and_time(tmp_path: Path, restore: list[str]) -> None:
    import fcntl
    import termios

    photos = [files.jpeg(tmp_path, f"{number}.jpg") for number in range(2)]
    main_end, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 120, 0, 0))
    command = [*restore, *photos, "-o", tmp_path / "out"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, cwd=ROOT)
    os.close(terminal)
    shown = os.read(main_end, 1 << 16).decode()
    os.close(main_end)
    assert done.returncode == 0 and "photo 2 of 2: 1.jpg" in shown and "<00:0" in shown

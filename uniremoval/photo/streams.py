"""Bytes from files and from what only looks like a file: pipes, devices, standard input."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from uniremoval.errors import PhotoError
from uniremoval.paths import STANDARD_INPUT

HEAD_BYTES = 512
MOST_PIPED = 1 << 30
WRITER_SECONDS = 10.0
"""How long a named pipe may be without a program that writes into it."""


@contextmanager
def stream(source: str | Path | bytes, name: str) -> Iterator[BinaryIO]:
    """Open `source` for reading; PhotoError if that cannot be done, or if reading it inside the block fails."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        file = _opened(Path(source), name)
    except FileNotFoundError:
        raise PhotoError(f"'{name}' does not exist; check the path.") from None
    except IsADirectoryError:
        raise PhotoError(f"'{name}' is a folder; give a file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoError(f"'{name}' cannot be opened ({reason}); check the path and its permissions.") from error
    with file:
        yield file


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn an error of the system's, such as that of a broken disk, into a PhotoError about the file `name`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise PhotoError(f"'{name}' cannot be read ({reason}); check its disk or connection, or copy it.") from error


def settled(source: str | Path | bytes, name: str, may_be_one: Callable[[bytes], object]) -> str | Path | bytes:
    """`source`, or its bytes where it is a pipe or the like, which can be read only once.

    may_be_one: whether a photo may begin with these bytes; of what is none, no more than they are read, as it may have
    no end. Raises PhotoError.
    """
    if isinstance(source, bytes) or not _can_be_read_once(source):
        return source
    with stream(source, name) as file:
        if file.isatty():
            raise PhotoError(f"'{name}' is a terminal; send a photo through a pipe, or give a file.")
        with reading(name):
            data = file.read(HEAD_BYTES)
            if not may_be_one(data):
                return data
            data += file.read(MOST_PIPED + 1 - len(data))
    if len(data) > MOST_PIPED:
        raise PhotoError(f"'{name}' gives more than {MOST_PIPED >> 20} MB; save it as a file and give that.")
    return data


def _opened(path: Path, name: str) -> BinaryIO:
    if path == STANDARD_INPUT:
        return open(0, "rb", closefd=False)
    if _is_named_pipe(path):
        return _opened_pipe(path, name)
    return path.open("rb")


def _can_be_read_once(path: str | Path) -> bool:
    if Path(path) == STANDARD_INPUT:
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False  # opening it says what is wrong
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _is_named_pipe(path: Path) -> bool:
    """Rather than one of the shell's, as in <(...), which has a writer already and lies in no folder."""
    try:
        return stat.S_ISFIFO(os.lstat(os.path.realpath(path)).st_mode)
    except (OSError, ValueError):
        return False


def _opened_pipe(path: Path, name: str) -> BinaryIO:
    """Opened as soon as there is a writer. PhotoError if none comes, for which an ordinary open would wait forever."""
    import select

    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not select.select([handle], [], [], WRITER_SECONDS)[0]:
            try:
                os.read(handle, 1)  # nothing at all: nobody writes
            except BlockingIOError:
                pass  # somebody does, but takes time
            else:
                raise PhotoError(
                    f"'{name}' is a pipe that nobody has written into for {WRITER_SECONDS:g} seconds; "
                    "start the program that writes first."
                )
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise

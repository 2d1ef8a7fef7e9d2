"""Words for the terminal, whatever is at the other end of it: a pipe that closes, another encoding, or nothing."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn, TextIO

PROGRAM = "uniremoval"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Terminated(KeyboardInterrupt):
    """The system asked the program to end (SIGTERM, or SIGHUP when its terminal is gone). code: the exit code."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.code = 128 + number


def prepare_streams() -> None:
    """Make standard output and error take every line: where one is closed, lines go nowhere, and what its encoding
    lacks, as in file names from other systems, is written as a backslash escape."""
    while (lowest := os.open(os.devnull, os.O_RDWR)) <= 2:  # or the next file opened would get the errors' number
        pass
    os.close(lowest)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Inside, SIGTERM and SIGHUP raise Terminated in the main thread, so that nothing is left half written.

    One that is ignored, as nohup has it, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        raise Terminated(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(code: int) -> NoReturn:
    """End the process now. Threads at work are not waited for: they would crash where Python ends before them."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads what is left to say
            stream.flush()
    os._exit(code)


def one_line(words: object) -> str:
    """Control characters, which a file's name may hold, as backslash escapes: they would break lines, or do worse."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], f"{words}")


def say(words: object) -> bool:
    """One line on standard output; whether all is well. A reader that has gone, as `head` does, has seen enough."""
    return say_as_it_is(one_line(words))


def say_as_it_is(text: str) -> bool:
    """The same of text that may have several lines."""
    problem = _write("stdout", text)
    if problem is None or isinstance(problem, BrokenPipeError):
        return True
    complain(f"Standard output cannot be written ({problem.strerror}); what was to be listed there is lost.")
    return False


def complain(words: object) -> None:
    """One line on standard error, after the program's name. Where that cannot be written, there is nobody to tell."""
    _write("stderr", one_line(f"{PROGRAM}: {words}"))


def _write(name: str, text: str) -> OSError | None:
    """After an error the stream leads nowhere, so that the work goes on and Python's own flush at the end succeeds."""
    stream: TextIO = getattr(sys, name)
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
        return error
    return None

"""The app as a process: how it ends, and with which exit code."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from uniremoval.commands.terminal import Terminated, complain, ended_by_sigterm, leave, prepare_streams
from uniremoval.errors import UniremovalError

__all__ = ["complain", "run"]


def run(work: Callable[[], None]) -> NoReturn:
    """Do it, then end the process: with 143 after SIGTERM, 130 after Ctrl-C, 1 and a sentence after UniremovalError."""
    prepare_streams()
    code = 0
    try:
        with ended_by_sigterm():
            work()
    except UniremovalError as error:
        complain(error)
        code = 1
    except Terminated as signal:
        code = signal.code
    except KeyboardInterrupt:
        code = 130
    leave(code)

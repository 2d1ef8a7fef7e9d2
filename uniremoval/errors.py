"""Errors a user can cause. `str(error)` is one sentence that can be shown to that user as it is."""

from __future__ import annotations


class UniremovalError(Exception):
    """Base of every error below; catch it to show the message without a traceback."""


class PhotoError(UniremovalError):
    """A photo, or a folder of photos, cannot be read or written."""


class CheckpointError(UniremovalError):
    """A checkpoint file is missing, damaged or of no use here."""


class NoCardError(CheckpointError):
    """A file of weights has no card, so it is not one of ours."""


class UnknownCheckpointError(CheckpointError):
    """No checkpoint has the name asked for."""


class HubError(CheckpointError):
    """A repository on the Hugging Face Hub cannot be named, reached, read or written as asked."""


class MemoryLimitError(UniremovalError):
    """Even the smallest tile does not fit into memory."""


class Cancelled(UniremovalError):
    """The caller asked to stop before the work was done."""


def brief(error: Exception) -> str:
    """The message of an error, on one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__

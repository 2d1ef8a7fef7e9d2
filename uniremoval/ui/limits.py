"""How much visitors may bring to the server and leave on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """request_bytes: one request to the upload endpoint, however many files it holds.
    batch_photos: photos of one batch.
    batch_bytes: outputs of one batch, which stay until the visitor leaves or starts another.
    checkpoints: checkpoints that one visitor adds.
    checkpoint_bytes: size of each of them.
    records, records_bytes: comparisons in one visitor's history, and what their files take.
    grace_seconds: how long all of it stays after the page is closed. A phone drops the connection whenever its owner
    looks at another app.
    """

    request_bytes: int = 2 * 10**9
    batch_photos: int = 100
    batch_bytes: int = 2 * 10**9
    checkpoints: int = 10
    checkpoint_bytes: int = 100 * 10**6
    records: int = 8
    records_bytes: int = 500 * 10**6
    grace_seconds: float = 600.0


DEFAULT = Limits()

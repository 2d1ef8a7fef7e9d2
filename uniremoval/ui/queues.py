"""How listeners share the machine."""

from __future__ import annotations

from typing import Any

HEAVY: dict[str, Any] = {"concurrency_id": "heavy", "concurrency_limit": 1}
"""All listeners that decode or score: one at a time on this server."""
API: dict[str, Any] = {"concurrency_id": "api", "concurrency_limit": 1}
"""Programs wait for each other and, where they restore, for their turn."""
_QUIET = {"api_visibility": "private", "show_progress": "hidden"}
HEAVY_QUIET: dict[str, Any] = {**_QUIET, **HEAVY}
AT_ONCE: dict[str, Any] = {**_QUIET, "queue": False}
OPEN: dict[str, Any] = {**HEAVY_QUIET, "trigger_mode": "multiple"}
"""Once a photo is announced, it is opened, even while the one before is."""
WRITE: dict[str, Any] = {**_QUIET, "concurrency_id": "write", "concurrency_limit": 1, "trigger_mode": "multiple"}
"""Large photos are written for the page while they are restored and others are opened, one at a time."""
ADDING: dict[str, Any] = {**_QUIET, "concurrency_id": "adding", "concurrency_limit": 4}
"""Checkpoints on their way wait for the network, not for the machine."""
PLACES = 16
RESTORE: dict[str, Any] = {
    **_QUIET, "concurrency_id": "restore", "concurrency_limit": PLACES, "trigger_mode": "multiple"
}  # fmt: skip
BATCH: dict[str, Any] = {**_QUIET, "concurrency_id": "batch", "concurrency_limit": PLACES}
"""Those who restore take turns (see `Engine.machine`) and say how many are before them; more wait in Gradio's queue.

Work that was stopped takes until the end of a tile to notice. What the same page asks for next must not wait for it,
or worse, be dropped, as Gradio does with an event whose listener is still at work."""
PACK: dict[str, Any] = {**_QUIET, "concurrency_id": "pack", "concurrency_limit": 1}

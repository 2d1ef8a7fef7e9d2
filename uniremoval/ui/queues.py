"""How listeners share the machine."""

from __future__ import annotations

from typing import Any

HEAVY: dict[str, Any] = {"concurrency_id": "heavy", "concurrency_limit": 1}
"""All listeners that decode, restore or score: one at a time on this server."""
_QUIET = {"api_visibility": "private", "show_progress": "hidden"}
HEAVY_QUIET: dict[str, Any] = {**_QUIET, **HEAVY}
AT_ONCE: dict[str, Any] = {**_QUIET, "queue": False}
ADDING: dict[str, Any] = {**_QUIET, "concurrency_id": "adding", "concurrency_limit": 4}
"""Checkpoints on their way wait for the network, not for the machine."""
BATCH: dict[str, Any] = {**_QUIET, "concurrency_id": "batch", "concurrency_limit": 1}
"""Batches wait for each other; with all else they take turns, photo by photo (see `Engine.machine`)."""

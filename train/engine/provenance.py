"""Provenance of a checkpoint, which its card records beside the options of the run."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from uniremoval.checkpoint import Card, read_card


def git_commit() -> str:
    """Commit of the code that runs, with "+changes" where files differ from it; "unknown" outside a repository."""
    try:
        return _git("rev-parse", "HEAD") + ("+changes" if _git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def hardware(device: torch.device) -> str:
    """The hardware of a run, in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{name}, {torch.get_num_threads()} thread(s)"


def lineage(path: Path, role: str) -> dict[str, Any]:
    """How a checkpoint enters another one's training: its name, role, fingerprint and its own training record.

    Of that checkpoint's parents only the names, roles and fingerprints are kept, and as `seconds_before` how long the
    runs took that it began from: records of records would grow with every run, to megabytes.
    """
    card: Card = read_card(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return {"role": role, "name": card.name, "sha256": digest, "training": _without_ancestors(card.training)}


def _without_ancestors(training: dict[str, Any]) -> dict[str, Any]:
    parents = training.get("parents", [])
    named = [{key: parent.get(key) for key in ("role", "name", "sha256")} for parent in parents]
    return {**training, "parents": named, "seconds_before": _seconds_before(training)}


def _seconds_before(training: dict[str, Any]) -> float:
    began_from = [p["training"] for p in training.get("parents", []) if p.get("role") == "start" and "training" in p]
    return training.get("seconds_before", 0) + sum(own.get("seconds", 0) + _seconds_before(own) for own in began_from)


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

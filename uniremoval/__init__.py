"""Removal of haze, rain and blur from photos, by one network with one set of weights.

    import uniremoval

    restorer = uniremoval.load_restorer("student-adapted")
    restored = restorer.restore("photo.jpg")
    uniremoval.save(restored.photo, "restored.jpg")

Importing the package is cheap: PyTorch is loaded at the first use of a name that needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "load_restorer": "restore",
    "Restorer": "restore",
    "restore_ensemble": "ensemble",
    "Restored": "coarse_to_fine",
    "Progress": "coarse_to_fine",
    "Photo": "photo",
    "decode": "photo",
    "encode": "photo",
    "save": "photo",
    "score": "quality",
    "compare": "quality",
    "Score": "quality",
    "Catalog": "catalog",
    "default_catalog": "catalog",
    "UniremovalError": "errors",
    "PhotoError": "errors",
    "CheckpointError": "errors",
    "UnknownCheckpointError": "errors",
    "MemoryLimitError": "errors",
    "Cancelled": "errors",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})

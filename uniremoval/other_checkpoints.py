"""Checkpoint files of other projects: image-to-image networks that spandrel recognises by their weights."""

from __future__ import annotations

import pickle
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file

from uniremoval import checkpoint
from uniremoval.checkpoint import Card
from uniremoval.errors import CheckpointError, NoCardError, brief
from uniremoval.method import Stage
from uniremoval.networks import Network
from uniremoval.networks.other import MemoryMeter, OtherNetwork

SUFFIXES = (".safetensors", ".pth")
LICENCE = "its authors', see where the file comes from"
CARDS_KEPT = 256
BUILDING_BYTES, BUILDING_TIMES = 2 * 10**9, 4
"""Memory that a network may take while it is built: so much, and so many times the size of its file."""


def read_any_card(path: Path) -> Card:
    """The card of one of our checkpoints, or one made up for another project's network; read anew only where the file
    has changed. Raises CheckpointError."""
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such checkpoint file.") from error
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from error
    return _card_at(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=CARDS_KEPT)
def _card_at(path: Path, _changed: int, _size: int) -> Card:
    if path.suffix == ".safetensors":
        with suppress(NoCardError):
            return checkpoint.read_card(path)
    return _load(path)[1]


def load_any(path: Path) -> tuple[Network, Card]:
    """The network in float32, in evaluation mode, and its card. Raises CheckpointError."""
    if path.suffix == ".safetensors":
        with suppress(NoCardError):
            return checkpoint.load(path)
    return _load(path)


def _load(path: Path) -> tuple[OtherNetwork, Card]:
    if not path.is_file():  # to open a pipe would wait for somebody to write into it
        raise CheckpointError(f"{path}: is no file; give a checkpoint's path.")
    import spandrel  # takes seconds

    weights = _weights(path)
    try:
        with MemoryMeter(BUILDING_BYTES + BUILDING_TIMES * path.stat().st_size):
            found = spandrel.ModelLoader().load_from_state_dict(spandrel.canonicalize_state_dict(weights))
    except spandrel.UnsupportedModelError as error:
        raise NoCardError(
            f"{path}: has no uniremoval card, and is no network that spandrel knows; use a checkpoint of this project, "
            "or of an image-to-image network in spandrel's list."
        ) from error
    except MemoryError as error:
        raise CheckpointError(f"{path}: building its network {error}; use a smaller one.") from error
    except Exception as error:  # of any kind, since each architecture reads the shapes in its own way
        raise CheckpointError(f"{path}: its weights fit no network ({brief(error)}); get the file again.") from error
    architecture = found.architecture.name
    if not isinstance(found, spandrel.ImageModelDescriptor):
        raise CheckpointError(
            f"{path}: {architecture} fills holes and needs a mask; use a network that restores photos."
        )
    if found.scale != 1:
        raise CheckpointError(
            f"{path}: {architecture} enlarges photos {found.scale} times; use a network that keeps their size."
        )
    if (found.input_channels, found.output_channels) != (3, 3):
        raise CheckpointError(
            f"{path}: {architecture} takes {found.input_channels} channels and returns {found.output_channels}; "
            "use a network for colour photos, which have 3."
        )
    try:
        network = OtherNetwork(found)
    except Exception as error:  # of any kind, since it runs the architecture's own code
        raise CheckpointError(
            f"{path}: {architecture} fails on a small tile ({brief(error)}); use another file."
        ) from error
    return network, Card(_name(path), Stage.OTHER, (), architecture, {}, licence=LICENCE)


def _weights(path: Path) -> dict[str, object]:
    """Tensors by name, without running code that the file may hold."""
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: is damaged, or holds more than weights, which is not loaded, as it could be a program; get it "
            "again, best as .safetensors."
        ) from error
    except Exception as error:  # of any kind, since damaged pickles end in any
        raise CheckpointError(f"{path}: cannot be read as weights ({type(error).__name__}); get it again.") from error
    if not isinstance(weights, dict):
        raise CheckpointError(f"{path}: holds a {type(weights).__name__}, not weights by name; use another file.")
    return weights


def _name(path: Path) -> str:
    return re.sub(r"[^\w .+-]", "-", path.stem).lstrip(" .+-")[:100] or "other"

"""One checkpoint is one `.safetensors` file: the weights, and a card (JSON in the file's metadata) that says what
they are, how they were trained, and how good they were measured to be."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from uniremoval.errors import CheckpointError, NoCardError
from uniremoval.method import Degradation, Stage
from uniremoval.networks import NETWORKS, RestorationNet, build
from uniremoval.whole_files import whole_file

CARD_KEY = "uniremoval_card"


@dataclass(frozen=True)
class Card:
    """Metadata of a checkpoint.

    degradations: what it removes; one for a teacher, all for a student.
    config: keyword arguments of the network called `network` (see `uniremoval.networks.NETWORKS`).
    training: data, steps, seconds, hardware, seed, git commit, parent checkpoints, as the training run knew them.
    scores: one entry per measured set, each with the command that measured it.
    """

    name: str
    stage: Stage
    degradations: tuple[Degradation, ...]
    network: str
    config: dict[str, Any]
    training: dict[str, Any] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    licence: str = "MIT"

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Raises ValueError, KeyError, TypeError or RecursionError where the text is not a card."""
        values = json.loads(text)
        values["stage"] = Stage(values["stage"])
        values["degradations"] = tuple(Degradation(d) for d in values["degradations"])
        card = cls(**values)
        for name, kind in (
            ("name", str),
            ("network", str),
            ("config", dict),
            ("training", dict),
            ("scores", list),
        ):
            if not isinstance(getattr(card, name), kind):
                raise TypeError(f"{name} is no {kind.__name__}")
        return card


def save(path: Path, network: nn.Module, card: Card, dtype: torch.dtype = torch.float16) -> None:
    """Write weights and card to `path`, all or nothing: a reader never sees half a file.

    dtype: what the weights are stored as; half precision halves the file and changes restorations by less than an
    8-bit step. Raises OSError when the folder cannot be written.
    """
    weights = {key: value.detach().to("cpu", dtype).contiguous() for key, value in network.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial:
        try:
            save_file(weights, partial, metadata={CARD_KEY: card.to_json()})
        except SafetensorError as error:
            raise OSError(f"{path}: cannot be written ({error})") from error


def read_card(path: Path) -> Card:
    """The card alone, without the weights. Raises CheckpointError."""
    if os.path.exists(path) and not os.path.isfile(path):  # to open a pipe would wait for somebody to write into it
        raise CheckpointError(f"{path}: is no file; give a checkpoint's path.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such checkpoint file.") from error
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path}: not a readable safetensors file ({error}). It may be cut off or of another kind; "
            "get it again. Pickled weights are not loaded under this name."
        ) from error
    return card_in(metadata, path)


def card_in(metadata: Mapping[str, str], path: Path | str) -> Card:
    """The card in the metadata of a safetensors file; path: what errors call the file. Raises CheckpointError,
    NoCardError where there is none."""
    if CARD_KEY not in metadata:
        raise NoCardError(
            f"{path}: has no uniremoval card, so its network is unknown. Use a checkpoint saved by this project."
        )
    try:
        card = Card.from_json(metadata[CARD_KEY])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{path}: its card cannot be understood ({error}). Get the file again.") from error
    if card.network == "restorer":
        raise CheckpointError(
            f"{path}: is for the network of version 0 that saw one scale alone; train it anew, with "
            "python -m train.teacher or train.transfer."
        )
    if card.network not in NETWORKS:
        raise CheckpointError(
            f"{path}: needs the network {card.network!r}; this version knows {', '.join(NETWORKS)}. "
            "Update uniremoval or use another checkpoint."
        )
    return card


def load(path: Path) -> tuple[RestorationNet, Card]:
    """Network in float32 with the stored weights, in evaluation mode, and its card. Raises CheckpointError."""
    card = read_card(path)
    try:
        with torch.device("meta"):
            network = build(card.network, card.config)
    except (TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path}: its network configuration does not fit {card.network!r}: {error}.") from error
    expected = network.state_dict()
    weights = {}
    with safe_open(path, framework="pt") as file:
        names = set(file.keys())
        if names != set(expected):
            missing, surplus = sorted(set(expected) - names)[:3], sorted(names - set(expected))[:3]
            raise CheckpointError(
                f"{path}: its weights do not match its card (missing: {missing or 'none'}, surplus: "
                f"{surplus or 'none'}). Get the file again."
            )
        for name, value in expected.items():
            stored = file.get_tensor(name)
            if stored.shape != value.shape:
                raise CheckpointError(
                    f"{path}: {name} is {tuple(stored.shape)}, its card asks for {tuple(value.shape)}. "
                    "Get the file again."
                )
            if not torch.isfinite(stored).all():
                raise CheckpointError(f"{path}: {name} holds values that are not numbers. Get the file again.")
            weights[name] = stored.to(value.dtype)
    network.load_state_dict(weights, assign=True)
    return network.eval(), card

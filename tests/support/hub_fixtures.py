"""A Hub on this machine with the five small checkpoints, and huggingface_hub pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub_server import running_hub
from tests.support.hub_state import Hub, Repo


@pytest.fixture
def hub_server(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with the five checkpoints in me/mine, and huggingface_hub pointed at it with an empty cache."""
    import huggingface_hub.constants

    from uniremoval import catalog, hub

    with running_hub() as running:
        constants = huggingface_hub.constants
        for name, value in {
            "ENDPOINT": running.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": running.url + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_TOKEN_PATH": str(tmp_path / "token"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_OFFLINE": False,
        }.items():
            monkeypatch.setattr(constants, name, value)
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", catalog.HUB_ENVIRONMENT, catalog.ENVIRONMENT):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(hub.client, "_kept", {})
        files = {path.name: path.read_bytes() for path in checkpoints.glob("*.safetensors")}
        running.repos["me/mine"] = Repo(files | {"README.md": b"# mine", "weights.bin": b"pickle"})
        yield running
        huggingface_hub.close_session()

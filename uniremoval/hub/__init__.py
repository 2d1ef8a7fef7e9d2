"""Checkpoints on the Hugging Face Hub. huggingface_hub is imported at the first question."""

from uniremoval.hub.client import SUFFIX, RemoteFile, ask, cache_folder, download, forget, listing
from uniremoval.hub.explain import explained
from uniremoval.hub.repository import Repository

__all__ = [
    "SUFFIX",
    "RemoteFile",
    "Repository",
    "ask",
    "cache_folder",
    "download",
    "explained",
    "forget",
    "listing",
]

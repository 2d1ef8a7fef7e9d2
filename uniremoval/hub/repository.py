"""The name of a model repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from uniremoval.errors import HubError

_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")


@dataclass(frozen=True)
class Repository:
    """A model repository, id "owner/name", at a revision: a branch, a tag or a commit.

    guest: set for one that a stranger names: it is read without this machine's token, and fetched into that folder.
    """

    id: str
    revision: str = "main"
    guest: Path | None = None

    @classmethod
    def parse(cls, text: str, guest: Path | None = None) -> Repository:
        """From "owner/name" or "owner/name@revision". Raises HubError."""
        from huggingface_hub.utils import validate_repo_id

        repo_id, _, revision = text.partition("@")
        try:
            validate_repo_id(repo_id)
            good = repo_id.count("/") == 1 and (not revision or _REVISION.fullmatch(revision)) and ".." not in revision
        except ValueError:
            good = False
        if not good or text.endswith("@"):
            raise HubError(f"{text!r} names no Hub repository; write it as owner/name or owner/name@revision.")
        return cls(repo_id, revision or "main", guest)

    @property
    def token(self) -> bool | None:
        """As huggingface_hub takes it: False for none, None for this machine's."""
        return None if self.guest is None else False

    def __str__(self) -> str:
        return self.id if self.revision == "main" else f"{self.id}@{self.revision}"

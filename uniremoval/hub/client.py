"""Checkpoints in a model repository on the Hugging Face Hub: which there are, and any of them into the local cache.

Everything goes through huggingface_hub, so its environment variables hold (HF_TOKEN, HF_HOME, HF_ENDPOINT,
HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT) and its cache is shared with other programs. Only `.safetensors` files are
ever fetched.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniremoval.errors import HubError, brief
from uniremoval.hub.explain import explained
from uniremoval.hub.repository import Repository

SUFFIX = ".safetensors"
TIMEOUT = 5.0
RETRY_AFTER = 60.0
MOST_FILES = 100
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class RemoteFile:
    """A `.safetensors` file of a repository at one commit. name: its path in the repository. size: in bytes.

    path: where it lies in the local cache once fetched. header: the metadata in the file, read without fetching the
    rest; None where the file was in the cache already, to be read there.
    """

    name: str
    commit: str
    path: Path
    size: int
    header: dict[str, str] | None


@dataclass(frozen=True)
class Listing:
    """The files of a repository; problems: a sentence for each thing that went wrong."""

    files: tuple[RemoteFile, ...]
    problems: tuple[str, ...]


_kept: dict[Repository, tuple[float, Listing]] = {}
_asking = threading.Lock()


def listing(repository: Repository) -> Listing:
    """The repository's files, asked once: kept until `forget`, or for a minute where the Hub could not be asked.

    Then, and with HF_HUB_OFFLINE, the files fetched earlier make up the list. Never raises HubError: what went wrong
    is in `problems`. Takes at most some TIMEOUTs, for nothing is tried twice.
    """
    with _asking:
        until, kept = _kept.get(repository, (0.0, None))
        if kept is None or time.monotonic() > until:
            try:
                kept, until = ask(repository), float("inf")
            except HubError as error:
                kept, until = _fetched_earlier(repository, error), time.monotonic() + RETRY_AFTER
            _kept[repository] = until, kept
        return kept


def forget(repository: Repository) -> None:
    """Let the next `listing` ask the Hub again."""
    with _asking:
        _kept.pop(repository, None)


def download(repository: Repository, name: str, *, commit: str | None = None) -> Path:
    """The file's path in the local cache, fetched and checked against the Hub's checksum if it was not there.

    commit: the version wanted if it is in the cache; the Hub is asked for the repository's revision otherwise.
    A first question that fails is not repeated; a download that breaks off is taken up again by huggingface_hub, which
    logs each attempt, up to five times in a row without new data. Raises HubError.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url

    if not name.endswith(SUFFIX):
        raise HubError(f"{repository}: {name!r} is not fetched, for only {SUFFIX} files are; name one of those.")
    known = commit or _commit_of(repository)
    if known and (path := _snapshot(repository, known) / name).is_file():
        return path
    with explained(repository, name):
        url = hf_hub_url(repository.id, name, revision=repository.revision, endpoint=constants.ENDPOINT)
        etag = get_hf_file_metadata(url, timeout=TIMEOUT, token=repository.token).etag
        fetched = hf_hub_download(
            repository.id,
            name,
            revision=repository.revision,
            etag_timeout=TIMEOUT,
            token=repository.token,
            cache_dir=repository.guest,
        )
    path = Path(fetched)
    if not _matches(path, etag or ""):
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise HubError(
            f"{repository}: {name} arrived damaged (its checksum is not the Hub's) and was thrown away; try again, and "
            "if that does not help, tell the repository's owner."
        )
    return path


def ask(repository: Repository) -> Listing:
    """The repository's files now, not cached. Raises HubError."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import SafetensorsParsingError

    api = HfApi(token=repository.token)
    with explained(repository):
        info = api.model_info(repository.id, revision=repository.revision, files_metadata=True, timeout=TIMEOUT)
        commit = info.sha or ""
        if not _COMMIT.fullmatch(commit):
            raise ValueError("no commit in the answer")
        found = [s for s in info.siblings or () if s.rfilename.endswith(SUFFIX) and _stays_inside(s.rfilename)]
    problems = []
    if len(found) > MOST_FILES:
        problems.append(f"{repository}: has {len(found)} {SUFFIX} files; only the first {MOST_FILES} are looked at.")

    def looked_at(sibling: Any) -> RemoteFile | str:
        name, path = sibling.rfilename, _snapshot(repository, commit) / sibling.rfilename
        header = None
        if not path.is_file():
            try:
                with explained(repository, name):
                    header = api.parse_safetensors_file_metadata(repository.id, name, revision=commit).metadata
                if not isinstance(header, dict):
                    raise TypeError("metadata of another kind")
            except (SafetensorsParsingError, AttributeError, TypeError, RecursionError) as error:
                return f"{repository}: {name} is no readable safetensors file ({brief(error)}); use another one."
        return RemoteFile(name, commit, path, sibling.size or 0, header)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(looked_at, found[:MOST_FILES]))
    files = tuple(result for result in results if isinstance(result, RemoteFile))
    return Listing(files, (*problems, *(result for result in results if isinstance(result, str))))


def _fetched_earlier(repository: Repository, error: HubError) -> Listing:
    from huggingface_hub import constants

    commit = _commit_of(repository)
    if not commit:
        return Listing((), (str(error),))
    folder = _snapshot(repository, commit)
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    files = tuple(
        RemoteFile(path.relative_to(folder).as_posix(), commit, path, path.stat().st_size, None)
        for path in paths
        if path.is_file()
    )
    if files and constants.HF_HUB_OFFLINE:
        return Listing(files, ())
    return Listing(files, (f"{error} Until then, what was fetched earlier is offered." if files else str(error),))


def cache_folder() -> Path:
    """Where huggingface_hub keeps what this machine fetches."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _repository_cache(repository: Repository) -> Path:
    return (repository.guest or cache_folder()) / f"models--{repository.id.replace('/', '--')}"


def _snapshot(repository: Repository, commit: str) -> Path:
    return _repository_cache(repository) / "snapshots" / commit


def _commit_of(repository: Repository) -> str | None:
    """The commit that the revision stood for when something was last fetched."""
    if _COMMIT.fullmatch(repository.revision):
        return repository.revision
    reference = _repository_cache(repository) / "refs" / repository.revision
    commit = reference.read_text().strip() if reference.is_file() else ""
    return commit if _COMMIT.fullmatch(commit) else None


def _stays_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/") and "\\" not in name


def _matches(path: Path, etag: str) -> bool:
    """Whether the content has that etag: SHA-256 for large files, git's SHA-1 for small ones. Others say nothing."""
    if re.fullmatch(r"[0-9a-f]{64}", etag):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == etag
    if re.fullmatch(r"[0-9a-f]{40}", etag):
        content = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == etag
    return True

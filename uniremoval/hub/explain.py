"""Errors of the Hub, as sentences that say what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from uniremoval.errors import HubError, brief

if TYPE_CHECKING:
    from uniremoval.hub.repository import Repository


@contextmanager
def explained(repository: Repository, name: str = "") -> Iterator[None]:
    """Turns exceptions of huggingface_hub into HubError, with a sentence that says what to do next."""
    from huggingface_hub import errors

    try:
        yield
    except ImportError as error:  # what httpx says of SOCKS
        reason = "the proxy that the environment names cannot be used: that needs pip install socksio"
        raise HubError(f"{repository}: {reason} ({brief(error)}); or unset it.") from error
    except (errors.HTTPError, errors.XetDownloadError, OSError, ValueError, RuntimeError, KeyError) as error:
        if isinstance(error, RecursionError):
            raise
        root: Exception = error
        while isinstance(root, errors.LocalEntryNotFoundError | RuntimeError) and isinstance(root.__cause__, Exception):
            root = root.__cause__
        raise HubError(_sentence(root, repository, name)) from error


def _sentence(error: Exception, repository: Repository, name: str) -> str:
    from huggingface_hub import constants, errors

    what, hub = f"{repository}: {name}:" if name else f"{repository}:", constants.ENDPOINT
    log_in = "log in with `hf auth login`, or set HF_TOKEN"
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else 0
    if repository.guest and (sentence := _guest_sentence(error, repository, status)):
        return sentence
    match error:
        case errors.OfflineModeIsEnabled() | errors.LocalEntryNotFoundError():
            cache = constants.HF_HUB_CACHE
            return f"{what} not in the cache {cache}, and HF_HUB_OFFLINE forbids to fetch it; unset that once."
        case errors.GatedRepoError():
            return f"{repository}: gated; accept its conditions at {hub}/{repository.id}, then {log_in}."
        case errors.RepositoryNotFoundError():
            return (
                f"{repository}: there is no such model repository at {hub}, or it is private; correct it, or {log_in}."
            )
        case errors.RevisionNotFoundError():
            return (
                f"{repository}: the repository has no revision {repository.revision!r}; name a branch, tag or commit."
            )
        case errors.EntryNotFoundError():
            return f"{repository}: has no file {name!r}; list what it has with `python -m uniremoval checkpoints`."
        case errors.HfHubHTTPError() if status in (401, 403):
            return f"{what} {hub} refuses access ({status}); {log_in} to a token that may do this."
        case errors.HfHubHTTPError() if status == 429:
            return f"{what} {hub} has had too many requests (429); wait some minutes and try again."
        case errors.HfHubHTTPError() if status >= 500:
            return f"{what} {hub} fails (error {status}); try again later."
        case errors.HfHubHTTPError():
            return f"{what} {hub} refuses the request ({status}: {brief(error)})."
        case OSError() if error.errno is not None and not isinstance(error, ConnectionError | TimeoutError):
            return f"{what} cannot be stored ({error.strerror}); make room in {constants.HF_HUB_CACHE} or set HF_HOME."
        case OSError() if "Consistency check" in str(error):
            return f"{what} arrived incomplete; try again."
        case errors.HTTPError() | ConnectionError() | TimeoutError():
            reason = type(error).__name__
            return f"{what} {hub} cannot be reached or broke off ({reason}); check the network, then try again."
    return f"{what} {hub} gave an answer that makes no sense ({brief(error)}); check HF_ENDPOINT, then try again."


def _guest_sentence(error: Exception, repository: Repository, status: int) -> str | None:
    """Where a guest can do something else about it than who runs this machine."""
    from huggingface_hub import constants, errors

    hub = constants.ENDPOINT
    match error:
        case errors.OfflineModeIsEnabled():
            return f"{repository}: this server may not ask the Hub (HF_HUB_OFFLINE is set); add a file instead."
        case errors.GatedRepoError():
            return f"{repository}: gated, and read here without an account; name one that is open to all."
        case errors.RepositoryNotFoundError():
            return f"{repository}: there is no such public model repository at {hub}; correct the name."
        case errors.HfHubHTTPError() if status in (401, 403):
            return f"{repository}: {hub} refuses access ({status}); name a repository that is open to all."
    return None

"""Where the app listens, and how it reaches itself there."""

from __future__ import annotations

import os
import socket

PORTS = 65535
FIRST_PORT, PORTS_TRIED = 7860, 100
HOST, PORT, TRIED = "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS"
LOOPBACK = "127.0.0.1"
PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


class Unusable(Exception):
    """Nothing can listen where it was asked for; says why, in one sentence."""


def bracketed(host: str) -> str:
    """As it stands in a web address: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def chosen_place(host: str | None, port: str | None) -> tuple[str, int]:
    """Host, as it stands in a web address, and port to listen at, by these options, else by Gradio's variables.

    Without a port it is the first free one from 7860. Raises Unusable.
    """
    host_by, host = ("--host", host) if host else (HOST, os.environ.get(HOST) or LOOPBACK)
    port_by, port = ("--port", port) if port is not None else (PORT, os.environ.get(PORT) or None)
    name = host.removeprefix("[").removesuffix("]")
    if port is not None:
        number = _whole(port_by, port, PORTS)
        _listen(name, 0, host_by)
        try:
            _listen(name, number, host_by)
        except OSError as error:
            reason = f"nothing can listen at {name} there ({error.strerror})"
            raise Unusable(f"{port_by} {port}: {reason}; choose another, or leave it out") from error
        return bracketed(name), number
    tried = _whole(TRIED, os.environ.get(TRIED) or str(PORTS_TRIED), PORTS)
    _listen(name, 0, host_by)
    last = min(FIRST_PORT + tried - 1, PORTS)
    for number in range(FIRST_PORT, last + 1):
        try:
            _listen(name, number, host_by)
        except OSError:  # taken: the next one may be free
            continue
        return bracketed(name), number
    raise Unusable(f"--port: none from {FIRST_PORT} to {last} is free at {name}; choose another")


def _whole(given_by: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise Unusable(f"{given_by} {text}: must be a whole number from 1 to {most}; choose another, or leave it out")
    return int(text)


def _listen(name: str, port: int, given_by: str) -> None:
    """Try to. OSError: this port cannot be had. Raises Unusable where no port of that host can.

    Gradio looks whether a port is free at an IPv4 address even where it is to listen at an IPv6 address alone.
    """
    try:
        kind, _, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no host can be called so"
        raise Unusable(_no_host(given_by, name, reason)) from error
    places = [(kind, address)]
    if kind == socket.AF_INET6 and port:
        places.append((socket.AF_INET, (LOOPBACK, port)))
    for kind, address in places:
        try:
            with socket.socket(kind, socket.SOCK_STREAM) as trial:
                if os.name == "posix":  # elsewhere it would let two programs have one port
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
        except OSError as error:
            if port:
                raise
            raise Unusable(_no_host(given_by, name, error.strerror)) from error


def _no_host(given_by: str, name: str, reason: str | None) -> str:
    return f"{given_by} {name}: this machine cannot listen there ({reason}); 127.0.0.1 or 0.0.0.0 are usual"


def reach_itself(host: str) -> list[str]:
    """Let no proxy stand between the app and itself, since Gradio looks whether it answers; returns what is to be said.

    httpx, which looks, fails on a proxy that it cannot use, even where none is to be asked: such a one is not used.
    Gradio's variables for host and port are no longer needed, and would stop it where they make no sense.
    """
    for variable in (PORT, TRIED):
        os.environ.pop(variable, None)
    os.environ[HOST] = LOOPBACK if ":" in host else host
    own = ["localhost", LOOPBACK, "::1", host.strip("[]")]
    kept = [name for variable in ("no_proxy", "NO_PROXY") for name in os.environ.get(variable, "").split(",")]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(dict.fromkeys(filter(None, map(str.strip, kept + own))))
    return [
        f"{variable} names a proxy that cannot be used ({reason}), so none is; correct or unset it."
        for variable in (*PROXIES, *map(str.lower, PROXIES))
        if (reason := _useless(os.environ.get(variable))) and os.environ.pop(variable)
    ]


def _useless(proxy: str | None) -> str | None:
    """Why httpx cannot use this proxy; None if it can, or if there is none."""
    import httpx

    if not proxy:
        return None
    try:
        httpx.HTTPTransport(proxy=proxy if "://" in proxy else f"http://{proxy}").close()
    except ImportError:
        return "SOCKS needs pip install socksio"
    except (ValueError, httpx.InvalidURL):
        return "its address makes no sense"
    return None

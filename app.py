"""The web app: `python app.py`, then open the address it prints. Options: `python app.py --help`."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

# Idle PyTorch threads would spin, and starve those that work on the other core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
AUTH = "UNIREMOVAL_AUTH"


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Remove haze, rain and blur from photos, in the browser.")
    parser.add_argument("--checkpoints", type=Path, metavar="DIR", help="folder of more checkpoints to offer")
    parser.add_argument("--hub-repo", default="", metavar="OWNER/NAME[@REVISION]", help="more from the Hub")
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1 or mps")
    parser.add_argument("--host", help="address to listen on (default: GRADIO_SERVER_NAME, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (default: GRADIO_SERVER_PORT, else the first free from 7860)")
    parser.add_argument("--max-megapixels", type=float, default=50.0, metavar="N", help="largest photo (default 50)")
    parser.add_argument("--root-path", help="path or address a proxy serves this at (default: GRADIO_ROOT_PATH)")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="ask for these (default: UNIREMOVAL_AUTH, else nobody)")
    parser.add_argument("--share", action="store_true", help="also make a public address through gradio.live")
    parser.add_argument("--inbrowser", action="store_true", help="open the page in this machine's browser")
    chosen = parser.parse_args(arguments)
    if chosen.checkpoints and not chosen.checkpoints.is_dir():
        parser.error(f"--checkpoints {chosen.checkpoints}: there is no such folder; correct the path")
    if chosen.hub_repo and not re.fullmatch(r"[\w.-]+/[\w.-]+(@\S+)?", chosen.hub_repo):
        parser.error(f"--hub-repo {chosen.hub_repo}: not a Hub repository; write owner/name or owner/name@revision")
    if chosen.root_path and not re.match(r"/|https?://", chosen.root_path):
        parser.error(f"--root-path {chosen.root_path}: must begin with / or https://; correct it")
    given_by, auth = ("--auth", chosen.auth) if chosen.auth is not None else (AUTH, os.environ.get(AUTH) or None)
    user, _, password = (auth or "").partition(":")
    if auth is not None and not (user and password):
        parser.error(f"{given_by}: must be a user and a password with a colon between them, user:password")
    chosen.auth = (user, password) if auth else None
    return chosen


def main() -> None:
    chosen = options()
    from uniremoval.ui.engine import Engine, Settings
    from uniremoval.ui.layout import build
    from uniremoval.ui.serve import scratch_folder, serve

    settings = Settings(chosen.checkpoints, chosen.device, chosen.max_megapixels, chosen.hub_repo)
    engine = Engine(settings)
    engine.warm_up()
    with scratch_folder():
        serve(
            build(engine),
            settings.max_upload_bytes,
            server_name=chosen.host,
            server_port=chosen.port,
            root_path=chosen.root_path,
            auth=chosen.auth,
            share=chosen.share or None,
            inbrowser=chosen.inbrowser,
        )


def __getattr__(name: str) -> Any:
    """`app.demo`, for hosts that import this file instead of running it; built when first asked for."""
    if name != "demo":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from uniremoval.ui.engine import Engine, Settings
    from uniremoval.ui.layout import build

    globals()["demo"] = demo = build(Engine(Settings()))
    return demo


if __name__ == "__main__":
    main()

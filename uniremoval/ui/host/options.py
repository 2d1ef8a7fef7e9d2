"""The app's command-line options."""

from __future__ import annotations

import argparse
import math
import os
import re
from pathlib import Path

from uniremoval.ui.host.address import Unusable, chosen_place

AUTH = "UNIREMOVAL_AUTH"
TEMPORARY = "GRADIO_TEMP_DIR"
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Remove haze, rain and blur from photos, in the browser.")
    parser.add_argument("--checkpoints", type=Path, metavar="DIR", help="folder of more checkpoints to offer")
    parser.add_argument("--hub-repo", default="", metavar="OWNER/NAME[@REVISION]", help="more from the Hub")
    parser.add_argument("--device", default="auto", help="auto (default), cuda, cuda:1, mps or cpu")
    parser.add_argument("--host", help="address to listen on (default: GRADIO_SERVER_NAME, else 127.0.0.1)")
    parser.add_argument("--port", help="port (default: GRADIO_SERVER_PORT, else the first free from 7860)")
    parser.add_argument("--max-megapixels", type=float, default=50.0, metavar="N", help="largest photo (default 50)")
    parser.add_argument("--root-path", help="path or address a proxy serves this at (default: GRADIO_ROOT_PATH)")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="ask for these (default: UNIREMOVAL_AUTH, else nobody)")
    parser.add_argument("--share", action="store_true", help="also make a public address through gradio.live")
    parser.add_argument("--inbrowser", action="store_true", help="open the page in this machine's browser")
    chosen = parser.parse_args(arguments)
    if not 0 < chosen.max_megapixels < math.inf:
        parser.error(f"--max-megapixels {chosen.max_megapixels:g}: must be a number above 0; 50 is usual")
    if not DEVICE.fullmatch(chosen.device):
        parser.error(f"--device {chosen.device}: there is no such device; choose auto, cuda, cuda:1, mps or cpu")
    try:
        chosen.host, chosen.port = chosen_place(chosen.host, chosen.port)
    except Unusable as error:
        parser.error(str(error))
    if chosen.checkpoints and not os.path.isdir(chosen.checkpoints):
        parser.error(f"--checkpoints {chosen.checkpoints}: there is no such folder; correct the path")
    if reason := _unusable_folder(os.environ.get(TEMPORARY)):
        parser.error(reason)
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


def _unusable_folder(folder: str | None) -> str | None:
    """Why photos cannot be kept in the folder that Gradio's variable names; None if they can, or if it names none."""
    if not folder:
        return None
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        return f"{TEMPORARY} {folder}: cannot be made a folder ({error.strerror}); correct or unset it"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{TEMPORARY} {folder}: may not be written to; correct its permissions, or unset it"
    return None

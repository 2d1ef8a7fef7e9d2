"""The web app: `python app.py`, then open the address it prints. Options: `python app.py --help`."""

from __future__ import annotations

import os
from typing import Any

from uniremoval.ui.host.address import reach_itself
from uniremoval.ui.host.options import options
from uniremoval.ui.host.process import complain, run

# Idle PyTorch threads would spin, and starve those that work on the other core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def main() -> None:
    run(_serve)


def _serve() -> None:
    chosen = options()
    for sentence in reach_itself(chosen.host):
        complain(sentence)
    from uniremoval.ui.host.serve import scratch_folder, serve
    from uniremoval.ui.layout import build
    from uniremoval.ui.work.engine import Engine, Settings

    settings = Settings(chosen.checkpoints, chosen.device, chosen.max_megapixels, chosen.hub_repo)
    engine = Engine(settings)
    if chosen.device not in ("auto", "cpu"):  # to ask for others takes PyTorch, and seconds
        engine.device_name()
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
    from uniremoval.ui.layout import build
    from uniremoval.ui.work.engine import Engine, Settings

    globals()["demo"] = demo = build(Engine(Settings()))
    return demo


if __name__ == "__main__":
    main()

"""The web app: `python app.py`, then open the address it prints. Options: `python app.py --help`."""

from __future__ import annotations

import os
from typing import Any

from uniremoval.ui.options import options

# Idle PyTorch threads would spin, and starve those that work on the other core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


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

"""`python -m uniremoval`."""

from __future__ import annotations

from uniremoval.cli import run

if __name__ == "__main__":
    run()

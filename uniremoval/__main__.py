"""`python -m uniremoval`."""

from __future__ import annotations

import sys

from uniremoval.cli import main

if __name__ == "__main__":
    sys.exit(main())

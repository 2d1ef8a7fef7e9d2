"""Where the files lie that come with the program, and what stands for its standard streams."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "assets" if (ROOT / "assets").is_dir() else Path(sys.prefix) / "share" / "uniremoval" / "assets"
"""In a checkout, or where pip installs data files."""
STANDARD_INPUT, STANDARD_OUTPUT = Path("/dev/stdin"), Path("/dev/stdout")
"""Also where there are no such files, or they may not be opened anew."""

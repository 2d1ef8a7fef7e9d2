"""`pip install .` gives a command that works anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support import files
from uniremoval.paths import ROOT


@pytest.mark.slow
def test_the_command_restores_outside_the_checkout(tmp_path: Path) -> None:
    """Into an environment that takes all other packages from this one."""
    venv.create(tmp_path / "venv", with_pip=False, system_site_packages=True)
    python = tmp_path / "venv" / "bin" / "python"
    packages = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    site = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    (site / "these.pth").write_text(f"{packages}\n")
    source = tmp_path / "source"
    source.mkdir()
    for name in ("uniremoval", "assets", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        (source / name).symlink_to(ROOT / name)
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", source]
    subprocess.run(install, check=True, capture_output=True)
    photo = files.jpeg(tmp_path)
    command = [tmp_path / "venv" / "bin" / "uniremoval", "restore", photo, "-o", tmp_path / "out"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert (tmp_path / "out" / "photo.jpg").is_file()

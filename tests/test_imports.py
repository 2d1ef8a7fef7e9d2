"""Who may import whom: read from every source file, not from what happens to be loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EVALUATION = ("train/evaluate.py", "train/sheet.py")
SOURCES = sorted([ROOT / "app.py", *ROOT.glob("uniremoval/**/*.py"), *ROOT.glob("train/**/*.py")])


@dataclass(frozen=True)
class Import:
    """file and module are as in "uniremoval/cli.py" and "uniremoval.photo". lazy: inside a function."""

    file: str
    module: str
    lazy: bool

    def of(self, package: str) -> bool:
        return self.module == package or self.module.startswith(f"{package}.")


def imports_of(path: Path) -> Iterator[Import]:
    file = path.relative_to(ROOT).as_posix()
    package = list(path.relative_to(ROOT).parent.parts)

    def visit(node: ast.AST, lazy: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return
        if isinstance(node, ast.Import):
            yield from (Import(file, alias.name, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield Import(file, module, lazy)
            yield from (Import(file, f"{module}.{alias.name}", lazy) for alias in node.names)
        lazy = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, lazy)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), False)


IMPORTS = [found for path in SOURCES for found in imports_of(path)]


def offenders(
    package: str, *, allowed: tuple[str, ...] = (), inside: str = "", eager_only: bool = False
) -> list[Import]:
    """Imports of `package` in files that start with `inside`, but not in the allowed ones."""
    return [
        found
        for found in IMPORTS
        if found.of(package)
        and found.file.startswith(inside)
        and not found.file.startswith(allowed or ("\0",))
        and not (eager_only and found.lazy)
    ]


def test_the_sources_were_read() -> None:
    files = {found.file for found in IMPORTS}
    assert {"uniremoval/restore.py", "uniremoval/quality.py", "uniremoval/networks/restorer.py"} <= files
    assert any(found.of("pyiqa") for found in IMPORTS) and any(found.of("torch") for found in IMPORTS)
    assert Import("uniremoval/networks/__init__.py", "uniremoval.networks.restorer", False) in IMPORTS


def test_the_package_never_imports_training() -> None:
    assert offenders("train", inside="uniremoval") == []
    assert offenders("train", inside="app.py") == []


def test_gradio_only_in_the_interface() -> None:
    assert offenders("gradio", allowed=("uniremoval/ui/", "app.py")) == []


def test_pyiqa_only_in_quality_and_lazily() -> None:
    assert offenders("pyiqa", allowed=("uniremoval/quality.py",)) == []
    assert offenders("pyiqa", eager_only=True) == []


def test_the_hub_client_only_where_it_is_used_and_lazily() -> None:
    assert (
        offenders("huggingface_hub", allowed=("uniremoval/hub.py", "uniremoval/hub_errors.py", "train/publish.py"))
        == []
    )
    assert offenders("huggingface_hub", eager_only=True) == []


def test_nothing_imports_torchvision() -> None:
    assert offenders("torchvision") == []


def test_the_core_knows_nothing_of_the_interface() -> None:
    assert offenders("uniremoval.ui", allowed=("uniremoval/ui/", "app.py")) == []
    assert offenders("app") == []


def test_networks_know_nothing_of_the_rest() -> None:
    within = [found for found in IMPORTS if found.file.startswith("uniremoval/networks/")]
    assert [found for found in within if found.of("uniremoval") and not found.of("uniremoval.networks")] == []


def test_the_app_reaches_the_core_through_the_interface() -> None:
    own = [found for found in IMPORTS if found.file == "app.py" and found.of("uniremoval")]
    assert own and all(found.of("uniremoval.ui") for found in own if found.module != "uniremoval")


def test_training_uses_only_what_it_may() -> None:
    allowed = {"networks", "catalog", "checkpoint", "quality", "photo", "errors"}
    for found in IMPORTS:
        if found.file.startswith("train/") and found.of("uniremoval") and found.module != "uniremoval":
            engine = {"restore"} if found.file in EVALUATION else set()
            client = {"hub"} if found.file == "train/publish.py" else set()
            assert found.module.split(".")[1] in allowed | engine | client, found


def test_photo_reading_needs_no_torch() -> None:
    code = "import sys, uniremoval.photo; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("module", ["uniremoval", "uniremoval.cli", "uniremoval.errors"])
def test_cheap_to_import(module: str) -> None:
    code = f"import sys, {module}; sys.exit(any(m in sys.modules for m in ('torch', 'numpy', 'PIL', 'gradio')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_checkpoint_loads_without_the_compiler() -> None:
    code = "import sys; from uniremoval.restore import load_restorer as load; load(); sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_every_public_name_exists() -> None:
    import uniremoval

    assert all(getattr(uniremoval, name) is not None for name in uniremoval.__all__)
    assert set(uniremoval.__all__) <= set(dir(uniremoval))
    with pytest.raises(AttributeError, match="no attribute 'restor'"):
        uniremoval.restor  # noqa: B018

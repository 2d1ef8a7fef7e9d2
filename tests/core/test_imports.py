"""Who may import whom: read from every source file, not from what happens to be loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from uniremoval.paths import ROOT

EVALUATION = ("train/evaluate.py", "train/reporting/contact_sheet.py")
LONGEST_FILE = 300
FLOORS = """
app
uniremoval.ui.layout
uniremoval.ui.host
uniremoval.ui.restore uniremoval.ui.batch uniremoval.ui.checkpoints uniremoval.ui.about uniremoval.ui.api
uniremoval.ui.work
uniremoval.ui.visit
uniremoval.ui.viewer
uniremoval.ui.parts
uniremoval.ui.limits uniremoval.ui.text uniremoval.ui.theme uniremoval.ui.queues
uniremoval.cli
uniremoval.commands
uniremoval.bench
uniremoval.batch
uniremoval.ensemble uniremoval.sources
uniremoval.restore
uniremoval.coarse_to_fine
uniremoval.catalog
uniremoval.other_checkpoints
uniremoval.checkpoint uniremoval.hub uniremoval.photo uniremoval.quality
uniremoval.networks uniremoval.tiling uniremoval.memory uniremoval.device
uniremoval.errors uniremoval.paths uniremoval.method uniremoval.whole_files
"""
"""Top to bottom: a module imports from floors below its own, and from its own package."""
TRAIN_FLOORS = """
train.ablate train.bench
train.teacher train.transfer train.adapt train.average train.evaluate train.report train.publish
train.prepare train.preview
train.engine train.reporting
train.data
train.degradations train.losses train.config
"""
SOURCES = sorted([ROOT / "app.py", *ROOT.glob("uniremoval/**/*.py"), *ROOT.glob("train/**/*.py")])


@dataclass(frozen=True)
class Import:
    """file and module are as in "uniremoval/cli.py" and "uniremoval.photo".

    lazy: inside a function, or for type checks alone.
    """

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
            lazy = True
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
    assert {"uniremoval/restore.py", "uniremoval/quality/reference.py", "uniremoval/networks/restorer.py"} <= files
    assert any(found.of("pyiqa") for found in IMPORTS) and any(found.of("torch") for found in IMPORTS)
    assert Import("uniremoval/networks/__init__.py", "uniremoval.networks.restorer", False) in IMPORTS


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(path.relative_to(ROOT).as_posix()) for path in SOURCES}


def part_of(module: str, packages: Collection[str]) -> str | None:
    return next((package for package in packages if f"{module}.".startswith(f"{package}.")), None)


@pytest.mark.parametrize("drawing", [FLOORS, TRAIN_FLOORS])
def test_no_import_runs_back_up(drawing: str) -> None:
    floors = {word: depth for depth, line in enumerate(drawing.strip().splitlines()) for word in line.split()}
    for found in IMPORTS:
        above, below = part_of(module_of(found.file), floors), part_of(found.module, floors)
        if above and below and above != below:
            assert floors[above] < floors[below], f"{found.file} imports {found.module}"


def test_every_module_has_its_floor() -> None:
    words = [*FLOORS.split(), *TRAIN_FLOORS.split()]
    roots = {"uniremoval", "uniremoval.__main__", "uniremoval.ui", "train"}
    assert [module for module in MODULES - roots if part_of(module, words) is None] == []


def test_imports_run_in_no_circle() -> None:
    """Imports for type checks alone and those inside functions count, too."""
    edges: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in IMPORTS:
        if found.module in MODULES and found.module not in ("uniremoval", "train", module_of(found.file)):
            edges[module_of(found.file)].add(found.module)
    while leaves := {module for module, below in edges.items() if not below & edges.keys()}:
        for module in leaves:
            del edges[module]
    assert edges == {}


def test_no_file_is_long() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): path.read_text().count("\n") for path in SOURCES}
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_the_package_never_imports_training() -> None:
    assert offenders("train", inside="uniremoval") == []
    assert offenders("train", inside="app.py") == []


def test_gradio_only_in_the_interface() -> None:
    assert offenders("gradio", allowed=("uniremoval/ui/", "app.py")) == []


def test_pyiqa_only_where_scores_are_computed_which_is_imported_lazily() -> None:
    modules = ("naturalness", "similarity")
    assert offenders("pyiqa", allowed=tuple(f"uniremoval/quality/{module}.py" for module in modules)) == []
    assert all(offenders(f"uniremoval.quality.{module}", eager_only=True) == [] for module in modules)


def test_the_hub_client_only_where_it_is_used_and_lazily() -> None:
    assert offenders("huggingface_hub", allowed=("uniremoval/hub/", "train/publish.py")) == []
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
    assert own and all(
        found.of("uniremoval.ui") or found.of("uniremoval.errors") for found in own if found.module != "uniremoval"
    )


def test_training_uses_only_what_it_may() -> None:
    allowed = {"networks", "device", "catalog", "checkpoint", "quality", "photo", "errors", "method", "paths"}
    allowed |= {"whole_files", "memory"}
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

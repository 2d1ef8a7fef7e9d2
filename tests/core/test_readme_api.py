"""The examples in uniremoval/README.md, run as they stand on the running app, and the API's own description."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from gradio_client import Client, handle_file

from tests.support import files
from tests.support.browser import ROOT
from uniremoval.catalog import Catalog
from uniremoval.photo import encode
from uniremoval.restore import load_restorer

ADDRESS = "http://127.0.0.1:7860"


def example(language: str, url: str) -> str:
    """The block of that language in the section on HTTP."""
    section = (ROOT / "uniremoval" / "README.md").read_text(encoding="utf-8").split("## Over HTTP")[1].split("\n## ")[0]
    [block] = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert ADDRESS in block
    return block.replace(ADDRESS, url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.jpeg(tmp_path, name="foggy.jpg", height=50, width=70)
    return tmp_path


def expected(folder: Path, checkpoints: Path) -> bytes:
    torch.set_num_threads(1)
    restorer = load_restorer("student-adapted", catalog=Catalog([checkpoints]))
    return encode(restorer.restore(folder / "foggy.jpg").photo, "PNG")


def output_of(command: list[str], folder: Path) -> str:
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_python(app: str, folder: Path, checkpoints: Path) -> None:
    path, brisque = output_of([sys.executable, "-c", example("python", app)], folder).splitlines()[-1].rsplit(" ", 1)
    assert Path(path).read_bytes() == expected(folder, checkpoints)
    assert -100 < float(brisque) < 300


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="curl or bash is not installed")
def test_curl(app: str, folder: Path, checkpoints: Path) -> None:
    printed = output_of(["bash", "-e", "-c", example("bash", app)], folder)
    assert "event: complete" in printed and '"brisque"' in printed
    assert (folder / "clear.png").read_bytes() == expected(folder, checkpoints)


def test_javascript(app: str, folder: Path, checkpoints: Path) -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--silent", "@gradio/client"]
    try:
        installed = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120).returncode == 0
    except subprocess.TimeoutExpired:
        installed = False
    if not installed:
        pytest.skip("npm cannot install @gradio/client here")
    (folder / "example.mjs").write_text(example("js", app))
    assert -100 < float(output_of(["node", "example.mjs"], folder)) < 300
    assert (folder / "clear.png").read_bytes() == expected(folder, checkpoints)


def complaints(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Where a value is not what its JSON schema says, as far as ours go."""
    if "oneOf" in schema:
        tried = [complaints(value, each, where) for each in schema["oneOf"]]
        return [] if sum(not found for found in tried) == 1 else [f"{where}: {value!r} is none of {schema['oneOf']}"]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{where}: {value!r} is not in {schema['enum']}"]
    kinds = {"object": dict, "array": list, "string": str, "number": (int, float), "null": type(None)}
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{where}: {value!r} is no {schema['type']}"]
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [f"{where}: {value} is out of range"]
    found = [f"{where}: no {name}" for name in schema.get("required", ()) if name not in value]
    if isinstance(value, list):
        return [each for i, item in enumerate(value) for each in complaints(item, schema["items"], f"{where}[{i}]")]
    if isinstance(value, dict) and (known := schema.get("properties")):
        found += [f"{where}: {name} is not described" for name in value if name not in known]
        found += [x for name in value if name in known for x in complaints(value[name], known[name], f"{where}.{name}")]
    return found


def test_answers_are_as_described(app: str, folder: Path) -> None:
    client = Client(app, verbose=False)
    described = client.view_api(return_format="dict")["named_endpoints"]
    photo = handle_file(folder / "foggy.jpg")
    flat = handle_file(files.png(folder, files.noise(8, 8, 3, bits=8), name="tiny.png"))
    calls = {
        "/restore": [(photo, "student"), (photo,)],
        "/score": [(photo,), (photo, photo), (flat,)],
        "/checkpoints": [()],
    }
    assert set(described) == set(calls)
    for name, endpoint in described.items():
        for item in (*endpoint["parameters"], *endpoint["returns"]):
            assert not re.fullmatch(r"\d+(st|nd|rd|th)", item["label"])
            assert item["python_type"]["description"]
            assert item["python_type"]["type"] != "Any"
        for arguments in calls[name]:
            answer = client.predict(*arguments, api_name=name)
            answers = answer if isinstance(answer, tuple) else (answer,)
            for value, returned in zip(answers, endpoint["returns"], strict=True):
                if returned["python_type"]["type"] != "filepath":
                    assert complaints(value, returned["type"]) == []
    assert "up to 13 megapixels" in described["/score"]["parameters"][0]["python_type"]["description"]
    assert complaints({"value": 101.0, "reason": None}, described["/score"]["returns"][0]["type"]["properties"]["piqe"])

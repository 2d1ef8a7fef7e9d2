"""Gradio's sweeper of temporary files goes on while photos are uploaded."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("gradio")

import gradio as gr
from gradio.route_utils import delete_files_created_by_app

from uniremoval.ui.host.temporary import Steady, keep_sweeping


def test_a_steady_set_may_grow_while_it_is_gone_through() -> None:
    files = Steady({"a", "b"})
    seen = []
    for name in files:
        files.add(f"{name}, copied")
        seen.append(name)
    assert sorted(seen) == ["a", "b"] and len(files) == 4


def test_sweeping_deletes_what_components_and_uploads_left_and_forgets_it(tmp_path: Path) -> None:
    with gr.Blocks() as demo:
        component = gr.File()
    keep_sweeping(demo)
    assert all(isinstance(files, Steady) for files in demo.temp_file_sets)
    made, uploaded = tmp_path / "made", tmp_path / "uploaded"
    for path, files in ((made, component.temp_files), (uploaded, demo.upload_file_set)):
        path.touch()
        files.add(str(path))
    delete_files_created_by_app(demo, age=None)
    assert not made.exists() and not uploaded.exists()
    assert not component.temp_files and not demo.upload_file_set

"""Temporary files of uploads and results, which Gradio deletes when they are old."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr


class Steady(set[str]):
    """A set that may grow while somebody goes through it."""

    def __iter__(self) -> Iterator[str]:
        return iter(set(self))  # copied in one step, in which no other thread can add to it


def keep_sweeping(demo: gr.Blocks) -> None:
    """Let Gradio's sweeper survive uploads in mid-sweep.

    It goes through sets that requests add to, and the first error, "Set changed size during iteration", ends it for
    good (Gradio 6.31): from then on no file is deleted.
    """
    demo.upload_file_set = Steady(demo.upload_file_set)
    demo.temp_file_sets = [demo.upload_file_set]
    for block in demo.blocks.values():
        if hasattr(block, "temp_files"):
            block.temp_files = Steady(block.temp_files)
            demo.temp_file_sets.append(block.temp_files)

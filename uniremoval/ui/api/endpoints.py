"""The endpoints for programs: /restore, /score and /checkpoints, for gradio_client and any HTTP client.

Gradio reads their types from the annotations, which therefore are no strings here.
"""

import dataclasses
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import FileData
from gradio.utils import get_upload_folder

from uniremoval.errors import UniremovalError
from uniremoval.photo import Photo, save
from uniremoval.ui.visit.uploads import sweep, uploaded
from uniremoval.ui.work.engine import Engine

OUTPUT_SECONDS = 600
"""A client that has called for a photo fetches it at once."""


def restore_endpoint(engine: Engine) -> Callable[..., Any]:
    def restore(photo: FileData, checkpoint: str = "student-adapted") -> tuple[FileData, dict]:
        """Restore a photo with one checkpoint. Returns the restored photo (PNG; 16 bit when the photo was) and its
        scores: BRISQUE and PIQE, lower is better, of the input and of the output."""
        try:
            given = _opened(engine, photo)
            with engine.machine.join() as turn:
                turn.hold()
                restored = engine.restore(str(checkpoint), given).photo
            sweep(Path(get_upload_folder()), "api-*", OUTPUT_SECONDS)
            folder = Path(tempfile.mkdtemp(prefix="api-", dir=get_upload_folder()))
            try:
                path = save(restored, folder / f"{checkpoint}.png")
            except UniremovalError:
                shutil.rmtree(folder)
                raise
            scores = {
                "input": _plain(engine.score(given.on_white)),
                "output": _plain(engine.score(restored.on_white)),
            }
            return FileData(path=str(path), orig_name=path.name), scores
        except UniremovalError as problem:
            raise gr.Error(engine.told(problem), print_exception=False) from problem

    return restore


def score_endpoint(engine: Engine) -> Callable[..., Any]:
    def score(photo: FileData, reference: FileData | None = None) -> dict:
        """Score a photo: BRISQUE and PIQE, lower is better; with a reference photo also PSNR and SSIM, higher is
        better."""
        from uniremoval.quality import compare

        try:
            given = _opened(engine, photo)
            scores = _plain(engine.score(given.on_white))
            if reference is not None:
                scores |= _plain(compare(given.on_white, _opened(engine, reference).on_white))
            return scores
        except UniremovalError as problem:
            raise gr.Error(engine.told(problem), print_exception=False) from problem

    return score


def checkpoints_endpoint(engine: Engine) -> Callable[..., Any]:
    def checkpoints() -> list[dict]:
        """The cards of all checkpoints: name, stage, degradations, training, scores, licence."""
        try:
            return [dataclasses.asdict(card) for card in engine.cards()]
        except UniremovalError as problem:
            raise gr.Error(engine.told(problem), print_exception=False) from problem

    return checkpoints


def _opened(engine: Engine, upload: Any) -> Photo:
    return engine.read(*uploaded(upload))


def _plain(scores: dict[str, Any]) -> dict[str, Any]:
    """Rounded so far that none leaves its range by what computing it left over."""
    return {
        name: {"value": None if score.value is None else round(score.value, 6), "reason": score.reason}
        for name, score in scores.items()
    }

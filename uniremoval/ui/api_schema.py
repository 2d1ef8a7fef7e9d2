"""What the endpoints for programs take and give, in words and as JSON schema: names, types, units, ranges."""

from __future__ import annotations

from typing import Any

import gradio as gr

Schema = dict[str, Any]


def _number(description: str, **limits: float) -> Schema:
    return {"type": "number", "description": description, **limits}


def _score(description: str, **limits: float) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {
            "value": {"oneOf": [{"type": "null"}, _number("null where there is none", **limits)]},
            "reason": {"oneOf": [{"type": "null"}, {"type": "string"}], "description": "why there is none"},
        },
        "required": ["value", "reason"],
    }


NO_REFERENCE: dict[str, Schema] = {
    "brisque": _score("BRISQUE, mostly 0 to 100 but not bounded; lower is better"),
    "piqe": _score("PIQE, 0 to 100; lower is better", minimum=0, maximum=100),
}
WITH_REFERENCE: dict[str, Schema] = {
    "psnr": _score("PSNR in dB, only with a reference, null for the same photo; higher is better", minimum=0),
    "ssim": _score("SSIM, -1 to 1, only with a reference; higher is better", minimum=-1, maximum=1),
}


def _object(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "description": description, "properties": properties, "required": required}


def _list_of(kind: Schema, description: str) -> Schema:
    return {"type": "array", "description": description, "items": kind}


def _one_of(*names: str) -> Schema:
    return {"enum": list(names)}


TEXT: Schema = {"type": "string"}
CARD = _object(
    "a checkpoint",
    {
        "name": {**TEXT, "description": "what /restore calls it"},
        "stage": _one_of("teacher", "transfer", "adaptation"),
        "degradations": _list_of(_one_of("haze", "rain", "blur", "snow"), "what it removes"),
        "network": TEXT,
        "config": {"type": "object", "description": "shape of the network"},
        "training": {"type": "object", "description": "data, steps, seconds, hardware, parents"},
        "scores": _list_of({"type": "object"}, "one entry a measured set"),
        "licence": TEXT,
    },
)
SCORES = _object("BRISQUE and PIQE", NO_REFERENCE)
RETURNS: dict[str, list[tuple[str, Schema]]] = {
    "restore": [
        ("restored photo", {"description": "PNG of the same size; 16 bits a channel where the photo had them"}),
        ("scores", _object("before and after", {"input": SCORES, "output": SCORES})),
    ],
    "score": [
        ("scores", _object("by name", NO_REFERENCE | WITH_REFERENCE, tuple(WITH_REFERENCE))),
    ],
    "checkpoints": [("cards", _list_of(CARD, "all checkpoints, teachers first"))],
}


def describe(demo: gr.Blocks, max_megapixels: float, max_bytes: int) -> None:
    """Give the endpoints' parameters and answers, typed by their annotations, their names, descriptions and ranges."""
    photo = (
        f"an uploaded JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF, up to {max_megapixels:g} megapixels and "
        f"{max_bytes / 1e6:.0f} MB"
    )
    reference = "the same photo without haze, rain or blur, of exactly the same size; null for none"
    parameters = {
        "restore": [("photo", photo), ("checkpoint", "the name of one that /checkpoints lists")],
        "score": [("photo", photo), ("reference", reference)],
        "checkpoints": [],
    }
    endpoints = {function.api_name: function for function in demo.fns.values()}
    for name, returned in RETURNS.items():
        endpoint = endpoints[name]
        for component, (label, words) in zip(endpoint.inputs, parameters[name], strict=True):
            component.label = label
            component._api_info = {**component._api_info, "description": words, "additional_description": words}
        for component, (label, schema) in zip(endpoint.outputs, returned, strict=True):
            component.label = label
            component._api_info = schema if "type" in schema else {**component._api_info, **schema}

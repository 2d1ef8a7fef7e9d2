"""Parameters and results of the API endpoints, in words and as JSON schema: names, types, units, ranges."""

from __future__ import annotations

from typing import Any

import gradio as gr

from uniremoval.quality import BY_REFERENCE, WITHOUT_REFERENCE, Metric

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


def _score_schema(metric: Metric) -> Schema:
    bounds = {"minimum": metric.lowest, "maximum": metric.highest}
    only = ", only with a reference" if metric.by_reference else ""
    words = f"{metric.label}, {metric.meaning}{only}; {metric.direction}"
    return _score(words, **{name: value for name, value in bounds.items() if value is not None})


NO_REFERENCE = {key: _score_schema(metric) for key, metric in WITHOUT_REFERENCE.items()}
WITH_REFERENCE = {key: _score_schema(metric) for key, metric in BY_REFERENCE.items()}


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
        "scores": _list_of({"type": "object"}, "one entry per measured set"),
        "licence": TEXT,
    },
)
SCORES = _object("BRISQUE and PIQE", NO_REFERENCE)
RETURNS: dict[str, list[tuple[str, Schema]]] = {
    "restore": [
        ("restored photo", {"description": "PNG of the same size; 16 bits per channel where the photo had them"}),
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
        f"an uploaded JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC, up to {max_megapixels:g} megapixels and "
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
            _say_of(component, label, {"description": words, "additional_description": words})
        for component, (label, schema) in zip(endpoint.outputs, returned, strict=True):
            _say_of(component, label, schema)


def _say_of(component: Any, label: str, schema: dict[str, Any]) -> None:
    """Put it into what Gradio tells of the component; a schema with a type replaces Gradio's own."""
    component.label = label
    component._api_info = schema if "type" in schema else {**component._api_info, **schema}

"""Reads `model.safetensors` of a BERT encoder where it lies, and makes of it a graph for onnxruntime. Floor 5.

A sentence is read by itself, never beside others: eight-bit arithmetic takes its scale from all that it is given, and a sentence must not be read
otherwise because of its neighbours. Weights are rounded to seven bits a column, which all processors multiply without overflow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventcoder.errors import InputError
from eventcoder.extraction.semantic.onnx_form import CONTRIB, Graph

_LARGEST = 63  # of a rounded weight: 255 * 63 twice fits the sixteen bits that older processors add in
_KINDS = {"F32": "<f4", "F16": "<f2", "I64": "<i8"}


def read_tensors(path: Path) -> dict[str, Any]:
    """Name -> array, mapped from the file: nothing is read before it is used. Raises `InputError` for a damaged file."""
    import numpy

    try:
        held = numpy.memmap(path, dtype=numpy.uint8, mode="r")
        size = int.from_bytes(held[:8].tobytes(), "little")
        if not 2 <= size <= len(held) - 8:
            raise ValueError("its header is cut off")
        header = json.loads(held[8 : 8 + size].tobytes())
        out: dict[str, Any] = {}
        for name, about in header.items():
            if name != "__metadata__":
                start, end = (8 + size + at for at in about["data_offsets"])
                if end > len(held):
                    raise ValueError("it ends too early")
                if about["dtype"] not in _KINDS:
                    raise ValueError(f"numbers of the form {about['dtype']} are not read")
                out[name.removeprefix("bert.")] = held[start:end].view(_KINDS[about["dtype"]]).reshape(about["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"The model's weights {path} are damaged: {error}.", "Copy the model's folder anew.") from None
    return out


def encoder_graph(tensors: Mapping[str, Any], config: Mapping[str, Any], *, exact: bool = False) -> bytes:
    """An ONNX model that takes "embedded" (1, words, width) and gives one array (1, width): the mean over the words of the last layer.

    `exact` computes with 32-bit floats instead of eight-bit integers. Raises `KeyError` or `ValueError` where this is no BERT encoder.
    """
    import numpy

    for key, known in (("model_type", "bert"), ("hidden_act", "gelu")):
        if config.get(key, known) != known:
            raise ValueError(f"{key} is {config[key]!r}")

    graph, layers, heads = Graph(), int(config["num_hidden_layers"]), int(config["num_attention_heads"])
    width, epsilon = int(config["hidden_size"]), float(config.get("layer_norm_eps", 1e-12))

    def constant(name: str) -> str:
        return graph.weight(name, numpy.ascontiguousarray(tensors[name], dtype=numpy.float32))

    def dense(source: str, name: str, *parts: str) -> str:
        """source @ weights + bias; several parts side by side are one multiplication."""
        names = [f"{name}.{part}" if part else name for part in parts or ("",)]
        table = numpy.concatenate([numpy.asarray(tensors[f"{one}.weight"], dtype=numpy.float32) for one in names]).T
        bias = graph.weight(f"{name}.bias", numpy.concatenate([numpy.asarray(tensors[f"{one}.bias"], dtype=numpy.float32) for one in names]))
        if not numpy.isfinite(table).all():
            raise ValueError(f"{name} holds what is no number")
        if exact:
            product = graph.add("MatMul", [source, graph.weight(f"{name}.weight", numpy.ascontiguousarray(table))])[0]
            return graph.add("Add", [product, bias])[0]
        scale = numpy.maximum(numpy.abs(table).max(axis=0), 1e-12) / _LARGEST
        rounded = numpy.ascontiguousarray(numpy.rint(table / scale).astype(numpy.int8))
        inputs = [source, graph.weight(f"{name}.weight", rounded), graph.weight(f"{name}.scale", scale.astype(numpy.float32)), "", bias]
        return graph.add("DynamicQuantizeMatMul", inputs, domain=CONTRIB)[0]

    def normed(source: str, other: str, name: str) -> str:
        inputs = [source, other, constant(f"{name}.weight"), constant(f"{name}.bias")]
        return graph.add("SkipLayerNormalization", inputs, domain=CONTRIB, epsilon=epsilon)[0]

    first = "embeddings.LayerNorm"
    state = graph.add("LayerNormalization", ["embedded", constant(f"{first}.weight"), constant(f"{first}.bias")], axis=-1, epsilon=epsilon)[0]
    thirds = graph.weight("thirds", numpy.array([width, width, width], dtype=numpy.int64))
    for layer in range(layers):
        at = f"encoder.layer.{layer}"
        joined = dense(state, f"{at}.attention.self", "query", "key", "value")
        looked = graph.add("Split", [joined, thirds], 3, axis=2)
        told = graph.add("MultiHeadAttention", looked, domain=CONTRIB, num_heads=heads)[0]
        state = normed(dense(told, f"{at}.attention.output.dense"), state, f"{at}.attention.output.LayerNorm")
        inner = graph.add("Gelu", [dense(state, f"{at}.intermediate.dense")], domain=CONTRIB)[0]
        state = normed(dense(inner, f"{at}.output.dense"), state, f"{at}.output.LayerNorm")
    mean = graph.add("ReduceMean", [state], axes=[1], keepdims=0)[0]
    return graph.model({"embedded": (1, "words", width)}, {mean: (1, width)})

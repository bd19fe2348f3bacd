"""Writes the few parts of an ONNX model file that a graph needs: nodes, weights, an input, an output. Floor 5.

ONNX files are Protocol Buffers; field numbers are those of onnx.proto3 of the format's version 8. A model is built in memory from weights that lie
in another form, and given to onnxruntime as bytes, so that neither the `onnx` package nor a second file is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

CONTRIB = "com.microsoft"  # onnxruntime's own operators: fused forms of what would else be many nodes
_IR, _OPSET = 8, 17
_FLOAT, _INT8, _INT64 = 1, 3, 7
_A_FLOAT, _A_INT, _A_INTS = 1, 2, 7  # kinds of attributes
Value = int | float | Sequence[int]
Shape = Sequence[int | str]


class Graph:
    """Collects nodes and weights; `model` gives the file's bytes."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._count = 0

    def add(self, operator: str, inputs: Sequence[str], outputs: int = 1, *, domain: str = "", **attributes: Value) -> list[str]:
        """A node; the names of its outputs."""
        names = [f"{operator}_{self._count}_{i}" for i in range(outputs)]
        self._count += 1
        body = [_text(1, name) for name in inputs]
        body += [_text(2, name) for name in names]
        body += [_text(3, names[0]), _text(4, operator)]
        body += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        if domain:
            body.append(_text(7, domain))
        self._nodes.append(b"".join(body))
        return names

    def weight(self, name: str, values: Any) -> str:
        """A constant array of 32-bit floats, 8-bit or 64-bit integers; its name."""
        kind = {"float32": _FLOAT, "int8": _INT8, "int64": _INT64}[str(values.dtype)]
        body = [_number(1, size) for size in values.shape]
        body += [_number(2, kind), _text(8, name), _bytes(9, values.tobytes())]
        self._weights.append(b"".join(body))
        return name

    def model(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], whole: frozenset[str] = frozenset()) -> bytes:
        """The file. Inputs and outputs are name -> shape, where a text stands for a size that varies; all are floats but the `whole` numbers."""
        graph = [_bytes(1, node) for node in self._nodes]
        graph.append(_text(2, "encoder"))
        graph += [_bytes(5, weight) for weight in self._weights]
        graph += [_bytes(11, _value(name, shape, _INT64 if name in whole else _FLOAT)) for name, shape in inputs.items()]
        graph += [_bytes(12, _value(name, shape, _FLOAT)) for name, shape in outputs.items()]
        sets = [_text(1, "") + _number(2, _OPSET), _text(1, CONTRIB) + _number(2, 1)]
        return b"".join([_number(1, _IR), _text(2, "eventcoder"), _bytes(7, b"".join(graph)), *(_bytes(8, one) for one in sets)])


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    """A whole number; a negative one takes the ten bytes of its two's complement."""
    return _varint(field << 3) + _varint(value if value >= 0 else value + (1 << 64))


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _float(field: int, value: float) -> bytes:
    import struct

    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _attribute(name: str, value: Value) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _float(2, value) + _number(20, _A_FLOAT)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _A_INT)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, _A_INTS)


def _value(name: str, shape: Shape, kind: int) -> bytes:
    sizes = b"".join(_bytes(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    tensor = _number(1, kind) + _bytes(2, sizes)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))

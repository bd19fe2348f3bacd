"""Near duplicates: one wire story in two papers."""

import random

from eventcoder.documents import Article, DocumentStore, near_duplicates
from eventcoder.documents.similar import Index, shingles, similarity

STORY = " ".join(f"word{n}" for n in range(120))


def test_one_story_in_two_papers_is_named(tmp_path):
    store = DocumentStore(tmp_path)
    one = store.save(Article(STORY + " The Courier."))[0].id
    two = store.save(Article("ALBURIA (Wire) " + STORY))[0].id
    store.save(Article("Quite another text about the harvest of the valley and its long and rainy summer days."))
    pairs = near_duplicates(store)
    assert [(p.first, p.second) for p in pairs] == [tuple(sorted((one, two)))]
    assert 0.9 < pairs[0].score < 1
    assert near_duplicates(store, [two]) == pairs and near_duplicates(store, []) == []


def test_texts_that_are_elsewhere_are_left_out(tmp_path):
    store = DocumentStore(tmp_path)
    one = store.save(Article(STORY))[0].id
    store.save(Article(STORY + " end"))
    (tmp_path / f"{one}.txt").unlink()
    assert near_duplicates(store) == []


def test_prefix_filter_misses_no_pair():
    rng = random.Random(7)
    texts = []
    for _ in range(15):
        words = [str(rng.randrange(10**6)) for _ in range(60)]
        texts.append(" ".join(words))
        for changes in (1, 1, 2, 3):
            other = list(words)
            for _ in range(changes):
                other[rng.randrange(60)] = "changed"
            texts.append(" ".join(other))
    index = Index(0.8)
    found = set()
    for n, text in enumerate(texts):
        found |= {(int(o), n) for o, _ in index.alike(shingles(text))}
        index.add(str(n), shingles(text))
    sets = [shingles(t) for t in texts]
    assert found == {(a, b) for b in range(len(sets)) for a in range(b) if similarity(sets[a], sets[b]) >= 0.8}
    assert 15 < len(found) < 150

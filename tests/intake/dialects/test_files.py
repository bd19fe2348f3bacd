"""A dialect written for the test: overlays of vintages, specificity, extraction, constants."""

import pytest

from eventcoder.intake.dialects import UNCERTAIN, choose
from eventcoder.intake.dialects.files import read_dialect

from .reading import read_table

TOY = """
id = "toy"
title = "Toy"
source = "this test"
[[detect]]
has = ["code", "when"]
[columns]
when = "event_date"
where = "location"
"by_#" = "source"
text = "notes"
[kept]
mood = "how it felt"
[ignored]
code = "a number"
extra = "nothing"
[values.where]
known.'old town' = "Oldtown"
uncertain = ["somewhere"]
[nulls]
everywhere = ["-"]
columns.mood = ["0"]
[[extract]]
from = "text"
pattern = '\\(([0-9]+) people\\)'
into = "tags"
as = "crowd size={1}"
[[set]]
column = "country"
value = "CASE WHEN code = '1' THEN 'Iran' END"
[[set]]
column = "admin1"
value = "CASE WHEN code = '1' THEN 'Fars' END"
otherwise = "blank"
[constants]
clarity = "clear"
[identity]
required = false
[treatment]
fatalities = "given"
[[vintage]]
name = "new"
title = "newer tables."
[[vintage.detect]]
has = ["code"]
every.code = "[0-9]+"
[vintage.kept]
extra = "something after all"
[vintage.ignored]
mood = "no longer"
[vintage.values.where]
known.'new town' = "Newtown"
[[vintage.set]]
column = "country"
value = "CASE WHEN code = '2' THEN 'Iraq' END"
[vintage.identity]
required = false
natural = ["code"]
"""
HEADER = ["code", "when", "where", "by_1", "by_22", "text", "mood", "extra"]


@pytest.fixture
def toy(tmp_path):
    (tmp_path / "toy.toml").write_text(TOY, "utf-8")
    return read_dialect(tmp_path / "toy.toml")


def row(**changes):
    full = {
        "code": "1",
        "when": "2020-05-09",
        "where": "Old  Town",
        "by_1": "A; B",
        "by_22": "",
        "text": "Many (40 people) came.",
        "mood": "5",
        "extra": "x",
    }
    return [{**full, **changes}[name] for name in HEADER]


def test_a_dialect_by_itself(toy, codebook):
    table = read_table(toy, HEADER, [row(), row(code="x", where="somewhere", by_22="C", mood="0.0", text="-")], codebook)
    first, second = table.rows
    assert table.plan.vintage is None
    assert first.values == {
        "event_date": "2020-05-09", "location": "Oldtown", "source": ["A, B"], "notes": "Many came.", "tags": ["crowd size=40"], "country": "Iran",
        "admin1": "Fars", "clarity": "clear",
    }  # fmt: skip
    assert first.originals == {"mood": "5"}
    assert second.uncertain == {"location", "country"} and second.values["source"] == ["A, B", "C"]
    assert not {"notes", "tags", "admin1"} & set(second.values)


def test_a_vintage_lies_over_it(toy, codebook):
    table = read_table(toy, HEADER, [row(code="2"), row(code="1", where="new town")], codebook)
    first, second = table.rows
    assert (table.plan.vintage, table.plan.natural, table.plan.identity_names) == ("new", (0,), ("code",))
    assert (first.values["country"], first.values["location"], first.originals) == ("Iraq", "Oldtown", {"extra": "x"})
    assert second.values["location"] == "Newtown" and "country" in second.uncertain
    assert [s.column for s in table.plan.dialect.settings] == ["admin1", "country"]


def test_what_stands_twice_is_not_taken_out(toy, codebook):
    (got,) = read_table(toy, HEADER, [row(text="First (4 people), then (5 people).")], codebook).rows
    assert (got.values["notes"], "tags" in got.values) == ("First (4 people), then (5 people).", False)


def test_the_more_demanding_dialect_is_meant(tmp_path, dialects, codebook):
    found = {}
    for name, has in (("aaa", ["code"]), ("toy", ["code", "when"]), ("zzz", ["when"])):
        text = TOY.replace('id = "toy"', f'id = "{name}"').replace('has = ["code", "when"]', f"has = {has}".replace("'", '"'))
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
        found[name] = read_dialect(tmp_path / f"{name}.toml")
    everything = {**dialects, **found}
    assert choose(everything, "auto", HEADER, codebook).id == "toy"
    assert choose(everything, "auto", ["code", "text"], codebook).id == "aaa"
    assert choose(dict(reversed(everything.items())), "auto", HEADER, codebook).id == "toy"


def test_the_readers_of_a_plan_are_pure(toy, codebook):
    table = read_table(toy, HEADER, [row()], codebook)
    location = next(p for p in table.plan.producers if p.target == "location")
    assert [location.read(c) for c in ("Old Town", "somewhere", "-", None, "Old Town")] == ["Oldtown", UNCERTAIN, None, None, "Oldtown"]

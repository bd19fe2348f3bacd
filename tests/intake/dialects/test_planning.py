"""Plans: unknown columns, columns of row numbers, vintages that are asked for, what is told."""

import pickle

import pytest

from eventcoder.errors import Refused, UsageError
from eventcoder.intake.dates import Undecided
from eventcoder.intake.dialects import UNCERTAIN, IndexFacts

from ..material import ACLED, protest
from ..vintages import BEFORE_2016, SAMPLES, Sample, before_2016, y2024

THIN = ["event_date", "country", "event_type"]
ROW = ["2020-05-09", "Iran", "Protests"]


def test_all_unknown_and_doubled_columns_are_named_at_once(read):
    header = [*ACLED, "event_dates", "zzz", "ally_actor_1", "country"]
    with pytest.raises(Refused) as caught:
        read("acled", header, [[*protest().values(), "", "", "", ""]])
    problems = caught.value.problems
    assert [(p.code, p.field) for p in problems] == [
        ("unknown-column", "event_dates"), ("unknown-column", "zzz"), ("duplicate-column", "ally_actor_1"), ("duplicate-column", "country"),
    ]  # fmt: skip
    assert "Did you mean 'event_date'?" in problems[0].message and problems[0].where == "events.csv, header"
    assert "events.csv does not fit" in caught.value.message and "--keep-unknown" in caught.value.remedy


def test_unknown_columns_can_be_kept(read):
    table = read("acled", [*THIN, "mood"], [[*ROW, "angry"]], keep_unknown=True)
    assert table.rows[0].originals == {"mood": "angry"}
    assert [(n.code, n.severity, n.field) for n in table.plan.notes if n.code == "unknown-column-kept"] == [
        ("unknown-column-kept", "warning", "mood")
    ]


def test_foreign_dialects_do_not_take_our_names_for_theirs(read):
    sample = SAMPLES["gtd"]
    with pytest.raises(Refused) as caught:
        read("gtd", [*sample.columns, "fatalities"], [[*row, "3"] for row in sample.cells])
    assert [p.field for p in caught.value.problems] == ["fatalities"]


def test_a_foreign_table_without_its_id_is_refused(read):
    sample = SAMPLES["ucdp_ged"]
    with pytest.raises(Refused) as caught:
        read("ucdp_ged", sample.columns[1:], [row[1:] for row in sample.cells])
    assert [(p.code, p.message) for p in caught.value.problems] == [("missing-column", "The header has no id.")]
    with pytest.raises(Refused, match="no event_id_cnty"):
        read("acled", THIN, [ROW], vintage="2023")


@pytest.mark.parametrize("name", ["", "Unnamed: 0", " unnamed: 0 "])
@pytest.mark.parametrize("cells", [["0", "1", "2"], ["17", "18", "19"], ["4.0", "5.0", "6.0"], ["", " ", ""], [1, 2, 3], [None, None, None]])
def test_a_count_of_the_rows_is_read_over(read, name, cells):
    table = read("acled", [name, *THIN], [[cell, *ROW] for cell in cells])
    assert [n.severity for n in table.plan.notes if n.code == "index-column"] == ["info"]
    assert len(table.rows[0].values) == 3 and table.rows[0].originals == {}


@pytest.mark.parametrize(
    "cells", [["0", "2", "3"], ["1", "1", "2"], ["3", "2", "1"], ["1", "2", ""], ["", "1", "2"], ["a", "b", "c"], ["1.5", "2.5", "3.5"]]
)
def test_a_nameless_column_that_says_something_is_not(read, cells):
    with pytest.raises(Refused) as caught:
        read("acled", ["", *THIN], [[cell, *ROW] for cell in cells])
    assert [p.code for p in caught.value.problems] == ["unknown-column"]
    kept = read("acled", ["", *THIN], [[cell, *ROW] for cell in cells], keep_unknown=True)
    assert kept.rows[2].originals == ({"": cells[2]} if cells[2] else {})


def test_several_nameless_columns(read):
    table = read("acled", ["", *THIN, "", ""], [[str(n), *ROW, "", ""] for n in range(3)])
    assert [n.code for n in table.plan.notes].count("index-column") == 3


def test_rows_that_could_not_be_read_may_be_missing_from_the_count():
    facts = IndexFacts()
    facts.add(["1", "2"])
    facts.skip(2)
    facts.add(["5", "6"])
    assert facts.counting
    facts.add(["8"])
    assert not facts.counting
    late = IndexFacts()
    late.add(["1", "3"])
    late.skip(1)
    assert not late.counting


@pytest.mark.parametrize(
    ("wanted", "found"), [("2023", "2023"), ("2024+", "2024+"), ("before", "before 2016"), ("TH", "thin"), ("2020-2022 a", "2020-2022 actor-based")]
)
def test_a_vintage_can_be_asked_for(read, wanted, found):
    table = read(y2024(), vintage=wanted)
    assert (table.plan.vintage, table.plan.because) == (found, "as asked for")


@pytest.mark.parametrize(
    ("wanted", "said"), [("1999", "is unknown.*Known: 'before 2016', "), ("20", "could be several.*'2024. actor-based'"), ("", "is unknown")]
)
def test_an_unknown_or_ambiguous_vintage(read, wanted, said):
    with pytest.raises(UsageError, match=f"vintage '{wanted}' of dialect acled {said}"):
        read(y2024(), vintage=wanted)
    with pytest.raises(UsageError, match="Known: none"):
        read(SAMPLES["gtd"], vintage="2020")


def test_a_table_that_shows_no_vintage_is_read_all_the_same(read):
    row = protest(inter1="", inter2="", interaction="")
    table = read("acled", ACLED, [list(row.values())])
    assert (table.plan.vintage, table.plan.because) == (None, "")
    assert "nothing in the table shows which vintage" in table.plan.notes[-1].message
    assert table.rows[0].values["sub_event_type"] == "Peaceful protest"


def test_the_vintage_is_told_with_its_reason(read):
    note = read(before_2016()).plan.notes[-1]
    assert (note.code, note.severity) == ("vintage-told", "info")
    assert note.message.startswith("read as acled, vintage before 2016: ") and "Why: the header has gwno, ally_actor_1" in note.message


def test_ids_with_the_number_first_are_enough_for_the_oldest_vintage(read):
    columns = ["event_id_cnty", *THIN]
    assert read("acled", columns, [["12IRN", *ROW], ["13IRN", *ROW]]).plan.vintage == "before 2016"
    mixed = read("acled", columns, [["12IRN", *ROW], ["IRN13", *ROW]])
    assert mixed.plan.vintage == "thin"
    assert [row.values["event_id_cnty"] for row in mixed.rows] == ["IRN12", "IRN13"]


def test_undecided_days_name_table_and_column(read):
    sample = before_2016()
    rows = tuple({**row, "EVENT_DATE": "03/04/2015", "YEAR": "2015"} for row in sample.rows)
    with pytest.raises(Undecided, match=r"events.csv, column EVENT_DATE: dates such as 03/04/2015.*--day-order day-first\|month-first"):
        read(Sample("acled", None, BEFORE_2016, rows))
    told = read(Sample("acled", None, BEFORE_2016, rows), day_order="month-first")
    assert told.rows[0].values["event_date"] == "2015-03-04"


def test_system_columns_are_left_to_the_ledger(read):
    header = ["event_id", "event_date", "revision", "n_reports", "timestamp", "first_release", "codebook_version"]
    table = read("native", header, [["a12345678901", "2020-05-09", "3", "7", "1748000000", "2020.1.0", "1.0.0"]])
    assert table.rows[0].values == {"event_id": "a12345678901", "event_date": "2020-05-09", "revision": 3}
    assert table.plan.kept == () and table.rows[0].problems == []


def test_native_values_pass_as_they_stand(read):
    header = ["event_date", "notes", "source", "latitude", "crowd_text", "civilian_targeting"]
    row = ["2020-05-09", "Line one.\nLine two.", ["Mill Gazette", "Alburia Courier"], 10.5, 40, None]
    got = read("native", header, [row]).rows[0]
    assert got.problems == []
    assert got.values == {"event_date": "2020-05-09", "notes": "Line one.\nLine two.", "source": row[2], "latitude": 10.5, "crowd_text": "40"}


@pytest.mark.parametrize(
    ("column", "cell"), [("location", True), ("fatalities", True), ("fatalities", 1.5), ("latitude", "1e5"), ("location", ["a"])]
)
def test_cells_of_the_wrong_kind_are_left_for_the_codebook_to_refuse(read, column, cell):
    (got,) = read("native", ["event_date", column], [["2020-05-09", cell]]).rows
    assert [field for _, field in got.problems] == [column]


def test_uncertain_is_one_value_wherever_it_travels():
    assert pickle.loads(pickle.dumps(UNCERTAIN)) is UNCERTAIN
    assert repr(UNCERTAIN) == "UNCERTAIN"


def test_columns_that_can_be_uncertain_are_named(dialects):
    assert dialects["acled"].uncertain_targets == {"event_type", "sub_event_type"}
    assert dialects["native"].uncertain_targets == frozenset()
    assert {"event_date", "country", "latitude", "geo_precision", "fatalities"} <= dialects["gtd"].uncertain_targets


def test_places_that_the_first_pass_must_look_at(dialects, codebook):
    acled = dialects["acled"]
    header = [" Event Date ", "YEAR", "", "inter1", "event_type", "timestamp"]
    assert acled.date_places(header, codebook) == {0: 1}
    assert (acled.index_places(header), acled.distinct_places(header)) == ((2,), (3, 4))
    ged = dialects["ucdp_ged"]
    assert ged.date_places(["id", "date_start", "date_end", "year"], codebook) == {1: None, 2: None}
    assert (ged.natural_places(["year", "ID"]), ged.natural_places(["year"])) == ((1,), ())
    assert dialects["native"].date_places(["reported_date", "event_date", "country"], codebook) == {0: None, 1: None}

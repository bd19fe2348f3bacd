"""The packaged crosswalks as data, what an event is in another scheme, and what a broken file says."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventcoder.codebook import CodeList, load_codebook
from eventcoder.crosswalks import ANY, FOLDER, HEADER, NONE, Match, load_crosswalk, load_crosswalks, prove_crosswalks
from eventcoder.errors import CodebookError, NotFound
from eventcoder.project import packaged_schema

BOOK = load_codebook(packaged_schema())
TYPES = BOOK.lists["sub_event_types"].codes
SCHEMES = ("cameo", "ccc", "gtd", "mass_mobilization", "plover", "scad", "ucdp_ged")
ALL = load_crosswalks(packaged_schema(), BOOK)
# Events of PLOVER, from its manual: anything else in the file is a slip of the pen.
PLOVER = {
    "AGREE", "CONSULT", "SUPPORT", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE",
    "COERCE", "ASSAULT",
}  # fmt: skip
GOOD = {
    "column": "sub_event_type",
    "ours": "Attack",
    "field": "kind",
    "theirs": "A1",
    "condition": "",
    "direction": "both",
    "certain": "yes",
    "loss": "",
    "source": "Team",
}


def is_(scheme: str, field: str, column: str = "sub_event_type", **values: object) -> Match:
    """What an event with these values is in a scheme; columns that are not given are null."""
    crosswalk = ALL[scheme]
    row = {name: values.get(name) for name in crosswalk.reads(column, field)}
    assert set(values) <= set(row), f"{scheme} does not look at {set(values) - set(row)}"
    return crosswalk.converter(column, field)(row)


def own(folder: Path, *rows: dict[str, str], name: str = "team.csv") -> Path:
    """A schema folder with one crosswalk of these rows."""
    (folder / FOLDER).mkdir(exist_ok=True)
    with (folder / FOLDER / name).open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return folder


# ------------------------------------------------------------------------------------------------ the packaged files


def test_the_packaged_crosswalks_have_no_fault_and_no_gap() -> None:
    assert [p.message for p in prove_crosswalks(packaged_schema(), BOOK)] == []
    assert set(ALL) == {*SCHEMES, "xsub"}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_sub_event_type_is_spoken_of_and_what_has_no_counterpart_says_why(scheme: str) -> None:
    rows = [r for r in ALL[scheme].rows if r.column == "sub_event_type" and r.to]
    assert {r.ours for r in rows} - {ANY} == set(TYPES)
    assert all(len(r.loss.split()) >= 3 for r in rows if r.theirs == NONE)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_certain_values_of_theirs_lead_to_one_code(scheme: str) -> None:
    for row in ALL[scheme].rows:
        if row.back and row.certain:
            assert {r.ours for r in ALL[scheme].rows if r.back and (r.column, r.field, r.theirs) == (row.column, row.field, row.theirs)} == {row.ours}
            assert ALL[scheme].counterpart(row.column, row.field, row.theirs) == row.ours


def test_codes_of_plover_and_cameo_have_their_form() -> None:
    assert {r.theirs.split("/")[0] for r in ALL["plover"].rows} - {NONE} <= PLOVER
    assert all(r.theirs == NONE or re.fullmatch("[0-9]{2,4}", r.theirs) for r in ALL["cameo"].rows)


def test_precision_and_sides_are_those_of_xsub() -> None:
    levels = {"1": "settlement", "2": "adm2", "3": "adm1"}
    spans = {"1": "day", "2": "week", "3": "month"}
    xsub = ALL["xsub"].rows
    assert {r.ours: r.theirs for r in xsub if r.column == "geo_precision"} == levels
    assert {r.ours: r.theirs for r in xsub if r.column == "time_precision"} == spans
    sides = {BOOK.lists["inter"].attribute(r.ours, "number"): r.theirs for r in xsub if r.column == "inter1"}
    assert sides == {"1": "A", "2": "B", "3": "A", "4": "D", "5": "B", "6": "B", "7": "C", "8": "D"}


def test_precision_of_ged_and_gtd_comes_back_at_the_level_of_xsub_or_not_at_all() -> None:
    ged = {at: ALL["ucdp_ged"].counterpart("geo_precision", "where_prec", at) for at in "1234567"}
    assert ged == {"1": "1", "2": "2", "3": "2", "4": "3", "5": None, "6": NONE, "7": NONE}
    days = {at: ALL["ucdp_ged"].counterpart("time_precision", "date_prec", at) for at in "12345"}
    assert days == {"1": "1", "2": "2", "3": "2", "4": "3", "5": NONE}
    gtd = {at: ALL["gtd"].counterpart("geo_precision", "specificity", at) for at in "12345"}
    assert gtd == {"1": None, "2": None, "3": "2", "4": "3", "5": NONE}


@pytest.mark.parametrize("scheme", SCHEMES)
@given(st.data())
def test_whatever_the_event_only_codes_of_the_file_come_out(scheme: str, data: st.DataObject) -> None:
    crosswalk = ALL[scheme]
    field = data.draw(st.sampled_from(sorted({r.field for r in crosswalk.rows if r.column == "sub_event_type"} - {""})))
    drawn: dict[str, st.SearchStrategy[object]] = {
        "sub_event_type": st.sampled_from(TYPES),
        "interaction": st.sampled_from(BOOK.lists["interactions"].codes),
        "inter1": st.sampled_from(BOOK.lists["inter"].codes),
        "country": st.sampled_from(["Iran", "United States"]),
    }
    row = {name: data.draw(st.none() | drawn.get(name, st.integers(0, 20_000)), label=name) for name in crosswalk.reads("sub_event_type", field)}
    match = crosswalk.converter("sub_event_type", field)(row)
    assert {*match.codes, *match.candidates} <= {r.theirs for r in crosswalk.rows if r.field == field}
    assert not set(match.codes) & set(match.candidates)
    assert match.losses or match.certain
    assert match.certain == (bool(match.codes) and not match.candidates)


# ------------------------------------------------------------------------------------------------ single events


def test_what_a_column_says_is_certain_and_what_it_does_not_say_stays_a_candidate() -> None:
    told = is_("plover", "event/mode", sub_event_type="Protest with intervention", arrested_low=4)
    assert told.codes == ("PROTEST/demo", "COERCE/arrest")
    assert "ASSAULT/crowd-control" in told.candidates
    silent = is_("plover", "event/mode", sub_event_type="Protest with intervention")
    assert silent.codes == ("PROTEST/demo",)
    assert "COERCE/arrest" in silent.candidates and not silent.certain
    nobody = is_("plover", "event/mode", sub_event_type="Protest with intervention", arrested_low=0)
    assert "COERCE/arrest" not in nobody.codes + nobody.candidates


def test_repression_is_the_states() -> None:
    force = "Excessive force against protesters"
    assert is_("cameo", "code", sub_event_type=force, interaction="State forces-Protesters").codes == ("141", "175")
    militia = is_("cameo", "code", sub_event_type=force, interaction="Political militia-Protesters")
    assert (militia.codes, militia.candidates) == (("141",), ("180", "182"))


def test_ucdp_asks_for_a_death_and_never_answers_alone() -> None:
    attack = {"field": "type_of_violence", "sub_event_type": "Attack"}
    assert is_("ucdp_ged", **attack, fatalities=2).candidates == ("3",)
    assert is_("ucdp_ged", **attack, fatalities=0, fatalities_high=3).candidates == ("3",)
    none = is_("ucdp_ged", **attack, fatalities=0)
    assert (none.codes, none.candidates, none.losses) == ((), (), ("UCDP takes only events with a death.",))
    unknown = is_("ucdp_ged", **attack)
    assert (unknown.codes, unknown.candidates) == ((), ())
    assert not any(r.certain and r.theirs != NONE for r in ALL["ucdp_ged"].rows if r.column == "sub_event_type")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(50, 99, ("50-99",)), (60, 120, ()), (10_001, None, (">10000",)), (5_000, 10_000, ("5000-10000",)), (None, None, ()), (20, 40, ())],
)
def test_a_size_has_a_class_only_where_the_whole_interval_lies_in_one(low: int | None, high: int | None, expected: tuple[str, ...]) -> None:
    assert is_("mass_mobilization", "participants_category", sub_event_type="Peaceful protest", crowd_low=low, crowd_high=high).codes == expected


def test_span_of_days_decides_the_code_of_a_week() -> None:
    span = {"time_precision": 2, "date_start": "2026-05-01"}
    assert is_("ucdp_ged", "date_prec", "time_precision", **span, date_end="2026-05-04").codes == ("2",)
    assert is_("ucdp_ged", "date_prec", "time_precision", **span, date_end="2026-05-08").candidates == ("3",)
    assert is_("ucdp_ged", "date_prec", "time_precision", **span).candidates == ("3",)


def test_values_that_a_person_has_to_judge_have_no_counterpart() -> None:
    assert ALL["plover"].counterpart("sub_event_type", "event/mode", "PROTEST/demo") is None
    assert ALL["plover"].counterpart("sub_event_type", "event/mode", "PROTEST/hunger") == NONE
    assert ALL["cameo"].counterpart("sub_event_type", "code", "143") is None
    assert ALL["scad"].counterpart("sub_event_type", "etype", "unheard of") is None


# ------------------------------------------------------------------------------------------------ a project's own files


def test_a_projects_own_crosswalks_replace_the_packaged_ones(tmp_path: Path) -> None:
    assert set(load_crosswalks(tmp_path, BOOK)) == {*SCHEMES, "xsub"}
    assert set(load_crosswalks(own(tmp_path, GOOD), BOOK)) == {"team"}
    assert load_crosswalk(tmp_path, BOOK, "team").counterpart("sub_event_type", "kind", "A1") == "Attack"
    with pytest.raises(NotFound, match=r"'taem'.*'team'"):
        load_crosswalk(tmp_path, BOOK, "taem")


def test_a_code_that_is_certain_is_no_candidate_as_well(tmp_path: Path) -> None:
    known = {**GOOD, "direction": "to", "condition": "fatalities >= 1"}
    folder = own(tmp_path, known, {**GOOD, "direction": "to", "certain": "no", "loss": "Deaths decide."})
    convert = load_crosswalk(folder, BOOK, "team").converter("sub_event_type", "kind")
    assert convert({"sub_event_type": "Attack", "fatalities": 2}).candidates == ()
    assert convert({"sub_event_type": "Attack", "fatalities": None}).candidates == ("A1",)


def test_codes_that_a_file_forgets_are_warned_of(tmp_path: Path) -> None:
    found = list(prove_crosswalks(own(tmp_path, GOOD), BOOK))
    assert {(p.code, p.severity) for p in found} == {("crosswalk-gap", "warning")}
    assert {p.value for p in found} == set(TYPES) - {"Attack"}


def test_a_project_with_fewer_types_can_still_use_the_packaged_files(tmp_path: Path) -> None:
    types = BOOK.lists["sub_event_types"]
    fewer = CodeList(types.name, types.header, [list(row.values()) for row in types.rows if row["code"] != "Attack"])
    book = replace(BOOK, lists={**BOOK.lists, "sub_event_types": fewer})
    crosswalk = load_crosswalk(tmp_path, book, "plover")
    assert "Attack" not in {r.ours for r in crosswalk.rows}
    unknown = crosswalk.converter("sub_event_type", "event/mode")({"sub_event_type": "Pelting", "arrested_low": None})
    assert (unknown.codes, unknown.candidates) == ((), ())
    assert "'Pelting'" in unknown.losses[0]


@pytest.mark.parametrize(
    ("change", "code", "field", "said"),
    [
        ({"ours": "Atack"}, "unknown-code", "ours", "Did you mean 'Attack'"),
        ({"column": "notes"}, "bad-crosswalk", "column", "no column of ours with a list"),
        ({"theirs": ""}, "bad-crosswalk", "theirs", "theirs is empty"),
        ({"theirs": "none", "direction": "to", "loss": "They have no such thing."}, "bad-crosswalk", "field", "empty exactly where"),
        ({"field": ""}, "bad-crosswalk", "field", "empty exactly where"),
        ({"direction": "back"}, "bad-crosswalk", "direction", "to, from, both"),
        ({"certain": "maybe"}, "bad-crosswalk", "certain", "neither yes nor no"),
        ({"certain": "no"}, "bad-crosswalk", "loss", "loss is empty"),
        ({"source": ""}, "bad-crosswalk", "source", "source is empty"),
        ({"condition": "fatalties >= 1", "direction": "to"}, "bad-expression", "condition", "'fatalities'"),
        ({"condition": "fatalities + 1", "direction": "to"}, "bad-expression", "condition", "column 1"),
        ({"condition": "fatalities >= 1", "direction": "from"}, "bad-crosswalk", "condition", "speaks of our columns"),
        ({"ours": "any", "direction": "to"}, "bad-crosswalk", "ours", "needs a condition"),
        ({"ours": "none", "loss": "Nobody gathers there."}, "bad-crosswalk", "direction", "has the direction 'from'"),
    ],
)
def test_a_broken_row_is_named_with_file_and_line(tmp_path: Path, change: dict[str, str], code: str, field: str, said: str) -> None:
    folder = own(tmp_path, GOOD, {**GOOD, "ours": "Arrests", "theirs": "A2", **change})
    with pytest.raises(CodebookError, match=r"crosswalks/team\.csv, line 3") as caught:
        load_crosswalks(folder, BOOK)
    assert [(p.code, p.field) for p in caught.value.problems] == [(code, field)]
    assert said in caught.value.problems[0].message
    with pytest.raises(CodebookError, match="line 3"):
        load_crosswalk(folder, BOOK, "team")
    assert (code, field) in {(p.code, p.field) for p in prove_crosswalks(folder, BOOK)}


def test_two_codes_for_a_certain_value_and_a_row_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"line 2.*certainly 'Attack', but line 3 says 'Arrests'"):
        load_crosswalks(own(tmp_path, GOOD, {**GOOD, "ours": "Arrests", "certain": "no", "loss": "May be either."}), BOOK)
    with pytest.raises(CodebookError, match="line 3: says the same as line 2"):
        load_crosswalks(own(tmp_path, GOOD, {**GOOD, "direction": "to"}), BOOK)


@pytest.mark.parametrize("data", [b"", b"ours,theirs\na,b\n", b"\xff\xfe\x00", ",".join(HEADER).encode() + b"\na,b\n"])
def test_what_is_no_table_is_named(tmp_path: Path, data: bytes) -> None:
    own(tmp_path)
    (tmp_path / FOLDER / "team.csv").write_bytes(data)
    with pytest.raises(CodebookError, match=r"crosswalks/team\.csv"):
        load_crosswalks(tmp_path, BOOK)
    assert [p.code for p in prove_crosswalks(tmp_path, BOOK)] == ["bad-crosswalk"]

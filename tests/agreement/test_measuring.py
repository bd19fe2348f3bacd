"""Agreement over documents: what counts, empty cells both ways, parts, names that are not told, and a table of metrics that means something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventcoder.agreement.choosing import choose, parted
from eventcoder.agreement.fields import read_fields
from eventcoder.agreement.finding import Window
from eventcoder.agreement.measuring import Agreement, Plan, measure
from eventcoder.agreement.printing import csv_rows, finding, heading
from eventcoder.errors import CodebookError
from eventcoder.project import packaged_schema
from tests.agreement.coded import SHIRAZ, YAZD, coding, items

FIELDS = read_fields(packaged_schema())
PLAN = Plan(FIELDS, Window(FIELDS.days, FIELDS.km), 40)


def twelve(**changes: Any) -> dict[str, Any]:
    """Twelve documents with two events each, coded alike by two but for what `changes` says of ben's event in Yazd in the first three."""
    out = []
    for n in range(12):
        shiraz = {**SHIRAZ, "event_date": f"2026-05-{n + 1:02d}"}
        yazd = {**YAZD, "event_date": f"2026-05-{n + 2:02d}", "fatalities": n + 1}
        out += [coding(f"d{n:02d}", "ana", shiraz, yazd), coding(f"d{n:02d}", "ben", shiraz, {**yazd, **(changes if n < 3 else {})}, slot=2)]
    return items(*out)


def figures(codings: dict[str, Any], plan: Plan = PLAN, *by: str) -> Agreement:
    return measure(choose(codings).documents, plan, by)


def test_a_field_that_differs_has_its_alpha_and_the_others_are_complete() -> None:
    found = figures(twelve(fatalities=500, location="Mehriz", latitude=31.5914, longitude=54.4319))
    place, deaths, kind, day = (found.of(c) for c in ("location", "fatalities", "sub_event_type", "event_date"))
    assert found.f1.value == 1.0
    assert place is not None and deaths is not None and kind is not None and day is not None
    assert kind.alpha.value == day.alpha.value == 1.0
    assert place.alpha.value is not None and 0.9 < place.alpha.value < 1  # 35 km apart, of 300
    assert place.share.value == pytest.approx(21 / 24, abs=1e-4)
    assert place.apart == pytest.approx(34.7 * 3 / 24, abs=0.1)
    assert deaths.alpha.value is not None and deaths.alpha.value < 0.8
    assert deaths.below
    assert deaths.units == 12
    assert (deaths.one_empty, deaths.all_empty) == (0, 12)
    assert kind.alpha.low == kind.alpha.high == 1.0


def test_empty_cells_are_left_out_one_way_and_a_value_the_other() -> None:
    deaths = figures(twelve(fatalities=None)).of("fatalities")
    assert deaths is not None
    assert (deaths.units, deaths.one_empty) == (9, 3)
    assert deaths.alpha.value == 1.0  # where both gave a figure they agree
    assert deaths.otherwise.value is not None and deaths.otherwise.value < 1.0
    told = deaths.as_json()["alpha_otherwise"]
    assert (told["absent"], told["metric"]) == ("value", "nominal")
    second = figures(twelve(actor2="Civilians (Iran)")).of("actor2")
    assert second is not None
    assert (second.absent, second.units, second.one_empty) == ("value", 24, 3)
    assert second.share.value == pytest.approx(21 / 24, abs=1e-4)
    assert second.otherwise.value is None
    assert "no unit" in second.otherwise.reason


def test_nobody_differing_is_no_perfect_score() -> None:
    found = figures(twelve()).of("country")
    assert found is not None
    assert found.alpha.value is None
    assert "without variation" in found.alpha.reason
    assert found.only == "'Iran'"
    assert "Iran" not in json.dumps(found.as_json())
    assert found.share.value == 1.0


def test_a_missed_event_lowers_event_finding_and_not_the_fields() -> None:
    codings = twelve()
    codings["d00"][1].events.pop()
    found = figures(codings)
    assert found.f1.value == pytest.approx(2 * 23 / 47, abs=1e-4)
    assert found.f1.low is not None and found.f1.low < 1
    assert (found.events, found.shared) == (24, 23)


def test_documents_without_event_count_for_whether_there_is_one_alone() -> None:
    empty = [coding(f"e{n}", who, slot=s) for n in range(4) for s, who in enumerate(("ana", "ben"), 1)]
    found = figures({**twelve(), **items(*empty)})
    assert (found.documents, found.both_empty, found.f1.value, found.any_event.value) == (16, 4, 1.0, 1.0)
    nothing = figures(items(*empty))
    assert nothing.f1.value is None
    assert nothing.f1.reason == "nobody found an event"
    json.dumps(nothing.as_json(), allow_nan=False)
    json.dumps(figures({}).as_json(), allow_nan=False)


def test_what_counts_as_a_double_coding() -> None:
    wrong = {"draft": "x", "field": "event_date", "true": "2026-05-03", "wrong": "2026-04-03"}
    found = choose(
        items(
            coding("a", "ana", SHIRAZ), coding("a", "ben", SHIRAZ, slot=2),
            coding("b", "ana", SHIRAZ), coding("b", "ben", SHIRAZ, slot=2, planted=wrong),
            coding("c", "ana", SHIRAZ), coding("c", "ana", YAZD, slot=2),
            coding("d", "ana", SHIRAZ), coding("d", "new", SHIRAZ, slot=2),
            coding("e", "ana", SHIRAZ), coding("e", "ben", SHIRAZ, slot=2, done=None),
            coding("f", "ana", SHIRAZ, done="2026-01-01T00:00:00Z"), coding("f", "ben", SHIRAZ, slot=2),
        ),
        since="2026-05-01", until="2026-06-01", without={"new"},
    )  # fmt: skip
    assert [[one.item for one in codings] for codings in found.documents] == [["a", "a"]]
    assert (found.alone, found.planted, found.apart, found.bereft) == (3, 1, 1, 2), "no document is counted twice"
    told = list(heading(figures({}), found, PLAN))[1]
    assert told == (
        "left out: 3 documents coded by one person alone, 1 coding with a planted draft, 1 coding by coders in training,"
        " 2 codings that had only those to be compared with"
    )


def test_whether_there_is_an_event_is_told_with_its_share_and_why_it_has_no_interval() -> None:
    """Where nearly every document holds an event alpha is 0 beside one that differs: the share says what that means."""
    some = twelve()
    some["d00"][1].events.clear()
    found = figures(some)
    assert (found.any_event.value, found.any_share.value) == (0.0, 0.9167)
    lines = list(finding(found))
    assert "alpha 0.000 (-); 91.7% agree" in lines[1] and "samples there is no variation" in lines[2]
    assert found.as_json()["finding"]["any_event_agreement"]["value"] == 0.9167
    assert [row[9] for row in csv_rows(found) if row[8] == "any_event_agreement"] == [0.9167]


def test_parts_are_those_of_the_documents() -> None:
    some = [coding("a", "ana", SHIRAZ), coding("a", "ben", SHIRAZ, slot=2), coding("a", "cy", slot=3)]
    late = {"done": "2026-07-02T00:00:00Z", "round": "July"}
    some += [coding("b", "ben", **late), coding("b", "cy", {**YAZD, "country": "Iraq"}, slot=2, **late)]
    documents = choose(items(*some)).documents
    assert list(parted(documents, "coder-pair")) == ["ana + ben", "ana + cy", "ben + cy"]
    assert len(parted(documents, "coder-pair")["ben + cy"]) == 2
    assert list(parted(documents, "month")) == ["2026-06", "2026-07"]
    assert list(parted(documents, "round")) == ["July", "May"]
    assert list(parted(documents, "country")) == ["Iran", "Iraq"]
    whole = measure(documents, PLAN, ("coder-pair",))
    assert whole.parts["coder-pair"]["ana + ben"].f1.value == 1.0
    assert whole.of("event_date") is not None
    told = json.dumps(whole.as_json({"ana": "coder-1", "ben": "coder-0", "cy": "coder-2"}.__getitem__))
    assert "coder-0 + coder-1" in told
    assert not any(name in told for name in ("ana", '"ben', "cy "))


def test_the_same_codings_give_the_same_figures_whatever_their_order() -> None:
    codings = twelve(fatalities=4, actor1="Rioters (Iran)")
    turned = dict(reversed(list(codings.items())))
    assert figures(codings).as_json() == figures(turned).as_json()


def test_the_packaged_table_speaks_of_columns_that_there_are(tmp_path: Path) -> None:
    from eventcoder.agreement.fields import unnamed
    from eventcoder.codebook import load_codebook

    book = load_codebook(packaged_schema())
    assert {one.column for one in FIELDS.measured} | set(FIELDS.left_out) <= set(book.columns_by_name)
    assert unnamed(FIELDS, [c.name for c in book.columns if c.entered == "coder"]) == []
    lists = {c.name for c in book.columns if c.type == "list"}
    assert {one.column for one in FIELDS.measured if one.metric == "sets"} == lists & {one.column for one in FIELDS.measured}
    assert read_fields(tmp_path).measured == FIELDS.measured  # a project that has no table of its own


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("actor1,cosine,value,,,,why", "no metric"),
        ("actor1,nominal,value,,,,", "reason"),
        ("actor1,nominal,perhaps,,,,why", "missing or value"),
        ("fatalities,ratio,value,,,,why", "no distance"),
        ("actor1,nominal,value,,,high,why", "level"),
        ("actor1,nominal,value,,,,why\nactor1,sets,value,,,,why", "twice"),
    ],
)
def test_a_table_that_means_nothing_is_refused_with_its_line(row: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "agreement.csv").write_text(f"# ours\ncolumn,metric,absent,tolerance,window,level,why\n{row}\n", "utf-8")
    with pytest.raises(CodebookError, match=said) as caught:
        read_fields(tmp_path)
    assert f"line {2 + len(row.splitlines())}" in str(caught.value)

"""Every row is accounted for: repeated ids, pairs, gaps and old codes, damage in the middle of a file, and what is kept beside an event."""

from __future__ import annotations

import csv
import gzip
import json
import random
from datetime import timedelta
from pathlib import Path

import pytest

from eventcoder.codebook import Codebook
from eventcoder.coding.origin import origin
from eventcoder.errors import UsageError
from eventcoder.intake.tables import Wishes, import_table
from eventcoder.ledger import Ledger, fold, new_entry, open_ledger
from eventcoder.project import Project
from tests.synthetic_events import synthetic_values

from .conftest import NOW, Bring
from .material import ACLED, clash, csv_text, numeric, protest
from .vintages import ACTOR_BASED, SAMPLES

LATER = NOW + timedelta(days=1)


def figures(result: object) -> tuple[int, ...]:
    return tuple(getattr(result, n) for n in ("read", "created", "revised", "unchanged", "rejected", "incomplete"))


def sides(row: dict[str, str]) -> list[dict[str, str]]:
    """A row as an actor-based file has it: one row an actor."""
    first = {**row}
    second = {**row, "actor1": row["actor2"], "assoc_actor_1": row["assoc_actor_2"], "inter1": row["inter2"]}
    return [first, second] if row["actor2"] else [first]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_vintage_and_dialect_comes_in_and_twice_is_once(take: Bring, store: Ledger, name: str) -> None:
    sample = SAMPLES[name]
    first = take(sample.csv, keep_going=True)
    assert (first.dialect, first.vintage) == (sample.dialect, sample.vintage)
    assert first.created > 0 and first.read == len(sample.rows)
    acts = store.count("act")
    again = take(sample.csv, time=LATER, keep_going=True)
    assert (again.created, again.revised, again.rejected) == (0, 0, first.rejected)
    assert store.count("act") == acts
    assert {e.state for e in store.events()} <= {"open", "settled"}
    assert first.incomplete == sum(e.state == "open" for e in store.events())


def test_an_old_type_without_a_certain_heir_stays_open_beside_what_the_file_said(take: Bring, store: Ledger) -> None:
    take(SAMPLES["before 2016"].csv if "before 2016" in SAMPLES else next(s for s in SAMPLES.values() if s.vintage == "before 2016").csv)
    event_id = store.find_cnty("IRN90001")
    assert event_id is not None
    acts = store.acts(event_id)
    event = fold(acts)
    assert event.state == "open" and "sub_event_type" not in event.values and "event_type" not in event.values
    found = origin(acts)
    assert found is not None and found["original"]["EVENT_TYPE"] == "Riots/Protests" and found["original"]["EVENT_ID_CNTY"] == "90001IRN"
    clash_id = store.find_cnty("NIG90002")
    assert clash_id is not None and fold(store.acts(clash_id)).values["sub_event_type"] == "Armed clash"


def test_an_old_file_never_clears_what_a_newer_one_or_a_coder_knows(take: Bring, store: Ledger) -> None:
    take(csv_text([protest(), clash()]))
    before = {e.event_id: e.values for e in store.events()}
    old = next(s for s in SAMPLES.values() if s.vintage == "before 2016")
    result = take(old.csv, name="old.csv", time=LATER)
    now = {e.event_id: e.values for e in store.events()}
    assert result.created == 0 and {i: v.get("sub_event_type") for i, v in now.items()} == {i: v["sub_event_type"] for i, v in before.items()}


def test_the_two_sides_of_an_actor_based_pair_are_one_event(take: Bring, store: Ledger) -> None:
    attack = clash(
        event_id_cnty="NIG90009", event_type="Violence against civilians", sub_event_type="Attack", actor1="Unidentified Armed Group (Nigeria)",
        inter1="Political militia", actor2="Civilians (Nigeria)", inter2="Civilians", assoc_actor_2="Farmers (Nigeria)",
        interaction="Political militia-Civilians", civilian_targeting="Civilian targeting", source_scale="National",
    )  # fmt: skip
    rows = [*sides(protest()), *sides(clash()), *reversed(sides(attack))]
    result = take(csv_text(rows, ACTOR_BASED))
    assert result.vintage == "2024+ actor-based" and figures(result) == (5, 3, 0, 2, 0, 0) and result.joined == 2
    one = store.find_cnty("NIG90002")
    assert one is not None
    values = fold(store.acts(one)).values
    assert (values["actor1"], values["actor2"]) == (clash()["actor1"], clash()["actor2"])
    victim = store.find_cnty("NIG90009")
    assert victim is not None
    acts = store.acts(victim)
    values = fold(acts).values
    assert (values["actor2"], values["assoc_actor_2"], values["inter2"]) == ("Civilians (Nigeria)", ["Farmers (Nigeria)"], "Civilians")
    assert acts[0].body["import"]["lines"] == [5, 6]
    assert figures(take(csv_text(rows, ACTOR_BASED), time=LATER)) == (5, 0, 0, 5, 0, 0)
    dyadic = csv_text([protest(), clash(), attack])
    assert figures(take(dyadic, name="dyadic.csv", time=LATER)) == (3, 0, 0, 3, 0, 0), "the same events in the other form"


def test_three_sides_or_sides_that_differ_otherwise_are_contradictions(take: Bring) -> None:
    first, second = sides(clash())
    third = {**second, "actor1": "NRF: Northern River Front", "inter1": "Rebel group"}
    other = {**second, "fatalities": "9"}
    for rows, lines in (([first, second, third], "2, 3, 4"), ([first, other], "2, 3")):
        result = take(csv_text(rows, ACTOR_BASED), keep_going=True)
        assert (result.created, result.rejected) == (0, len(rows))
        assert all(lines in p.message for p in result.problems if p.code == "duplicate-id")


def test_repeated_ids_far_apart_are_found_and_shown_with_both_lines(take: Bring, store: Ledger) -> None:
    many = [protest(event_id_cnty=f"IRN{n}", notes=f"On 16 May 2025, bakers gathered in Shiraz (Fars), number {n}.") for n in range(1, 121)]
    rows = [*many, many[4], {**many[7], "fatalities": "", "notes": "something else"}]
    result = take(csv_text(rows), keep_going=True)
    assert figures(result)[:5] == (122, 119, 0, 1, 2)
    told = next(p.message for p in result.problems if p.code == "duplicate-id")
    assert "lines 9, 123" in told and "notes" in told
    assert result.rejects_file is not None
    with result.rejects_file.open(newline="") as lines:
        assert [row["_line"] for row in csv.DictReader(lines)] == ["9", "123"]


def test_equal_notes_under_different_ids_are_normal(take: Bring) -> None:
    rows = [protest(), protest(event_id_cnty="IRN90008"), protest(event_id_cnty="IRN90009", location="Marvdasht", admin2="Marvdasht")]
    assert figures(take(csv_text(rows)))[:2] == (3, 3)


@pytest.mark.parametrize("name", ["114.591", "114.59100000000001", "114.591000", "+114.591"])
def test_float_noise_is_no_change(take: Bring, store: Ledger, name: str) -> None:
    row = clash(country="Philippines", longitude="114.591", latitude="7.5", event_id_cnty="PHI5")
    take(csv_text([row]))
    noisy = {**row, "longitude": name, "latitude": "7.500000000000001", "fatalities": "5.0", "iso": "608.0", "year": "2025.0"}
    assert figures(take(csv_text([{**row, "iso": "608"}]), name="a.csv", time=LATER))[:5] in ((1, 0, 0, 1, 0), (1, 0, 1, 0, 0))
    acts = store.count("act")
    assert figures(take(csv_text([noisy], newline="\r\n"), name="saved anew.csv", time=LATER))[:5] == (1, 0, 0, 1, 0)
    assert store.count("act") == acts


def test_damage_in_the_middle_costs_its_own_rows_only(take: Bring, store: Ledger) -> None:
    rows = [protest(event_id_cnty=f"IRN{n}", notes=f"On 16 May 2025, in Shiraz (Fars), number {n}.") for n in range(1, 41)]
    lines = csv_text(rows).splitlines(keepends=True)
    lines[5] = lines[5].replace("Peaceful protest", 'Peaceful "protest"x')
    lines[10] = lines[10].replace("Shiraz,", '"Shiraz"x,', 1)
    lines[20] = lines[20].replace(",Fars,", ",Fars,extra,", 1)
    result = take("".join(lines), keep_going=True)
    assert result.read == 40 and result.rejected >= 2 and result.created == 40 - result.rejected
    assert {p.where for p in result.problems if p.severity == "error"} >= {"events.csv, line 11", "events.csv, line 21"}
    assert store.find_cnty("IRN40") is not None


def test_nothing_is_left_in_the_ledger_of_a_file_with_rejected_rows(take: Bring, store: Ledger) -> None:
    rows = [protest(event_id_cnty=f"IRN{n}", notes=f"Number {n}.") for n in range(1, 30)]
    result = take(csv_text([*rows, clash(fatalities="many")]))
    assert not result.stored and figures(result)[:5] == (30, 29, 0, 0, 1)
    assert store.store.row("SELECT COUNT(*) FROM entries") == (0,), "what was never shown is swept away"


def test_large_files_go_in_by_pieces_and_many_problems_are_counted(take: Bring, store: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventcoder.intake.transform.PIECE", 50)
    monkeypatch.setattr("eventcoder.intake.survey.PIECE", 70)
    monkeypatch.setattr("eventcoder.intake.account.SHOWN", 20)
    monkeypatch.setattr("eventcoder.intake.judging.FEW", 0)
    rows = [protest(event_id_cnty=f"IRN{n}", notes="" if n % 3 == 0 else f"On 16 May 2025, in Shiraz (Fars), number {n}.") for n in range(1, 501)]
    result = take(csv_text(rows))
    assert figures(result) == (500, 500, 0, 0, 0, 166)
    assert len(result.problems) == 20 and result.told["error", "missing-required", "notes"] == 166
    assert store.states() == {"open": 166, "settled": 334}
    assert figures(take(csv_text(rows), time=LATER)) == (500, 0, 0, 500, 0, 0)


def test_both_ways_of_judging_give_the_same_events(
    take: Bring, store: Ledger, book: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(4)
    rows = []
    for values in synthetic_values(120, 9):
        row = {c: "; ".join(v) if isinstance(v := values[c], list) else "" if v is None else str(v) for c in ACLED}
        for name in rng.sample(ACLED[3:], rng.choice((0, 0, 1, 2))):
            row[name] = rng.choice(("", row[name], str(synthetic_values(1, rng.randrange(50))[0][name] or "")))
            row[name] = "" if row[name].startswith("[") else row[name]
        rows.append(row)
    few = take(csv_text(rows), keep_going=True)
    monkeypatch.setattr("eventcoder.intake.judging.FEW", 0)
    other = Project(tmp_path / "other")
    other.state_dir.mkdir(parents=True)
    with open_ledger(other.ledger_path) as second:
        many = import_table(other, second, book, tmp_path / "events.csv", coder="ana", time=NOW, wishes=Wishes(keep_going=True))
        assert (figures(many), many.told) == (figures(few), few.told) and few.incomplete > 10
        assert list(second.events()) == list(store.events())


def test_what_has_no_column_is_kept_beside_the_event_if_asked_for(take: Bring, store: Ledger) -> None:
    rows = [{**protest(), "mood": "calm ; =1"}, {**clash(), "mood": ""}]
    result = take(csv_text(rows, [*ACLED, "mood"]), keep_unknown=True)
    assert result.created == 2 and result.told["warning", "unknown-column-kept", "mood"] == 1
    ids = [store.find_cnty(c) for c in ("IRN90001", "NIG90002")]
    assert [(origin(store.acts(i)) or {}).get("original") for i in ids if i] == [{"mood": "calm ; =1"}, None]


def test_a_row_names_its_file_line_dialect_and_digest(take: Bring, store: Ledger) -> None:
    take(csv_text([numeric(protest()), numeric(clash(fatalities="7"))]), name="week 20.csv")
    found = origin(store.acts(str(store.find_cnty("NIG90002"))))
    assert found is not None and (found["file"], found["line"], found["dialect"], found["vintage"]) == ("week 20.csv", 3, "acled", "2023")
    assert len(found["sha256"]) == 64 and len(found["row"]) == 32
    assert figures(take(csv_text([numeric(clash(fatalities="8"))]), name="b.csv", time=LATER))[:4] == (1, 0, 1, 0)
    acts = store.acts(str(store.find_cnty("NIG90002")))
    assert [(a.body["import"]["file"], a.body["import"]["line"]) for a in acts] == [("week 20.csv", 3), ("b.csv", 2)]


def test_the_seal_of_an_import_carries_its_account(take: Bring, store: Ledger) -> None:
    take(csv_text([protest(), clash(notes="")]))
    (seal,) = store.entries(kind="seal")
    assert seal.body["import"]["created"] == 2 and seal.body["import"]["incomplete"] == 1 and seal.body["entries"] == 2


def test_days_that_can_be_read_in_two_ways_are_asked_for(take: Bring, store: Ledger) -> None:
    rows = [protest(event_date="03/04/2025", year=""), clash(event_date="05/06/2025", year="")]
    with pytest.raises(UsageError, match="--day-order"):
        take(csv_text(rows))
    assert store.count("act") == 0
    take(csv_text(rows), day_order="month-first")
    assert fold(store.acts(str(store.find_cnty("IRN90001")))).values["event_date"] == "2025-03-04"


def test_compressed_and_piped_tables(
    take: Bring, home: Project, store: Ledger, book: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = csv_text([protest(), clash()])
    assert take(gzip.compress(text.encode()), name="events.csv.gz").created == 2
    piped = tmp_path / "piped"
    piped.write_text(text)
    with piped.open("rb") as source:
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": source, "isatty": lambda self: False})())
        result = import_table(home, store, book, "-", coder="ana", time=LATER)
    assert figures(result)[:4] == (2, 0, 0, 2)


def test_coders_go_on_while_a_table_comes_in(take: Bring, home: Project, store: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventcoder.ledger.bulk import Bulk

    add = Bulk.add
    made: list[str] = []

    def meddle(self: Bulk, *given: object) -> int:
        with open_ledger(home.ledger_path) as other:
            body = {"act": "create", "values": {"country": "Iran"}, "settled": False}
            other.append([new_entry("act", f"coder{len(made)}", body, coder="ben", time=LATER)])
            made.append(f"coder{len(made)}")
            assert other.head("coder0") is not None and other.find_cnty("IRN90001") is None, "the import is not to be seen yet"
        return add(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Bulk, "add", meddle)
    assert take(csv_text([protest(), clash()])).created == 2
    assert made and store.find_cnty("IRN90001") is not None and store.head("coder0") is not None


def test_workbook_of_the_template_comes_back(take: Bring, store: Ledger, home: Project, book: Codebook, tmp_path: Path) -> None:
    from eventcoder.intake.template import fields_of, last_events, write_template
    from tests.intake.template.filling import CLASH, MARCH, fill

    path = tmp_path / "coding.xlsx"
    write_template(home, book, path, moment=NOW, coder="ana", rows=50)
    fill(path, book, [MARCH, {**CLASH, "fatalities": "many"}, CLASH])
    result = take(path)
    assert (result.dialect, result.read, result.rejected) == ("native", 3, 1) and not result.stored
    where = next(p.where or "" for p in result.problems if p.severity == "error")
    assert "sheet 'events'" in where and "row 3" in where and "column" in where and "fatalities" in where
    fill(path, book, [CLASH], first=3)
    result = take(path)
    assert figures(result)[1:5] in ((3, 0, 0, 0), (2, 0, 1, 0))
    examples, _ = last_events(store, "ana", fields_of(book))
    again = tmp_path / "again.xlsx"
    write_template(home, book, again, moment=NOW, coder="ana", examples=examples, rows=10)
    assert figures(take(again, time=LATER))[1:5] == (0, 0, len(examples), 0)
    import openpyxl

    book_ = openpyxl.load_workbook(again)
    sheet = book_["events"]
    names = [c.value for c in sheet[1]]
    sheet.cell(2, names.index("admin3") + 1).value = "Old Bazaar"
    book_.save(again)
    edited = take(again, time=LATER + timedelta(days=1))
    assert (edited.revised, edited.unchanged) == (1, len(examples) - 1)
    assert any(json.dumps(e.values).count("Old Bazaar") for e in store.events())


def test_one_side_told_twice_takes_nothing_from_an_event_with_two(take: Bring, store: Ledger) -> None:
    """Copies of one side stand in the same file as whole pairs: of the second actor they are silent, and silence clears nothing."""
    two = clash(event_id_cnty="NIG90005", location="Maiduguri - Old Bridge")
    take(csv_text([clash(), two]))
    alone, whole = sides({**clash(), "admin3": "Quarter"})[0], sides({**two, "admin3": "Quarter"})
    result = take(csv_text([alone, alone, *whole], ACTOR_BASED), name="sides.csv", time=LATER)
    assert figures(result)[:5] == (4, 0, 2, 2, 0) and result.joined == 1
    values = fold(store.acts(str(store.find_cnty("NIG90002")))).values
    assert (values["actor2"], values["inter2"], values["admin3"]) == (clash()["actor2"], clash()["inter2"], "Quarter")


def test_two_equal_rows_can_be_the_two_sides_of_an_event(take: Bring, store: Ledger) -> None:
    """Protesters against protesters: an actor-based file has the same row twice, and the interaction says that there are two."""
    twice = {**protest(), "interaction": "Protesters-Protesters"}
    once = protest(event_id_cnty="IRN90007")
    result = take(csv_text([twice, twice, once, once], ACTOR_BASED))
    assert figures(result) == (4, 2, 0, 2, 0, 0) and result.joined == 1
    values = fold(store.acts(str(store.find_cnty("IRN90001")))).values
    assert values["actor2"] == values["actor1"] and values["interaction"] == "Protesters-Protesters"
    assert "actor2" not in fold(store.acts(str(store.find_cnty("IRN90007")))).values


def test_the_last_file_again_is_known_by_its_hash_and_only_it(take: Bring, store: Ledger) -> None:
    text = csv_text([protest(), clash()])
    take(text)
    again = take(text, time=LATER)
    assert figures(again) == (2, 0, 0, 2, 0, 0) and again.told == {("info", "same-file", None): 1}
    assert ("info", "same-file", None) not in take(text, time=LATER, day_order="day-first").told, "read in another way"
    take(csv_text([clash(fatalities="9")]), name="newer.csv", time=LATER)
    back = take(text, time=LATER + timedelta(days=1))
    assert figures(back)[:4] == (2, 0, 1, 1) and ("info", "same-file", None) not in back.told, "another file came in between"
    before = store.head(str(store.find_cnty("IRN90001")))
    assert before is not None
    gone = {"act": "retract", "reason": "hoax"}
    store.append([new_entry("act", before.event_id, gone, coder="ben", time=LATER, parents=before.heads)])
    withdrawn = take(text, time=LATER + timedelta(days=2))
    assert withdrawn.told["warning", "event-withdrawn", None] == 1


def test_what_was_redacted_does_not_come_back(take: Bring, store: Ledger) -> None:
    text = csv_text([protest(), clash()])
    take(text)
    act = store.acts(str(store.find_cnty("IRN90001")))[0]
    stub = {"act": "create", "values": {"country": "Iran", "event_id_cnty": "IRN90001"}}
    store.redact(act.id, stub, coder="lead", time=LATER, reason="court order")
    result = take(csv_text([protest(), clash(fatalities="6")]), name="b.csv", time=LATER + timedelta(days=1))
    assert figures(result)[:4] == (2, 0, 1, 1) and result.told["warning", "event-redacted", None] == 1
    assert "bakers" not in json.dumps([e.values for e in store.events()])
    assert ("info", "same-file", None) not in take(text, time=LATER + timedelta(days=2)).told


def test_rows_that_are_no_events_are_rejected_and_hold_nothing_up(take: Bring, store: Ledger) -> None:
    sample = SAMPLES["mass_mobilization"]
    result = take(sample.csv)
    assert result.stored and result.no_events == result.rejected == 1 and result.created == len(sample.rows) - 1
    assert result.rejects_file is not None and "not-an-event" in result.rejects_file.read_text("utf-8")


def test_cells_that_mean_nothing_are_not_kept_beside_events(take: Bring, store: Ledger) -> None:
    take(SAMPLES["mass_mobilization"].csv)
    kept = [(origin(store.acts(e.event_id)) or {}).get("original", {}) for e in store.events()]
    assert kept and all("." not in original.values() and "" not in original.values() for original in kept)

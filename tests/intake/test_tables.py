"""Import of event tables: the account adds up, nothing is invented, nothing of a coder's is overwritten."""

import csv
import json
from datetime import UTC, datetime

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.errors import InputError, LedgerConflict, Refused, UsageError
from eventcoder.intake.tables import Wishes, import_table
from eventcoder.ledger import new_entry, open_ledger
from eventcoder.ledger.bulk import Bulk
from eventcoder.project import Project, Settings, packaged_schema

from .material import ACLED, clash, csv_text, numeric, protest

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def codebook(tmp_path_factory):
    return load_codebook(packaged_schema(), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def ledger(project):
    project.state_dir.mkdir(parents=True)
    with open_ledger(project.ledger_path) as opened:
        yield opened


@pytest.fixture
def bring(project, ledger, codebook, tmp_path):
    """Write a text to a file and import it."""

    def do(text, name="events.csv", time=NOW, **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        result = import_table(options.pop("project", project), ledger, codebook, path, coder="ana", time=time, wishes=Wishes(**options))
        assert result.read == result.created + result.revised + result.unchanged + result.rejected
        return result

    return do


def account(result):
    return (result.created, result.revised, result.unchanged, result.rejected, result.incomplete)


def codes(result, severity="error"):
    return [p.code for p in result.problems if p.severity == severity]


def event(ledger, cnty):
    return ledger.head(ledger.find_cnty(cnty))


def test_acled_export_comes_in_whole_and_twice_is_once(bring, ledger):
    text = csv_text([protest(), clash()])
    first = bring(text)
    assert (first.dialect, first.vintage, account(first), first.rejects_file) == ("acled", "2024+", (2, 0, 0, 0, 0), None)
    assert codes(first) == []
    stored = event(ledger, "IRN90001")
    assert stored.state == "settled"
    given = {k: v for k, v in protest().items() if v}
    lists = {"assoc_actor_1", "source", "tags"}
    for name, text_value in given.items():
        value = stored.values[name]
        assert ("; ".join(value) if name in lists else str(value)) == text_value, name
    again = bring(text, time=LATER)
    assert account(again) == (0, 0, 2, 0, 0)
    assert ledger.count("act") == 2


def test_where_a_row_came_from_is_in_its_act(bring, ledger):
    bring(csv_text([protest(), clash()]), name="week 20.csv")
    act = ledger.acts(ledger.find_cnty("NIG90002"))[0]
    source = act.body["import"]
    assert (source["file"], source["line"], source["dialect"], source["vintage"]) == ("week 20.csv", 3, "acled", "2024+")
    assert len(source["sha256"]) == 64 and act.coder == "ana"


def test_numeric_files_of_2023_give_the_same_events(bring, ledger):
    first = bring(csv_text([numeric(protest()), numeric(clash())]))
    assert (first.vintage, account(first)) == ("2023", (2, 0, 0, 0, 0))
    assert event(ledger, "NIG90002").values["interaction"] == "State forces-Political militia"
    assert "inter2" not in event(ledger, "IRN90001").values
    second = bring(csv_text([protest(), clash()]), name="text.csv", time=LATER)
    assert (second.vintage, account(second)) == ("2024+", (0, 0, 2, 0, 0))


def test_T30_whole_numbers_that_a_program_made_floats(bring, ledger):
    row = numeric(clash())
    row |= {c: row[c] + ".0" for c in ("inter1", "inter2", "interaction", "iso", "year", "fatalities", "geo_precision", "timestamp")}
    result = bring(csv_text([row]))
    assert (result.vintage, account(result)) == ("2023", (1, 0, 0, 0, 0))
    values = event(ledger, "NIG90002").values
    assert (values["fatalities"], values["iso"], values["inter2"]) == (5, 566, "Political militia")
    assert type(values["fatalities"]) is int


def test_T19_missing_is_not_zero(bring, ledger):
    silent = protest(event_id_cnty="IRN90003", fatalities="", event_date="2025-05-18", notes="On 18 May 2025, in Shiraz.")
    bring(csv_text([protest(), clash(), silent]))
    keys = ("fatalities", "fatalities_low", "fatalities_high", "fatalities_basis")
    assert [event(ledger, "IRN90001").values.get(k) for k in keys] == [0, 0, None, "unknown"]
    assert [event(ledger, "NIG90002").values.get(k) for k in keys] == [5, 5, None, "unknown"]
    assert [event(ledger, "IRN90003").values.get(k) for k in keys] == [None, None, None, None]


def test_old_spellings_and_renamed_columns(bring, ledger):
    row = protest(
        sub_event_type="Excessive force against protestors", event_type="Protests", disorder_type="Political violence; Demonstrations",
        actor2="Police Forces of Iran (1989-)", inter2="State forces", interaction="State forces-Protesters", civilian_targeting="Civilians targeted",
    )  # fmt: skip
    columns = [{"assoc_actor_1": "ALLY_ACTOR_1"}.get(c, c.upper()) for c in ACLED] + ["DATA_ID", "iso3"]
    named = {{"assoc_actor_1": "ALLY_ACTOR_1"}.get(c, c.upper()): v for c, v in row.items()} | {"DATA_ID": "77", "iso3": "IRN"}
    result = bring(csv_text([named], columns))
    assert result.dialect == "acled" and account(result)[0] == 1
    values = event(ledger, "IRN90001").values
    assert values["civilian_targeting"] == "Civilian targeting" and values["sub_event_type"] == "Excessive force against protesters"
    assert values["assoc_actor_1"] == ["Labor Group (Iran)"]


def test_a_blank_that_the_rules_object_to_stays_blank(bring, ledger):
    row = protest(
        sub_event_type="Excessive force against protesters", disorder_type="Political violence; Demonstrations",
        actor2="Police Forces of Iran (1989-)", inter2="State forces", interaction="State forces-Protesters", civilian_targeting="",
    )  # fmt: skip
    result = bring(csv_text([row]))
    assert result.incomplete == 1 and "civilian_targeting" not in event(ledger, "IRN90001").values
    assert event(ledger, "IRN90001").state == "open"


def test_a_region_of_another_edition_is_told_once_and_not_held_against_the_row(bring, ledger):
    result = bring(csv_text([protest(region="South Asia"), clash(region="South Asia")]))
    assert account(result) == (2, 0, 0, 0, 0)
    assert [(p.code, p.field) for p in result.problems if p.severity == "info"] == [("vintage-told", None), ("value-recomputed", "region")]
    assert event(ledger, "IRN90001").values["region"] == "Middle East"
    assert account(bring(csv_text([protest(region="South Asia"), clash()]), time=LATER)) == (0, 0, 2, 0, 0)


def test_a_changed_row_is_one_act_of_the_changed_fields(bring, ledger):
    bring(csv_text([protest(), clash()]))
    result = bring(csv_text([protest(timestamp="1749000000"), clash(fatalities="7", timestamp="1749000000")]), name="update.csv", time=LATER)
    assert account(result) == (0, 1, 1, 0, 0)
    act = ledger.acts(ledger.find_cnty("NIG90002"))[-1]
    assert act.body["act"] == "revise" and act.body["reason"] == "import update.csv"
    assert act.body["values"] == {"fatalities": 7, "fatalities_low": 7, "timestamp": 1749000000}


def test_float_noise_is_no_change(bring):
    bring(csv_text([protest(latitude="29.6104", longitude="114.591", country="China", iso="156", region="East Asia")]))
    again = bring(csv_text([protest(latitude="29.610400000000002", longitude="114.59100000000001", country="China", iso="156", region="East Asia")]))
    assert account(again)[:4] == (0, 0, 1, 0)


def test_what_a_coder_amended_stands(bring, ledger):
    bring(csv_text([clash()]))
    before = event(ledger, "NIG90002")
    change = {"act": "revise", "values": {"fatalities": 6, "admin3": "Old Bridge"}, "reason": "second report", "settled": True}
    ledger.append([new_entry("act", before.event_id, change, coder="ben", time=NOW, parents=before.heads)])
    same = bring(csv_text([clash()]), time=LATER)
    assert account(same) == (0, 0, 1, 0, 0) and codes(same, "warning") == []
    both = bring(csv_text([clash(fatalities="9", location="Maiduguri - Old Bridge")]), name="new.csv", time=LATER)
    assert account(both)[:4] == (0, 1, 0, 0)
    assert [(p.code, p.field) for p in both.problems if p.code == "amended-here"] == [("amended-here", "fatalities")]
    now = event(ledger, "NIG90002").values
    assert (now["fatalities"], now["admin3"], now["location"]) == (6, "Old Bridge", "Maiduguri - Old Bridge")


def test_a_revision_fills_in_nothing_that_the_file_leaves_blank(bring, ledger):
    bring(csv_text([protest(tags="")]))
    assert account(bring(csv_text([protest(tags="", admin3="Old Bazaar")]), time=LATER))[:4] == (0, 1, 0, 0)
    assert ledger.acts(ledger.find_cnty("IRN90001"))[-1].body["values"] == {"admin3": "Old Bazaar"}


def test_an_export_of_amended_values_may_change_them_again(bring, ledger):
    bring(csv_text([clash()]))
    before = event(ledger, "NIG90002")
    change = {"act": "revise", "values": {"location": "Maiduguri - Old Bridge"}, "reason": "second report", "settled": True}
    ledger.append([new_entry("act", before.event_id, change, coder="ben", time=NOW, parents=before.heads)])
    row = {**clash(location="Maiduguri - New Bridge"), "event_id": before.event_id, "revision": "2"}
    result = bring(csv_text([row], ["event_id", "revision", *ACLED]), name="export.csv", time=LATER)
    assert account(result)[:4] == (0, 1, 0, 0) and "amended-here" not in codes(result, "warning")
    assert event(ledger, "NIG90002").values["location"] == "Maiduguri - New Bridge"


def test_withdrawn_events_are_not_brought_back(bring, ledger):
    bring(csv_text([clash()]))
    before = event(ledger, "NIG90002")
    ledger.append([new_entry("act", before.event_id, {"act": "retract", "reason": "hoax"}, coder="ben", time=NOW, parents=before.heads)])
    result = bring(csv_text([clash(fatalities="9")]), time=LATER)
    assert account(result) == (0, 0, 1, 0, 0) and codes(result, "warning") == ["event-withdrawn"]
    assert ledger.head(before.event_id).state == "retracted"


def test_bad_rows_stop_everything_and_are_all_told(bring, ledger, tmp_path):
    rows = [
        protest(), protest(event_id_cnty="IRN90004", fatalities="12 people", latitude="129.1"), clash(event_date="31 June 2025"),
        clash(event_id_cnty="", notes="no id"), clash(event_id_cnty="acled-undefined"),
        protest(event_id_cnty="IRN90005", sub_event_type="Peacful protest"),
        protest(event_id_cnty="IRN90006", fatalities="-1"), protest(event_id_cnty="IRN90007", notes="x" * 20_001),
    ]  # fmt: skip
    result = bring(csv_text(rows))
    assert account(result)[:4] == (1, 0, 0, 7) and not result.stored
    assert ledger.count("act") == 0
    assert codes(result) == [
        "out-of-range", "not-a-whole-number", "impossible-date", "missing-id", "pattern-mismatch", "unknown-code", "out-of-range", "text-too-long",
    ]  # fmt: skip
    assert "Peaceful protest" in next(p.message for p in result.problems if p.code == "unknown-code")
    assert result.rejects_file == tmp_path / "events.csv.rejects.csv"
    with result.rejects_file.open(newline="") as lines:
        written = list(csv.DictReader(lines))
    assert [w["_line"] for w in written] == ["3", "4", "5", "6", "7", "8", "9"]
    assert {k: v for k, v in written[0].items() if k in ACLED} == rows[1]
    assert written[0]["_problems"].startswith("out-of-range: ") and "not-a-whole-number: " in written[0]["_problems"]


def test_keep_going_takes_the_good_rows_and_the_mended_rejects_follow(bring, ledger):
    first = bring(csv_text([protest(), clash(fatalities="five")]), keep_going=True)
    assert account(first)[:4] == (1, 0, 0, 1) and ledger.count("act") == 1
    mended = first.rejects_file.read_text("utf-8").replace(",five,", ",5,")
    second = bring(mended, name="mended.csv", time=LATER)
    assert account(second) == (1, 0, 0, 0, 0) and second.dialect == "acled"
    assert event(ledger, "NIG90002").values["fatalities"] == 5


def test_a_rejects_file_under_repair_is_not_overwritten(bring):
    first = bring(csv_text([clash(fatalities="five")])).rejects_file
    assert bring(csv_text([clash(fatalities="five")])).rejects_file == first
    first.write_text("being mended")
    assert bring(csv_text([clash(fatalities="five")])).rejects_file.name == "events.csv.rejects-2.csv"
    assert first.read_text() == "being mended"


def test_a_dry_run_stores_and_writes_nothing(bring, ledger, tmp_path):
    result = bring(csv_text([protest(), clash(fatalities="five")]), dry_run=True, keep_going=True)
    assert account(result)[:4] == (1, 0, 0, 1) and not result.stored and result.rejects_file is None
    assert ledger.count("act") == 0 and [p.name for p in tmp_path.glob("*.rejects*")] == []


def test_T24_one_id_in_two_rows(bring, ledger):
    rows = [protest(), clash(), protest(), clash(fatalities="6")]
    result = bring(csv_text(rows), keep_going=True)
    assert account(result)[:4] == (1, 0, 1, 2)
    assert codes(result) == ["duplicate-id", "duplicate-id"]
    assert "lines 3, 5" in next(p.message for p in result.problems if p.code == "duplicate-id")
    assert ledger.find_cnty("NIG90002") is None


def test_broken_rules_and_gaps_are_stored_open(bring, ledger):
    alone = clash(actor2="", inter2="", interaction="State forces only")
    result = bring(csv_text([protest(event_type="Riots"), alone, protest(event_id_cnty="IRN90009", notes="")]))
    assert account(result) == (3, 0, 0, 0, 3)
    assert {ledger.head(p.event_id).state for p in result.problems if p.severity == "error"} == {"open"}
    assert codes(result)[0] == "derived-mismatch" and {"actor2-required", "missing-required"} <= set(codes(result))
    assert all(p.where for p in result.problems)


def test_approval_by_a_person_keeps_clean_rows_open(bring, ledger, project):
    careful = Project(project.root, Settings(approval="all"))
    assert account(bring(csv_text([protest()]), project=careful)) == (1, 0, 0, 0, 1)
    assert event(ledger, "IRN90001").state == "open"


NATIVE = ["event_date", "time_precision", "sub_event_type", "actor1", "country", "admin1", "location", "latitude", "longitude", "geo_precision",
          "source", "source_scale", "notes", "fatalities", "crowd_text"]  # fmt: skip


def test_native_rows_without_ids_are_known_again_by_their_content(bring, ledger):
    rows = [protest(crowd_text="about 40"), protest(crowd_text="about 40"), protest(crowd_text="dozens")]
    first = bring(csv_text(rows, NATIVE))
    assert (first.dialect, first.vintage, account(first)) == ("native", None, (3, 0, 0, 0, 0))
    assert account(bring(csv_text(rows, NATIVE), time=LATER)) == (0, 0, 3, 0, 0)
    assert account(bring(csv_text(reversed(rows), NATIVE), time=LATER)) == (0, 0, 3, 0, 0)
    events = list(ledger.events())
    assert len({e.event_id for e in events}) == len({e.values["event_id_cnty"] for e in events}) == 3
    assert {e.values["fatalities_basis"] for e in events} == {"none"} and events[0].values["event_type"] == "Protests"
    assert events[0].values["inter1"] == "Protesters"


def test_registered_publishers_and_actors_fill_what_a_native_row_leaves_out(bring, ledger):
    body = {"name": "Alburia Courier", "scale": "Subnational"}
    ledger.append([new_entry("publisher", "Alburia Courier", body, coder="lead", time=NOW)])
    bring(csv_text([protest(source="Alburia Courier", source_scale="", crowd_text="about 40")], NATIVE))
    assert next(iter(ledger.events())).values["source_scale"] == "Subnational"


def test_json_lines_with_typed_values(bring, ledger):
    rows = [{**{k: protest()[k] for k in NATIVE if k in ACLED}, "latitude": 29.6104, "fatalities": None, "source": ["Alburia Courier"], "tags": []}]
    result = bring("\n".join(json.dumps(r) for r in rows), name="events.jsonl")
    assert (result.dialect, account(result)) == ("native", (1, 0, 0, 0, 0))
    only = next(iter(ledger.events()))
    assert only.values["source"] == ["Alburia Courier"] and "fatalities" not in only.values


def test_bad_json_lines_are_rejected_alone(bring, ledger):
    good = json.dumps({k: protest()[k] for k in NATIVE if k in ACLED})
    result = bring("\n".join([good, "{broken", "[1]", good[:-20]]), name="events.jsonl", keep_going=True)
    assert account(result)[:4] == (1, 0, 0, 3)
    assert codes(result) == ["not-json", "not-an-object", "row-truncated"]


def test_an_edited_export_revises_and_stale_cells_do_not_undo_work(bring, ledger):
    bring(csv_text([protest(), clash()]))
    columns = ["event_id", "revision", *ACLED]
    ids = {c: ledger.find_cnty(c) for c in ("IRN90001", "NIG90002")}
    rows = [{**r, "event_id": ids[r["event_id_cnty"]], "revision": "1"} for r in (protest(), clash())]
    before = event(ledger, "IRN90001")
    change = {"act": "revise", "values": {"location": "Shiraz - Bazaar"}, "reason": "closer look", "settled": True}
    ledger.append([new_entry("act", before.event_id, change, coder="ben", time=NOW, parents=before.heads)])
    rows[0]["notes"] = "On 16 May 2025, around 40 bakers gathered at the bazaar of Shiraz (Fars) over the price of flour."
    result = bring(csv_text(rows, columns), name="edited.csv", time=LATER)
    assert (result.dialect, account(result)[:4]) == ("native", (0, 1, 1, 0))
    now = event(ledger, "IRN90001").values
    assert now["location"] == "Shiraz - Bazaar" and "bazaar of Shiraz" in now["notes"]
    rows[0]["notes"] = "On 16 May 2025, bakers gathered in Shiraz."
    assert account(bring(csv_text(rows, columns), name="edited.csv", time=LATER))[:4] == (0, 1, 1, 0)
    assert account(bring(csv_text(rows, columns), name="edited.csv", time=LATER))[:4] == (0, 0, 2, 0)
    assert event(ledger, "IRN90001").values["location"] == "Shiraz - Bazaar"


def test_an_id_and_a_number_of_two_events(bring, ledger):
    bring(csv_text([protest(), clash()]))
    row = {**protest(event_id_cnty="NIG90002"), "event_id": ledger.find_cnty("IRN90001")}
    assert codes(bring(csv_text([row], ["event_id", *ACLED]), name="x.csv", time=LATER)) == ["duplicate-id"]


def test_a_cleared_cell_clears_the_value(bring, ledger):
    bring(csv_text([protest()]))
    assert account(bring(csv_text([protest(assoc_actor_1="")]), time=LATER)) == (0, 1, 0, 0, 0)
    assert "assoc_actor_1" not in event(ledger, "IRN90001").values


def test_unknown_columns_refuse_the_file_all_at_once(bring, ledger):
    with pytest.raises(Refused) as caught:
        bring(csv_text([{**protest(), "fatalites": "1", "mood": "calm"}], [*ACLED, "fatalites", "mood"]))
    assert [(p.code, p.field) for p in caught.value.problems] == [("unknown-column", "fatalites"), ("unknown-column", "mood")]
    assert "fatalities" in caught.value.problems[0].message
    assert ledger.count("act") == 0


def test_T29_line_ends_quotes_separators_and_marks(bring, ledger):
    notes = 'On 16 May 2025, a "silent"\nmarch took place in Shiraz; bakers, mostly.'
    for number, (delimiter, newline) in enumerate(((",", "\r\n"), (";", "\n"), ("\t", "\r\n"), ("|", "\n"))):
        row = protest(notes=notes, event_id_cnty=f"IRN9100{number}")
        result = bring("\ufeff" + csv_text([row, row], delimiter=delimiter, newline=newline), name=f"{number}.csv")
        assert account(result)[:4] == (1, 0, 1, 0)
        assert event(ledger, f"IRN9100{number}").values["notes"] == notes


def test_T23_lists_survive_and_names_with_commas_are_not_cut(bring, ledger):
    bring(csv_text([protest(source="Courier, The; Mill Gazette;  Herald ;", assoc_actor_1="")]))
    assert event(ledger, "IRN90001").values["source"] == ["Courier, The", "Mill Gazette", "Herald"]


def test_formulas_are_restored(bring, ledger):
    bring(csv_text([protest(notes="'=SUM(A1) was painted on a banner in Shiraz on 16 May 2025", admin2="'@home", admin3="'''tis plain")]))
    values = event(ledger, "IRN90001").values
    assert values["notes"].startswith("=SUM(A1)") and values["admin2"] == "@home" and values["admin3"] == "'''tis plain"


def test_truncated_and_ragged_rows(bring):
    whole = csv_text([protest(), clash()])
    cut = bring(whole[: whole.rindex("11.84")], name="cut.csv")
    assert account(cut)[3] == 1 and codes(cut) == ["row-truncated"]
    quoted = bring(whole.replace("On 17 May", '"On 17 May'), name="quoted.csv")
    assert codes(quoted)[0] in ("row-truncated", "bad-quoting") and quoted.rejected == 1
    ragged = bring(whole.replace("IRN90001,", "IRN90001,extra,"), name="ragged.csv", keep_going=True)
    assert account(ragged)[:4] == (1, 0, 0, 1) and codes(ragged) == ["wrong-cell-count"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", b"  \n"),
        ("a.csv", b"\x00\x01\x02"),
        ("a.csv", b"PK\x03\x04zip"),
        ("a.csv", b"notes,notes\n1,2\n"),
        ("a.json", b"[1,"),
    ],
)
def test_what_is_no_table(bring, name, data):
    with pytest.raises(InputError, match=rf"{name} (cannot be read|is not)"):
        bring(data, name=name)


def test_a_column_without_a_name_is_not_guessed_at(bring):
    with pytest.raises(Refused, match="Column 2 has no name"):
        bring("notes,,location\nx,2,Shiraz\ny,9,Shiraz\n")


def test_a_header_without_rows_is_an_empty_import(bring):
    assert bring(csv_text([])).read == 0


def test_a_table_in_another_encoding_is_read_and_told(bring, ledger):
    result = bring((csv_text([protest(location="Châteauroux – près de l’école", admin2="Évreux")])).encode("cp1252"))
    assert event(ledger, "IRN90001").values["location"] == "Châteauroux – près de l’école"
    assert codes(result, "warning")[:1] == ["table-encoding"]


def test_unknown_dialect(bring):
    with pytest.raises(UsageError, match="auto, acled, ccc"):
        bring(csv_text([protest()]), dialect="scad")
    assert bring(csv_text([protest()]), dialect="native").dialect == "native"


def test_a_future_day_is_an_error_of_the_row(bring):
    result = bring(csv_text([protest(event_date="2026-11-29", year="2026")]))
    assert result.incomplete == 1


def test_two_imports_at_one_moment_do_not_collide(bring, ledger):
    bring(csv_text([protest()]))
    before = event(ledger, "IRN90001")
    for fatalities in (3, 4):
        bring(csv_text([protest(admin3=f"Quarter {fatalities}")]))
    assert event(ledger, "IRN90001").revision == before.revision + 2
    assert ledger.unsealed() == {}


def test_a_conflict_while_importing_leaves_nothing_behind(project, ledger, codebook, tmp_path, monkeypatch):
    path = tmp_path / "events.csv"
    path.write_text(csv_text([protest(), clash()]))
    import_table(project, ledger, codebook, path, coder="ana", time=NOW)
    path.write_text(csv_text([protest(admin3="A"), clash(admin3="B")]))
    seal = Bulk.seal

    def meddle(*args, **kwargs):
        head = event(ledger, "IRN90001")
        with open_ledger(project.ledger_path) as other:
            body = {"act": "revise", "values": {"admin2": "Meanwhile"}, "reason": "x", "settled": True}
            other.append([new_entry("act", head.event_id, body, coder="ben", time=LATER, parents=head.heads)])
        return seal(*args, **kwargs)

    monkeypatch.setattr(Bulk, "seal", meddle)
    with pytest.raises(LedgerConflict):
        import_table(project, ledger, codebook, path, coder="ana", time=LATER)
    assert "admin3" not in event(ledger, "NIG90002").values and ledger.unsealed() == {}

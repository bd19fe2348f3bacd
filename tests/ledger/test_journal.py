"""Journals carry everything, in any order and any split, and damage is named with file and line."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.errors import InputError, LedgerError
from eventcoder.ledger import KINDS, Entry, Ledger, new_entry, open_ledger
from eventcoder.ledger.exchange.journal import export_journal, import_journal
from eventcoder.ledger.exchange.journal_line import file_name

from .conftest import EVENT, VALUES, act, created, moment
from .test_fold import histories

DUMP = "SELECT * FROM heads ORDER BY event_id"


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture
def journal(ledger: Ledger, tmp_path: Path) -> Path:
    """A journal of two coders, with one entry of every kind."""
    first = created(notes='line\u2028separator, "quotes", فارسی')
    ledger.append([first, act("revise", parents=(first.id,), coder="ben", values={"fatalities": 2}, settled=True, minute=3)])
    plain = [kind for kind in KINDS if kind not in ("act", "redaction", "seal", "coder")]  # a registered coder would shut out the others
    ledger.append([created("retracted"), *(new_entry(kind, "x", {"n": 1}, coder="ben", time=moment(9)) for kind in plain)])
    ledger.append([created("bulk1")], batch="b")
    ledger.seal("b", "ana", moment(11))
    ledger.append([created("unseen")], batch="not sealed")
    ledger.redact(ledger.acts("retracted")[0].id, {"act": "create"}, coder="ana", time="2026-04-01T00:00:00Z", reason="privacy")
    folder = tmp_path / "raw" / "journal"
    assert export_journal(ledger, folder) == sum(1 for _ in ledger.entries())
    return folder


def test_there_is_one_sorted_file_per_coder_and_month(journal: Path, ledger: Ledger) -> None:
    assert list(files_of(journal)) == ["ana-2026-03.jsonl", "ana-2026-04.jsonl", "ben-2026-03.jsonl"]
    lines = (journal / "ben-2026-03.jsonl").read_text("utf-8").split("\n")
    assert json.loads(lines[0]) == {"journal": 2, "project": "sample"}
    keys = [(json.loads(line)["time"], json.loads(line)["id"]) for line in lines[1:-1]]
    assert keys == sorted(keys) and lines[-1] == ""
    before = files_of(journal)
    export_journal(ledger, journal)
    assert files_of(journal) == before


def test_export_and_import_carry_every_kind_and_give_the_same_heads_and_bytes(journal: Path, ledger: Ledger, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "new.sqlite") as other:
        result = import_journal(other, journal)
        assert (result.problems, result.conflicts, result.known) == ([], [], 0)
        assert result.new == result.read == sum(1 for _ in ledger.entries())
        assert {e.kind for e in other.entries()} == set(KINDS) - {"coder"}
        assert other.store.rows(DUMP) == ledger.store.rows(DUMP)
        assert other.verify() == [] and other.project == "sample"
        again = import_journal(other, journal)
        assert (again.new, again.known) == (0, result.read)
        export_journal(other, tmp_path / "second")
    assert files_of(tmp_path / "second") == files_of(journal)


@given(histories(), histories(), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_journals_in_any_order_and_any_split_give_the_same_heads(one: list[Entry], two: list[Entry], chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entries = [*one, *(new_entry("act", "other", e.body, coder=e.coder, time=e.time) for e in two[:1])]
        dumps = []
        for number in range(2):
            chance.shuffle(entries)
            cut = chance.randint(0, len(entries))
            (folder / "z.jsonl").write_text("".join(json.dumps(e.as_json()) + "\n" for e in entries[:cut]) or "\n")
            (folder / "a.jsonl").write_text("".join(json.dumps(e.as_json()) + "\r\n" for e in [*entries[cut:], *entries[:1]]) or "\n")
            with open_ledger(folder / f"{number}.sqlite") as ledger:
                files = [folder / "z.jsonl", folder / "a.jsonl"]
                chance.shuffle(files)
                result = import_journal(ledger, files)
                assert not [p for p in result.problems if p.severity == "error"] and result.new == len(entries)
                dumps.append(ledger.store.rows(DUMP))
                assert ledger.verify() == []
                assert result.conflicts == [f.event_id for f in ledger.events(states=["conflict"])]
        assert dumps[0] == dumps[1]


def test_two_offline_coders_end_in_a_conflict_that_is_named(ledger: Ledger, tmp_path: Path) -> None:
    first = created()
    ledger.append([first])
    export_journal(ledger, tmp_path / "common")
    for coder, deaths in (("ben", 2), ("cem", 5)):
        with open_ledger(tmp_path / f"{coder}.sqlite") as own:
            import_journal(own, tmp_path / "common")
            own.append([act("revise", parents=(first.id,), coder=coder, values={"fatalities": deaths}, settled=True, minute=5)])
            export_journal(own, tmp_path / coder)
    assert import_journal(ledger, tmp_path / "ben").conflicts == []
    assert import_journal(ledger, tmp_path / "cem").conflicts == [EVENT]
    head = ledger.head(EVENT)
    assert head is not None and (head.state, head.values["fatalities"]) == ("conflict", 0)
    ledger.append([act("resolve", parents=head.heads, coder="ana", values={"fatalities": 5}, settled=True, minute=9)])
    assert ledger.states() == {"settled": 1} and ledger.verify() == []


def damaged(journal: Path, name: str, old: bytes, new: bytes) -> None:
    data = (journal / name).read_bytes()
    assert old in data
    (journal / name).write_bytes(data.replace(old, new, 1))


BEN = "ben-2026-03.jsonl"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"fatalities":2', b'"fatalities":0', "journal-entry-altered"),
        (b'"coder":"ben"', b'"coder":"eve"', "journal-entry-altered"),
        (b'"role":"coder"', b'"rank":"coder"', "journal-entry-invalid"),
        (b'"kind":"act"', b'"kind":"fib"', "journal-entry-invalid"),
        (b'"fatalities":2', b'"fatalities":2,"fatalities":9', "journal-not-json"),
        (b'{"journal":2', b'{"journal":3', "journal-newer-format"),
        (b'"project":"sample"', b'"project":"other"', "journal-foreign-project"),
        (b'{"body"', b'<<<<<<< HEAD\n{"body"', "journal-not-json"),
        (b'{"body"', b"\xff\xfe\x00", "journal-not-text"),
        (b'{"body"', b"[" * 100000, "journal-not-json"),
    ],
)
def test_a_damaged_journal_is_named_by_file_and_line(journal: Path, tmp_path: Path, old: bytes, new: bytes, code: str) -> None:
    damaged(journal, BEN, old, new)
    with open_ledger(tmp_path / "new.sqlite", project="sample") as other:
        result = import_journal(other, journal)
        found = [p for p in result.problems if p.code == code]
        assert found and (found[0].where or "").startswith(f"{BEN}, line ")
        assert result.new == 0 and list(other.entries()) == []


def test_a_truncated_last_line_and_an_empty_file_are_named(journal: Path, tmp_path: Path) -> None:
    data = (journal / BEN).read_bytes()
    (journal / BEN).write_bytes(data[:-40])
    (journal / "ana-2026-04.jsonl").write_bytes(b"")
    with open_ledger(tmp_path / "new.sqlite") as other:
        assert {p.code for p in import_journal(other, journal).problems} >= {"journal-truncated", "journal-empty"}
        (journal / BEN).write_bytes(data[:-1])  # only the final newline is gone: nothing is lost
        assert import_journal(other, journal / BEN, keep_going=True).new > 0


def test_going_on_leaves_out_the_bad_entry_and_what_builds_on_it(journal: Path, ledger: Ledger, tmp_path: Path) -> None:
    damaged(journal, "ana-2026-03.jsonl", b'"location":"Shiraz"', b'"location":"Tehran"')
    with open_ledger(tmp_path / "new.sqlite") as other:
        result = import_journal(other, journal, keep_going=True)
        assert {p.code for p in result.problems} >= {"journal-entry-altered"}
        assert 0 < result.new < result.read and other.verify() == []


def test_a_parent_that_is_nowhere_is_reported_and_found_when_both_files_come(journal: Path, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "new.sqlite") as other:
        lone = import_journal(other, journal / BEN)
        assert [(p.code, p.event_id) for p in lone.problems] == [("journal-parent-unknown", EVENT)] and lone.new == 0
        assert import_journal(other, [journal / BEN, journal / "ana-2026-03.jsonl", journal / "ana-2026-04.jsonl"]).problems == []


def test_an_act_that_builds_on_another_events_act_is_refused(tmp_path: Path) -> None:
    first = created()
    foreign = act("revise", event="other", parents=(first.id,), values={"fatalities": 1})
    orphan = act("revise", event="third", values={"fatalities": 1})
    file = tmp_path / "x.jsonl"
    file.write_text("".join(json.dumps(e.as_json()) + "\n" for e in (first, foreign, orphan)))
    with open_ledger(tmp_path / "new.sqlite") as other:
        problems = import_journal(other, file).problems
        assert sorted(p.event_id or "" for p in problems if p.code == "journal-entry-invalid") == ["other", "third"]


def test_a_path_that_is_absent_is_an_input_error(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no journal"):
        import_journal(ledger, tmp_path / "absent")


def test_T31_export_never_overwrites_what_the_ledger_does_not_know(journal: Path, ledger: Ledger, tmp_path: Path) -> None:
    before = files_of(journal)
    with open_ledger(tmp_path / "new.sqlite", project="sample") as other:
        other.append([created("mine")])
        with pytest.raises(LedgerError, match="journal import"):
            export_journal(other, journal)
    assert files_of(journal) == before
    damaged(journal, BEN, b'{"body"', b'=======\n{"body"')
    with pytest.raises(LedgerError, match="not a journal"):
        export_journal(ledger, journal)


@pytest.mark.parametrize("coder", ["ana", "Ana", "ANA", "ana b", "آنا", "a" * 64, "..", "con", "ana~1", "a.b-c_d", "ß", "ss"])
def test_file_names_are_safe_and_never_shared(coder: str) -> None:
    name = file_name(coder, "2026-03")
    assert name.isascii() and name == name.lower() and not name.startswith(".") and "/" not in name and len(name) < 80
    others = {"ana", "Ana", "ANA", "ana b", "آنا", "..", "con", "ana~1", "a.b-c_d", "ß", "ss"} - {coder}
    assert name not in {file_name(other, "2026-03") for other in others}


def test_a_file_says_format_2_only_where_a_reader_of_format_1_would_not_understand_it(ledger: Ledger, tmp_path: Path) -> None:
    apart = act("create", event="m3k9p2q7r5t1", coder="kim", values=VALUES, held="d1/1")
    asked = new_entry("query", EVENT, {"says": "question", "field": "location", "text": "Which Shiraz?"}, coder="lea", time=moment(3))
    ledger.append([created(), apart, asked])
    export_journal(ledger, tmp_path / "journal")
    formats = {path.name[:3]: json.loads(path.read_text("utf-8").splitlines()[0])["journal"] for path in (tmp_path / "journal").iterdir()}
    assert formats == {"ana": 1, "kim": 2, "lea": 2}
    with open_ledger(tmp_path / "other.sqlite") as other:
        assert import_journal(other, tmp_path / "journal").problems == []
        assert other.head("m3k9p2q7r5t1") == ledger.head("m3k9p2q7r5t1")

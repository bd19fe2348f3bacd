"""T28: the codebook changes under old data. Declared migrations change values by acts, the rest waits for a person, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import load_codebook
from eventcoder.codebook.migrations import parse_version
from eventcoder.coding import Desk, migrating, migration_verdicts
from eventcoder.coding.approving import coders_of
from eventcoder.coding.migration_plan import Planner
from eventcoder.errors import LedgerConflict, Refused
from eventcoder.ledger import new_entry
from eventcoder.ledger.fold import fold
from eventcoder.project import Project, Settings
from tests.codebook.small import ABOUT, COLUMNS, LISTS, RULES, write

DAY = date(2026, 12, 1)
MOMENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GOOD = {"event_date": "2026-05-01", "year": 2026, "kind": "March", "town": "Weir", "notes": "They walked.", "people": 20}
KINDS = LISTS["kinds"].replace(
    "Riot,Riot,People destroy things.,,,,3,,,Unrest,,", "Riot,Riot,People destroy things.,,,,3,,,Unrest,,\nVigil,Vigil,They wait.,,,,,,,,,"
)
PEOPLE = LISTS["kinds_of_people"].replace("Nurses,Nurses,They nurse.,,,,,,,", "Carers,Carers,They nurse.,,,,,,,")  # fmt: skip


def step(rest: str, since: str = "1.2.0", to: str = "2.0.0", why: str = "Words changed.") -> str:
    return f'\n[[migration]]\nfrom = "{since}"\nto = "{to}"\n{rest}\nwhy = "{why}"\n'


class Team:
    """A project with a small codebook, and coders who act on one event after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        (root / "eventcoder.toml").write_text('id = "team"\n', "utf-8")
        self.project = Project(root, Settings(id="team"))
        self.desk: Desk | None = None
        self.now = 0

    def codebook(self, *migrations: str, version: str = "2.0.0", **files: str) -> Team:
        """Write the codebook and sit down at a desk that has read it."""
        named = {"columns.csv": files.pop("columns", COLUMNS), "rules.toml": files.pop("rules", RULES)}
        lists = {f"lists/{name}.csv": text for name, text in {"kinds": KINDS, **files}.items()}
        write(self.root / "schema", {"codebook.toml": ABOUT.replace("1.2.0", version) + "".join(migrations), **named, **lists})
        self.close()
        self.desk = Desk(self.project, coder="ana", moment=MOMENT)
        return self

    def close(self) -> None:
        if self.desk is not None:
            self.desk.close()

    @property
    def at(self) -> Desk:
        assert self.desk is not None
        return self.desk

    def act(self, event_id: str, body: dict[str, Any], parents: tuple[str, ...] | None = None) -> None:
        head = self.at.ledger.head(event_id)
        self.now += 1
        heads = parents if parents is not None else head.heads if head else ()
        self.at.ledger.append(
            [new_entry("act", event_id, body, coder="ben", time=f"2026-11-01T00:{self.now // 60:02}:{self.now % 60:02}Z", parents=heads)]
        )

    def event(self, name: str, version: str = "1.2.0", settled: bool = True, **values: Any) -> str:
        event_id = f"e{name:0>11}"
        kept = {k: v for k, v in {**GOOD, **values}.items() if v is not None}
        self.act(event_id, {"act": "create", "values": kept, "codebook": version, "settled": settled})
        return event_id

    def revise(self, event_id: str, version: str, **values: Any) -> None:
        self.act(event_id, {"act": "revise", "values": values, "codebook": version, "settled": True})

    def values(self, event_id: str) -> dict[str, Any]:
        head = self.at.ledger.head(event_id)
        assert head is not None
        return head.values

    def waiting(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        return [(i.event_id, i.field, i.value, i.choices) for i in migrating.worklist(self.at)]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = Team(tmp_path / "team")
    yield made
    made.close()


TO_RIOT = step('column = "kind"\nmap = { "March" = "Riot" }', why="A march is a riot now.")


def test_a_value_is_changed_by_an_act_that_says_why_and_the_old_one_stays_in_the_history(team: Team) -> None:
    team.codebook(TO_RIOT)
    mine, other = team.event("1"), team.event("2", kind="Sit-in")
    account = migrating.migrate(team.at)
    assert (account.changed, account.waiting, dict(account.broken)) == (1, 0, {})
    first, last = team.at.ledger.acts(mine)
    assert first.body["values"]["kind"] == "March" and last.body["values"] == {"kind": "Riot"}
    assert (last.coder, last.body["codebook"], last.body["reason"]) == ("ana", "2.0.0", "migration 1.2.0 -> 2.0.0: A march is a riot now.")
    assert team.at.ledger.head(mine).state == "settled"  # type: ignore[union-attr]
    assert len(team.at.ledger.acts(other)) == 1
    assert list(coders_of(team.at.ledger.acts(mine))) == ["ben"], "who ran the migration judged nothing and may approve it"
    assert migrating.migrate(team.at).changed == 0 and len(team.at.ledger.acts(mine)) == 2


def test_a_dry_run_counts_and_stores_nothing(team: Team) -> None:
    team.codebook(TO_RIOT)
    mine = team.event("1")
    assert migrating.migrate(team.at, dry_run=True).steps == {(1, "kind", "March", "Riot"): 1}
    assert len(team.at.ledger.acts(mine)) == 1


def test_what_a_coder_said_under_the_present_codebook_is_never_touched(team: Team) -> None:
    team.codebook(TO_RIOT)
    again, elsewhere, reverted = team.event("1"), team.event("2"), team.event("3")
    team.revise(again, "2.0.0", kind="March")  # a march in the new sense
    team.revise(elsewhere, "2.0.0", town="Lock")  # says nothing of the kind, which is still the old one
    migrating.migrate(team.at)
    assert [team.values(e)["kind"] for e in (again, elsewhere, reverted)] == ["March", "Riot", "Riot"]
    team.revise(reverted, "2.0.0", kind="March")
    assert migrating.migrate(team.at).changed == 0
    assert team.values(reverted)["kind"] == "March"


def test_a_coder_who_worked_offline_under_the_old_codebook_is_migrated_later(team: Team) -> None:
    team.codebook(TO_RIOT)
    mine = team.event("1")
    migrating.migrate(team.at)
    team.revise(mine, "1.2.0", kind="March")  # came in by a journal after the migration
    migrating.migrate(team.at)
    assert team.values(mine)["kind"] == "Riot"


def test_a_renamed_code_changes_in_every_column_that_uses_its_list_and_in_items_of_lists(team: Team) -> None:
    team.codebook(step('list = "kinds_of_people"\nmap = { "Nurses" = "Carers" }'), kinds_of_people=PEOPLE)
    mine = team.event("1", groups=["Students", "Nurses"])
    migrating.migrate(team.at)
    assert team.values(mine)["groups"] == ["Students", "Carers"]


def test_a_split_waits_for_a_person_and_a_decision_ends_it_even_one_that_keeps_the_value(team: Team) -> None:
    team.codebook(step('column = "kind"\ndecide = { "March" = ["March", "Vigil"] }', why="Vigils apart."))
    one, two = team.event("1"), team.event("2")
    assert migrating.migrate(team.at).waiting == 2
    assert team.waiting() == [(one, "kind", "March", ("March", "Vigil")), (two, "kind", "March", ("March", "Vigil"))]
    rows = [
        {"event_id": e, "field": "kind", "value": "March", "decision": d, "reason": r} for e, d, r in ((one, "Vigil", "candles"), (two, "March", ""))
    ]
    assert migrating.decide(team.at, rows).changed == 2
    assert (team.values(one)["kind"], team.values(two)["kind"]) == ("Vigil", "March")
    assert team.at.ledger.acts(one)[-1].body["reason"] == "migration 1.2.0 -> 2.0.0: Vigils apart.; candles"
    assert list(coders_of(team.at.ledger.acts(one))) == ["ben", "ana"], "who decided gave a value"
    assert team.waiting() == [] and migrating.migrate(team.at).changed == 0


def test_a_list_with_an_item_that_waits_is_left_whole_until_that_is_decided(team: Team) -> None:
    rest = 'column = "groups"\nmap = { "Nurses" = "Carers" }\ndecide = { "Crowd" = ["Students", "Carers"] }'
    team.codebook(step(rest), kinds_of_people=PEOPLE)
    mine = team.event("1", groups=["Nurses", "Crowd"])
    assert migrating.migrate(team.at).changed == 0
    assert team.values(mine)["groups"] == ["Nurses", "Crowd"]
    migrating.decide(team.at, [{"event_id": mine, "field": "groups", "value": "Crowd", "decision": "Students; Carers"}])
    assert team.values(mine)["groups"] == ["Carers", "Students"] and team.waiting() == []


def test_a_condition_chooses_and_two_that_both_hold_ask_a_person(team: Team) -> None:
    small, large = (
        step(f'column = "kind"\nmap = {{ "March" = "{to}" }}\nwhere = "{where}"') for to, where in (("Vigil", "people < 10"), ("Riot", "people > 5"))
    )
    team.codebook(small, large)
    few, many, both, unknown = team.event("1", people=3), team.event("2", people=50), team.event("3", people=7), team.event("4", people=None)
    migrating.migrate(team.at)
    assert [team.values(e)["kind"] for e in (few, many, both, unknown)] == ["Vigil", "Riot", "March", "March"]
    assert team.waiting() == [(both, "kind", "March", ("Vigil", "Riot"))]


def test_a_renamed_column_takes_its_evidence_along_and_a_dropped_one_stays_in_the_history(team: Team) -> None:
    columns = COLUMNS.replace("6,actor,", "6,organiser,").replace("13,planned,project,boolean,no,coder,,,,,,Planned,Whether it was announced.\n", "")
    team.codebook(step('column = "actor"\nrename = "organiser"'), step('column = "planned"\ndrop = true'), columns=columns)
    mine = team.event("1", actor="Union", planned=True)
    quote = {"document": "d", "start": 0, "end": 5, "quote": "Union"}
    team.act(mine, {"act": "attach", "evidence": {"actor": [quote]}, "reports": [{"document": "d"}], "settled": True})
    taken = team.event("2", actor="Union", organiser="League")
    migrating.migrate(team.at)
    head = team.at.ledger.head(mine)
    assert head is not None and head.evidence == {"organiser": [quote]}
    assert head.values["organiser"] == "Union" and not {"actor", "planned"} & head.values.keys()
    assert team.at.ledger.acts(mine)[0].body["values"]["planned"] is True
    assert team.waiting() == [(taken, "actor", "Union", ("Union", "League"))]
    migrating.decide(team.at, [{"event_id": taken, "field": "actor", "value": "Union", "decision": "League"}])
    assert team.values(taken)["organiser"] == "League" and "actor" not in team.values(taken) and team.waiting() == []


def test_derived_values_are_computed_anew_only_where_a_migration_says_so(team: Team) -> None:
    stale = {"year": 1999}
    team.codebook(TO_RIOT)
    mine = team.event("1", **stale)
    assert migrating.migrate(team.at).broken == {"derived-mismatch": 1}
    assert team.values(mine)["year"] == 1999
    team.codebook(step('recompute = ["year"]', why="Years were wrong."))
    assert migrating.migrate(team.at).steps == {(1, "year", "1999", "2026"): 1}
    assert team.values(mine)["year"] == 2026 and migrating.migrate(team.at).changed == 0


def test_every_event_enters_the_chain_where_it_was_coded(team: Team) -> None:
    first = step('column = "kind"\nmap = { "Walk" = "March", "March" = "Vigil" }')  # at once: a walk does not end as a vigil
    second = step('column = "kind"\nmap = { "March" = "Riot" }', "2.0.0", "3.0.0")
    team.codebook(first, second, version="3.1.0")
    old, middle, now = team.event("1", kind="Walk"), team.event("2", "2.0.0"), team.event("3", "3.0.0")
    oldest, unsaid = team.event("4", "1.0.0", kind="March"), team.event("5", kind="March")
    migrating.migrate(team.at)
    assert [team.values(e)["kind"] for e in (old, middle, now, oldest, unsaid)] == ["Riot", "Riot", "March", "Vigil", "Vigil"]
    assert team.at.ledger.acts(old)[-1].body["codebook"] == "3.1.0"
    assert "2.0.0: Words changed.; migration 2.0.0 -> 3.0.0" in team.at.ledger.acts(old)[-1].body["reason"]


def test_an_event_that_breaks_the_new_rules_stays_settled_and_is_named(team: Team) -> None:
    team.codebook(TO_RIOT)
    mine = team.event("1", people=2)
    account = migrating.migrate(team.at)
    assert account.broken == {"riot-without-people": 1}
    head = team.at.ledger.head(mine)
    assert head is not None and head.state == "settled" and head.values["people"] == 2


@pytest.mark.parametrize("few", [1, 100])
def test_many_events_are_judged_as_single_ones(team: Team, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(migration_verdicts, "FEW", few)
    monkeypatch.setattr(migration_verdicts, "MANY", 3)
    team.codebook(TO_RIOT, step('column = "town"\ndecide = { "Old town" = [] }'))
    for n in range(4):
        team.event(str(n), people=n, year=2025 + n % 2, town="Old town" if n else None)
    assert migrating.migrate(team.at).broken == {"riot-without-people": 3, "derived-mismatch": 2, "missing-required": 1}


def test_open_events_stay_open_and_withdrawn_ones_are_left_until_they_come_back(team: Team) -> None:
    team.codebook(TO_RIOT)
    draft, gone = team.event("1", settled=False), team.event("2")
    team.act(gone, {"act": "retract", "reason": "film"})
    migrating.migrate(team.at)
    assert (team.at.ledger.head(draft).state, team.values(draft)["kind"], team.values(gone)["kind"]) == ("open", "Riot", "March")  # type: ignore[union-attr]
    team.act(gone, {"act": "restore", "reason": "no film", "settled": True})
    migrating.migrate(team.at)
    assert team.values(gone)["kind"] == "Riot"


def test_an_event_in_conflict_is_left_to_the_one_who_resolves_it(team: Team) -> None:
    team.codebook(TO_RIOT)
    mine = team.event("1")
    (start,) = team.at.ledger.acts(mine)
    entries = [
        new_entry(
            "act", mine, {"act": "revise", "values": {"town": t}, "settled": True}, coder=c, time=f"2026-11-02T00:00:0{i}Z", parents=(start.id,)
        )
        for i, (t, c) in enumerate((("Lock", "ben"), ("Mill", "cho")))
    ]
    from eventcoder.ledger.exchange.journal import export_journal, import_journal  # a second head comes in by a journal only

    team.at.ledger.append(entries[:1])
    other = Team(team.root.parent / "other").codebook(TO_RIOT)
    other.at.ledger.append([start])
    other.at.ledger.append(entries[1:])
    export_journal(other.at.ledger, team.root.parent / "journal")
    import_journal(team.at.ledger, team.root.parent / "journal")
    other.close()
    account = migrating.migrate(team.at)
    assert (account.changed, account.conflicts) == (0, 1)


def test_values_without_a_code_a_migration_or_a_column_are_on_the_worklist_too(team: Team) -> None:
    team.codebook()
    mine = team.event("1", "2.0.0", kind="Demo", mood="glad")
    by_field = {i.field: i for i in migrating.worklist(team.at)}
    assert by_field["kind"].choices == ("March", "Sit-in", "Riot", "Vigil")  # the code that the old spelling means comes first
    assert by_field["kind"].command.startswith(f"eventcoder amend {mine} --set kind=...")
    assert by_field["mood"].choices == () and "declare a [[migration]]" in by_field["mood"].why
    migrating.decide(team.at, [{"event_id": mine, "field": "kind", "value": "Demo", "decision": "Sit-in"}])
    assert team.values(mine)["kind"] == "Sit-in"


def test_a_worklist_may_be_filled_in_and_given_bit_by_bit(team: Team) -> None:
    team.codebook(step('column = "kind"\ndecide = { "March" = ["March", "Vigil"] }'))
    one, two = team.event("1"), team.event("2")
    rows = [{"event_id": e, "field": "kind", "value": "March", "decision": ""} for e in (one, two)]
    rows[0]["decision"] = "Vigil"
    assert migrating.decide(team.at, rows).changed == 1
    rows[1]["decision"] = "Vigil"
    again = migrating.decide(team.at, rows)
    assert (again.changed, again.already, team.values(two)["kind"]) == (1, 1, "Vigil")
    rows[0]["decision"] = "March"
    with pytest.raises(Refused, match="1 row"):  # another decision than the one that holds is no repetition
        migrating.decide(team.at, rows)


def test_a_renamed_code_finds_its_column_under_the_name_of_then(team: Team) -> None:
    renamed = COLUMNS.replace("10,groups,", "10,crowd,")
    codes = step('list = "kinds_of_people"\nmap = { "Nurses" = "Carers" }')
    name = step('column = "groups"\nrename = "crowd"', since="2.0.0", to="3.0.0")
    team.codebook(codes, name, version="3.0.0", columns=renamed, rules=RULES.replace("groups", "crowd"), kinds_of_people=PEOPLE)
    mine = team.event("1", groups=["Nurses", "Students"])
    migrating.migrate(team.at)
    assert team.values(mine).get("groups") is None and team.values(mine)["crowd"] == ["Carers", "Students"]
    assert team.waiting() == []


def test_a_column_may_go_after_its_codes_were_renamed(team: Team) -> None:
    without = "".join(
        line.replace("11,", "10,").replace("12,", "11,").replace("13,", "12,") for line in COLUMNS.splitlines(True) if ",groups," not in line
    )
    codes = step('list = "kinds_of_people"\nmap = { "Nurses" = "Carers" }')
    team.codebook(
        codes,
        step('column = "groups"\ndrop = true', since="2.0.0", to="3.0.0"),
        version="3.0.0",
        columns=without,
        rules=RULES.replace("groups", "tags"),
        kinds_of_people=PEOPLE,
    )
    mine = team.event("1", groups=["Nurses"])
    migrating.migrate(team.at)
    assert team.values(mine).get("groups") is None


BAD = [
    ({"event_id": "nobody"}, "decision-stale"),
    ({"field": "town"}, "decision-stale"),
    ({"value": "Riot"}, "decision-stale"),
    ({"decision": "Riot"}, "decision-not-a-choice"),
    ({"decision": "vigil"}, "decision-not-a-choice"),
    ({"reason": "x" * 1001}, "decision-not-a-choice"),
]


@pytest.mark.parametrize(("wrong", "code"), BAD, ids=[str(list(w)) for w, _ in BAD])
def test_decisions_that_do_not_fit_are_refused_all_of_them_with_their_line(team: Team, wrong: dict[str, str], code: str) -> None:
    team.codebook(step('column = "kind"\ndecide = { "March" = ["March", "Vigil"] }'))
    mine, other = team.event("1"), team.event("2")
    row = {"event_id": mine, "field": "kind", "value": "March", "decision": "Vigil"}
    with pytest.raises(Refused) as caught:
        migrating.decide(team.at, [{**row, "event_id": other}, {**row, **wrong}], where="work.csv")
    assert [(p.code, p.where) for p in caught.value.problems] == [(code, "work.csv, line 3")]
    assert len(team.at.ledger.acts(other)) == 1
    assert migrating.decide(team.at, [{**row, "decision": " "}]).skipped == 1


def test_many_go_in_by_short_transactions_and_become_visible_together(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "AT_ONCE", 3)
    team.codebook(TO_RIOT)
    events = [team.event(str(n)) for n in range(8)]
    left = new_entry("act", events[0], {"act": "revise", "values": {"town": "x"}}, coder="ana", time="2026-11-01T00:00:00Z", parents=())
    team.at.ledger.append([left], batch="codebook-migration of a killed run")
    assert migrating.migrate(team.at, limit=2).more
    assert migrating.migrate(team.at).changed == 6
    assert {team.values(e)["kind"] for e in events} == {"Riot"} and {team.values(e)["town"] for e in events} == {"Weir"}
    assert team.at.ledger.unsealed() == {} and team.at.ledger.verify() == []


@pytest.mark.parametrize("at_once", [1, 100])
def test_a_coder_who_is_quicker_stops_all_of_it_and_running_it_again_is_right(team: Team, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(migrating, "AT_ONCE", at_once)
    team.codebook(TO_RIOT)
    events = [team.event(str(n)) for n in range(4)]
    seen = iter(range(100))
    whole = migrating._act

    def interrupted(*args: Any, **more: Any) -> Any:
        act = whole(*args, **more)
        if next(seen) == 1:
            team.revise(events[0], "2.0.0", town="Lock")
        return act

    monkeypatch.setattr(migrating, "_act", interrupted)
    with pytest.raises(LedgerConflict):
        migrating.migrate(team.at)
    assert {team.values(e)["kind"] for e in events} == {"March"} and team.at.ledger.unsealed() == {}
    assert migrating.migrate(team.at).changed == 4
    assert team.values(events[0]) == {**GOOD, "town": "Lock", "kind": "Riot"}


codes = st.sampled_from(["March", "Sit-in", "Riot", "Vigil", "Demo", "Walk"])
versions = st.sampled_from(["1.0.0", "1.2.0", "2.0.0", "2.3.0", "3.0.0", None])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(codes, versions, st.sampled_from(["kind", "town"])), min_size=1, max_size=5))
def test_twice_is_once_and_only_older_values_that_a_map_names_change(said: list[tuple[str, str | None, str]]) -> None:
    book = _chain()
    acts = []
    for number, (value, version, column) in enumerate(said):
        body: dict[str, Any] = {"act": "revise" if acts else "create", "values": {column: value}, "codebook": version}
        acts.append(new_entry("act", "e1", body, coder="a", time=f"2026-01-01T00:00:{number:02}Z", parents=(acts[-1].id,) if acts else ()))
    planner = Planner(book, DAY)
    event = fold(acts)
    plan = planner.plan(event, acts)
    assert set(plan.values) <= {"kind"}
    assert planner.concerns(event.values) or not plan.values
    if plan.values:
        given_under = next(v for _, v, column in reversed(said) if column == "kind")
        before = [v for _, v, _ in said if v]
        assert given_under is None or parse_version(given_under) < (3, 0, 0) or not before
        acts.append(
            new_entry(
                "act",
                "e1",
                {"act": "revise", "values": plan.values, "codebook": "3.0.0"},
                coder="a",
                time="2026-01-02T00:00:00Z",
                parents=event.heads,
            )
        )
        assert planner.plan(fold(acts), acts).values == {}


_BOOKS: list[Any] = []


def _chain() -> Any:
    if not _BOOKS:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            first = step('column = "kind"\nmap = { "Walk" = "March", "March" = "Vigil" }')
            second = step('column = "kind"\nmap = { "March" = "Riot", "Demo" = "Sit-in" }', "2.0.0", "3.0.0")
            about = ABOUT.replace("1.2.0", "3.0.0") + first + second
            _BOOKS.append(load_codebook(write(Path(folder), {"codebook.toml": about, "lists/kinds.csv": KINDS})))
    return _BOOKS[0]

"""Two codebooks compared: what each change is called, what it weighs, and which step of the version it demands."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventcoder.codebook import Codebook, load_codebook
from eventcoder.codebook.comparing import Comparison, compare
from eventcoder.codebook.comparison_page import comparison_markdown, comparison_text
from eventcoder.codebook.list_changes import list_changes
from eventcoder.codebook.lists import REQUIRED, CodeList
from eventcoder.codebook.proof import prove
from eventcoder.codebook.revisions import codebook_at
from eventcoder.errors import CodebookError, InputError
from tests.codebook.small import ABOUT, COLUMNS, LISTS, RULES, write

CHECKS = """
[[keyed]]
id = "same-notes"
severity = "warning"
key = ["notes"]
message = "Twice."
source = "Own rule"

[[expectation]]
id = "filled"
kind = "fill_rate"
column = "notes"
min = 0.5
why = "Notes matter."
"""
FILES = {"codebook.toml": ABOUT, "columns.csv": COLUMNS, "rules.toml": RULES, "checks.toml": CHECKS}
FILES |= {f"lists/{name}.csv": text for name, text in LISTS.items()}
MIGRATION = """
[[migration]]
from = "1.2.0"
to = "{to}"
{rest}
why = "Words changed."
"""
Make = Callable[..., Codebook]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A codebook with replaced texts (old text -> new text, in whatever file they stand); `version` and migrations on top."""
    made = iter(range(1000))

    def build(*pairs: tuple[str, str], version: str = "1.2.0", migrations: str = "", files: dict[str, str] | None = None) -> Codebook:
        texts = {**FILES, **(files or {})}
        for old, new in pairs:
            assert any(old in text for text in texts.values()), old
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        texts["codebook.toml"] = texts["codebook.toml"].replace('"1.2.0"', f'"{version}"') + migrations
        return load_codebook(write(tmp_path / f"codebook{next(made)}", texts))

    return build


def told(found: Comparison) -> set[tuple[str, str, str]]:
    return {(c.what, c.kind, c.subject) for c in found.changes}


RIOT = ("'Riot'", "'Unrest'"), ('"Riot"', '"Unrest"')
CASES: list[tuple[str, tuple[tuple[str, str], ...], set[tuple[str, str, str]]]] = [
    ("a new column", (("13,planned", "13,mood,project,string,no,coder,,,,,,Mood,How.\n14,planned"),), {("column-added", "additive", "mood")}),
    (
        "a new column that everybody must have",
        (("13,planned", "13,mood,project,string,yes,coder,,,,,,Mood,How.\n14,planned"),),
        {("column-added", "additive", "mood"), ("required-added", "narrowing", "mood")},
    ),
    (
        "a column less",
        (("13,planned,project,boolean,no,coder,,,,,,Planned,Whether it was announced.\n", ""),),
        {("column-removed", "breaking", "planned")},
    ),
    (
        "T27 numbers become words",
        (("latitude,acled,number,no,coder,,-90,90,", "latitude,acled,string,no,coder,,,,"),),
        {("column-retyped", "breaking", "latitude")},
    ),
    ("a range narrower at the top", (("0,100000", "0,5000"),), {("range-narrowed", "narrowing", "people")}),
    ("a range narrower at the bottom", (("0,100000", "1,100000"),), {("range-narrowed", "narrowing", "people")}),
    ("a range wider", (("0,100000", "0,200000"),), {("range-widened", "additive", "people")}),
    ("a range opened", (("0,100000", "0,"),), {("range-widened", "additive", "people")}),
    ("not required any more", (("7,town,project,string,yes", "7,town,project,string,no"),), {("required-removed", "additive", "town")}),
    ("another pattern", (("^[a-z]+(=[a-z ]+)?$", "^[a-z]+$"),), {("pattern-changed", "narrowing", "tags")}),
    ("another unit", (("degrees north", "radians"),), {("unit-changed", "breaking", "latitude")}),
    (
        "a list where there was none",
        (("6,actor,project,string,no,coder,,", "6,actor,project,string,no,coder,kinds_of_people,"),),
        {("list-changed", "narrowing", "actor")},
    ),
    ("a label", (("Town,Where.", "Place,Where."),), {("label-changed", "wording", "town")}),
    ("a description", (("Where.\n", "Where it was.\n"),), {("description-changed", "wording", "town")}),
    ("a code more", (("Riot,Riot", "Strike,Strike,People stop working.,,,,4,,,,,\nRiot,Riot"),), {("list-code-added", "additive", "kinds.Strike")}),
    ("a code less", (("Sit-in,Sit-in,People sit down and stay.,,,,2,,,,yes,2.5\n", ""),), {("code-removed", "breaking", "kinds.Sit-in")}),
    ("a meaning", (("People walk together.", "Ten people walk together."),), {("code-meaning-changed", "narrowing", "kinds.March")}),
    ("a meaning in the same words", (("People walk together.", "people walk together"),), {("code-meaning-changed", "wording", "kinds.March")}),
    ("an attribute that rules may read", (("yes,2.5", "no,2.5"),), {("attribute-changed", "narrowing", "kinds.Sit-in")}),
    ("an old spelling less", (("Demo | Marches", "Demo"),), {("attribute-changed", "narrowing", "kinds.March")}),
    ("an old spelling more", (("Demo | Marches", "Demo | Marches | Walk"),), {("attribute-changed", "additive", "kinds.March")}),
    ("a rule less", ((RULES[RULES.index("[[rule]]\nid = \"notes-missing\"") :], ""),), {("rule-removed", "additive", "notes-missing")}),
    (
        "a rule becomes an error",
        (('id = "notes-missing"\nseverity = "warning"', 'id = "notes-missing"\nseverity = "error"'),),
        {("rule-severity-raised", "narrowing", "notes-missing")},
    ),
    (
        "a rule is not an error any more",
        (('id = "in-the-future"\nseverity = "error"', 'id = "in-the-future"\nseverity = "info"'),),
        {("rule-severity-lowered", "additive", "in-the-future")},
    ),
    ("a condition", (("people >= 3", "people >= 2"), ("people = 2", "people = 1")), {("rule-condition-changed", "narrowing", "riot-without-people")}),
    ("a condition in other spaces", (("people >= 3", "people   >=  3"),), set()),
    ("a message", (("is still to come.", "has not come yet."),), {("rule-message-changed", "wording", "in-the-future")}),
    ("a key", (('key = ["notes"]', 'key = ["notes", "town"]'),), {("rule-condition-changed", "additive", "same-notes")}),
    ("a threshold tighter", (("min = 0.5", "min = 0.6"),), {("threshold-tightened", "narrowing", "filled")}),
    ("a threshold looser", (("min = 0.5", "min = 0.4"),), {("threshold-loosened", "additive", "filled")}),
    ("a threshold on another column", (('column = "notes"\nmin', 'column = "town"\nmin'),), {("threshold-changed", "narrowing", "filled")}),
    ("a reason", (("Notes matter.", "They do."),), {("threshold-reason-changed", "wording", "filled")}),
    ("the licence", (("CC0-1.0", "CC-BY-4.0"),), {("licence-changed", "wording", "licence")}),
]  # fmt: skip

DEMANDED = {"breaking": "major", "narrowing": "minor", "additive": "minor", "wording": "patch"}


@pytest.mark.parametrize(("edit", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_change_has_a_name_and_a_weight(make: Make, edit: tuple[tuple[str, str], ...], wanted: set[tuple[str, str, str]]) -> None:
    found = compare(make(), make(*edit))
    assert told(found) == wanted
    steps = [DEMANDED[kind] for _, kind, _ in wanted]
    assert found.required == next((s for s in ("major", "minor", "patch") if s in steps), "none")
    assert all(c.sentence.endswith((".", "!", "?")) for c in found.changes)


def test_T27_columns_that_change_places_are_breaking_and_one_put_between_is_not(make: Make) -> None:
    lines = COLUMNS.splitlines()
    lines[6], lines[7] = "6" + lines[7][1:], "7" + lines[6][1:]
    assert told(compare(make(), make(files={"columns.csv": "\n".join(lines)}))) == {("columns-reordered", "breaking", "town")}
    first = make(("2,event_date", "2,mood,project,string,no,coder,,,,,,Mood,How.\n3,event_date"))
    assert told(compare(make(), first)) == {("column-added", "additive", "mood")}


def test_a_derived_value_that_changes_with_an_attribute_is_breaking(schema_copy: Path, codebook: Codebook) -> None:
    path = schema_copy / "lists" / "countries.csv"
    text = path.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("Iran,"))
    region = codebook.lists["countries"].attribute("Iran", "region")
    other = next(r for r in codebook.lists["countries"].column("region") if r and r != region)
    path.write_text(text.replace(line, line.replace(str(region), other, 1)), "utf-8")
    (change,) = compare(codebook, load_codebook(schema_copy)).changes
    assert (change.what, change.kind, change.subject, change.old, change.new) == ("attribute-changed", "breaking", "countries.Iran", region, other)
    assert "recompute" in change.sentence


def test_codes_in_another_order_narrow_where_a_default_may_take_the_first(make: Make) -> None:
    head, march, sit, riot = LISTS["kinds"].splitlines()
    middle = make(files={"lists/kinds.csv": "\n".join([head, march, riot, sit])})
    assert told(compare(make(), middle)) == {("codes-reordered", "narrowing", "kinds")}
    four = [head, march, sit, "Walk,Walk,They walk.,,,,,,,,,", riot]
    a, b = (make(files={"lists/kinds.csv": "\n".join(lines)}) for lines in (four, [head, march, four[3], sit, riot]))
    assert told(compare(a, b)) == {("codes-reordered", "wording", "kinds")}


STEPS = [
    ((), "1.2.0", "", []),
    ((), "1.2.1", "", ["codebook-changelog-missing"]),  # a version may be raised without a change
    ((("Town,Where.", "Place,Where."),), "1.2.0", "", ["codebook-version-unchanged"]),
    ((("Town,Where.", "Place,Where."),), "1.2.1", "", ["codebook-changelog-missing"]),
    ((("Town,Where.", "Place,Where."),), "1.1.9", "", ["codebook-version-backwards"]),
    ((("0,100000", "0,50"),), "1.2.1", "", ["codebook-version-too-small", "codebook-changelog-missing"]),
    ((("0,100000", "0,50"),), "1.3.0", "[[changelog]]\nversion = '1.3.0'\nchanges = 'x'\n", []),
    ((("degrees north", "radians"),), "1.3.0", "", ["codebook-version-too-small", "migration-missing", "codebook-changelog-missing"]),
    ((("degrees north", "radians"),), "2.0.0", "", ["migration-missing", "codebook-changelog-missing"]),
    ((('id = "small"', 'id = "tiny"'),), "1.2.0", "", ["codebook-id-changed"]),
]


@pytest.mark.parametrize(("edit", "version", "more", "codes"), STEPS, ids=[f"{i} {s[1]}" for i, s in enumerate(STEPS)])
def test_the_version_must_say_what_changed(make: Make, edit: tuple[tuple[str, str], ...], version: str, more: str, codes: list[str]) -> None:
    assert [p.code for p in compare(make(), make(*edit, version=version, migrations=more)).problems()] == codes


def test_the_message_names_the_version_to_take_and_the_gravest_change(make: Make) -> None:
    (problem, _, _) = compare(make(), make(("degrees north", "radians"), version="1.3.0")).problems()
    assert "take 2.0.0" in problem.message and "latitude is in 'radians'" in problem.message
    assert problem.severity == "error" and problem.where == "codebook.toml"


def test_a_declared_migration_makes_a_new_name_of_a_code_that_went(make: Make) -> None:
    renamed = make(
        ("Riot,Riot", "Unrest,Riot"),
        ("Unrest,,", ",,"),
        *RIOT,
        version="2.0.0",
        migrations=MIGRATION.format(to="2.0.0", rest='list = "kinds"\nmap = { "Riot" = "Unrest" }'),
    )
    found = compare(make(), renamed)
    assert ("code-renamed", "breaking", "kinds.Unrest") in told(found)
    assert not {c.what for c in found.changes} & {"code-removed", "list-code-added"}
    assert "migration-missing" not in [p.code for p in found.problems()]
    silent = compare(make(), make(("Riot,Riot", "Unrest,Riot"), ("Unrest,,", ",,"), *RIOT, version="2.0.0"))
    assert {("code-removed", "breaking", "kinds.Riot"), ("list-code-added", "additive", "kinds.Unrest")} <= told(silent)
    assert "migration-missing" in [p.code for p in silent.problems()]


def test_a_column_keeps_its_history_under_another_name(make: Make) -> None:
    renamed = make(("6,actor,", "6,group,"), version="2.0.0", migrations=MIGRATION.format(to="2.0.0", rest='column = "actor"\nrename = "group"'))
    assert ("column-renamed", "breaking", "group") in told(compare(make(), renamed))
    assert {"column-removed", "column-added"}.isdisjoint(c.what for c in compare(make(), renamed).changes)


WRONG = {
    'to = "1.2.0"\ncolumn = "kind"\nmap = { "Riot" = "March" }': "no step forward",
    'to = "3.0.0"\ncolumn = "kind"\nmap = { "Riot" = "March" }': "the codebook is at 2.0.0",
    'to = "two"\ncolumn = "kind"\nmap = { "Riot" = "March" }': "not MAJOR.MINOR.PATCH",
    'to = "2.0.0"\ncolumn = "kinds"\nmap = { "Riot" = "March" }': "Did you mean 'kind'",
    'to = "2.0.0"\nlist = "kind"\nmap = { "Riot" = "March" }': "there is no list 'kind'",
    'to = "2.0.0"\nlist = "interactions"\nmap = { "x" = "Protesters only" }': "no column uses the list",
    'to = "2.0.0"\ncolumn = "kind"\nmap = { "Demo" = "Marsh" }': "'Marsh' is not a code of the list kinds",
    'to = "2.0.0"\ncolumn = "kind"\ndecide = { "Demo" = ["March", "Marsh"] }': "'Marsh' is not a code",
    'to = "2.0.0"\ncolumn = "people"\nmap = { "7" = "many" }': "is not a whole number",
    'to = "2.0.0"\ncolumn = "kind"\nmap = { "Demo" = "" }': "use 'decide'",
    'to = "2.0.0"\nmap = { "Demo" = "March" }': "needs 'column'",
    'to = "2.0.0"\ncolumn = "kind"': "nothing to do",
    'to = "2.0.0"\ncolumn = "kind"\ndrop = true': "still stands in the codebook",
    'to = "2.0.0"\ncolumn = "sort"\nrename = "species"': "no column 'species' to rename to",
    'to = "2.0.0"\ncolumn = "sort"\nrename = "kind"\ndrop = true': "one migration for each",
    'to = "2.0.0"\ncolumn = "kind"\nmap = { "Demo" = "March" }\nwher = "x"': "unknown key 'wher'. Did you mean 'where'",
    'to = "2.0.0"\ncolumn = "kind"\nmap = { "Demo" = "March" }\nrecompute = ["town"]': "'town' is not computed",
    'to = "2.0.0"\ncolumn = "kind"\nmap = { "Demo" = "March" }\ndecide = { "Demo" = [] }': "in map and in decide",
    'to = "2.0.0"\ncolumn = "kind"\nmap = { "Demo" = "March" }\nwhere = "tonw = 1"': "tonw",
}


@pytest.mark.parametrize(("rest", "said"), WRONG.items(), ids=list(WRONG.values()))
def test_a_migration_that_cannot_be_carried_out_is_told_when_the_codebook_is_read(tmp_path: Path, rest: str, said: str) -> None:
    about = ABOUT.replace("1.2.0", "2.0.0") + f'[[migration]]\nfrom = "1.2.0"\n{rest}\nwhy = "x"\n'
    folder = write(tmp_path, {"codebook.toml": about})
    with pytest.raises(CodebookError) as caught:
        load_codebook(folder)
    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0].message and "codebook.toml, migration 1" in caught.value.problems[0].message
    assert [p.code for p in prove(folder) if "migration 1" in (p.where or "")] in (["bad-migration"], ["bad-expression"])


def migrations(*tables: tuple[str, str, str]) -> str:
    return "".join(f'[[migration]]\nfrom = "{a}"\nto = "{b}"\n{rest}\nwhy = "x"\n' for a, b, rest in tables)


MAPPED = 'column = "kind"\nmap = { "Demo" = "March" }'


def test_migrations_that_leave_a_hole_or_speak_twice_are_told(make: Make) -> None:
    def faults(*tables: tuple[str, str, str]) -> str:
        with pytest.raises(CodebookError) as caught:
            make(version="4.0.0", migrations=migrations(*tables))
        return caught.value.problems[0].message

    assert "none leads from 2.0.0 to 3.0.0" in faults(("1.0.0", "2.0.0", MAPPED), ("3.0.0", "4.0.0", MAPPED))
    assert "both speak of 'Demo' in kind" in faults(("1.0.0", "2.0.0", MAPPED), ("1.5.0", "3.0.0", MAPPED))
    make(version="4.0.0", migrations=migrations(("1.0.0", "2.0.0", MAPPED), ("2.1.0", "3.0.0", MAPPED), ("3.0.0", "4.0.0", MAPPED)))
    apart = [f"{MAPPED}\nwhere = \"town = '{town}'\"" for town in "ab"]
    make(version="4.0.0", migrations=migrations(*(("1.0.0", "2.0.0", rest) for rest in apart)))


def test_a_value_may_go_through_a_name_that_is_gone_again(make: Make) -> None:
    steps = (("1.0.0", "2.0.0", 'column = "kind"\nmap = { "Demo" = "Parade" }'), ("2.0.0", "3.0.0", 'column = "kind"\nmap = { "Parade" = "March" }'))
    make(version="3.0.0", migrations=migrations(*steps))
    with pytest.raises(CodebookError, match="'Parade' is not a code"):
        make(version="3.0.0", migrations=migrations(steps[0]))


def test_for_people_the_worst_comes_first_and_texts_cannot_become_markup(make: Make) -> None:
    found = compare(make(), make(("degrees north", "<script>@all|`x`"), ("Town,Where.", "[a](http://b),Where.")))
    text, markdown = comparison_text(found), comparison_markdown(found)
    assert text.index("breaking (1)") < text.index("wording (1)") < text.index("[codebook-version-unchanged]")
    assert "<script>" not in markdown and "\\@all" in markdown and "[a](" not in markdown
    assert comparison_text(compare(make(), make())) == "small 1.2.0: no difference."


names = st.lists(st.sampled_from(["March", "Sit-in", "Riot", "Strike", "Vigil"]), unique=True, min_size=1)


@settings(max_examples=30, deadline=None)
@given(names, names)
def test_codes_added_and_gone_are_exactly_the_difference(old: list[str], new: list[str]) -> None:
    def book(codes: list[str]) -> Any:
        rows = [[code, *[""] * (len(REQUIRED) - 1)] for code in codes]
        return SimpleNamespace(lists={"kinds": CodeList("kinds", REQUIRED, rows)}, derivations={}, columns=())

    found = list(list_changes(book(old), book(new), {}, {}))
    assert {c.new for c in found if c.what == "list-code-added"} == set(new) - set(old)
    assert {c.old for c in found if c.what == "code-removed"} == set(old) - set(new)
    assert any(c.what == "codes-reordered" for c in found) == ([c for c in old if c in new] != [c for c in new if c in old])


def git(folder: Path, *args: str) -> None:
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *person, *args], cwd=folder, check=True, capture_output=True)


def test_a_codebook_is_read_from_a_revision_without_touching_the_work_tree(tmp_path: Path) -> None:
    folder = write(tmp_path / "a project é" / "schema", FILES)
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-q", "-m", "one")
    now = load_codebook(folder)
    assert codebook_at(folder, "HEAD").hash == now.hash
    write(folder, {**FILES, "columns.csv": COLUMNS.replace("0,100000", "0,50")})
    assert told(compare(codebook_at(folder, "HEAD"), load_codebook(folder))) == {("range-narrowed", "narrowing", "people")}
    for revision, said in (("nowhere", "nowhere"), ("--output=x", "no git revision"), ("", "no git revision")):
        with pytest.raises(InputError, match=said):
            codebook_at(folder, revision)
    assert not (folder / "x").exists()


def test_without_a_repository_or_without_git_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "schema", FILES)
    with pytest.raises(InputError, match="git cannot read the codebook"):
        codebook_at(folder, "HEAD")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="'git' is not installed"):
        codebook_at(folder, "HEAD")

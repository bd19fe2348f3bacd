"""Codebooks with broken or hostile rules, through the commands that would use them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eventcoder.project import packaged_schema
from tests.conftest import Command

RULE = """
[[rule]]
id = "{id}"
severity = "error"
applies = "{applies}"
expect = "{expect}"
fields = ["fatalities"]
message = "Trial."
source = "trial"
pass = [{{ fatalities = 1 }}]
fail = [{{ fatalities = 9 }}]
"""


@pytest.fixture
def schema(command: Command) -> Path:
    shutil.copytree(packaged_schema(), "schema")
    return Path("schema")


def with_rule(schema: Path, *, id: str = "trial-rule", applies: str = "fatalities IS NOT NULL", expect: str = "fatalities < 5") -> None:
    path = schema / "rules.toml"
    path.write_text(path.read_text("utf-8") + RULE.format(id=id, applies=applies, expect=expect), "utf-8")


def test_a_good_rule_works_at_once_in_add_and_validate(command: Command, options, schema: Path) -> None:
    with_rule(schema, expect="fatalities IS NULL OR fatalities < 5")
    assert command("codebook", "check", code=None).out.count("trial-rule") == 0
    violent = options(sub_event_type="Excessive force against protesters", actor2="Police Forces of Iran (1989-)", fatalities="9")
    assert "trial-rule" in command("add", *violent, code=1).err
    command("add", *violent, "--open")
    assert "trial-rule" in command("validate", "--json").out


@pytest.mark.parametrize(
    "expect",
    [
        "fatalities < ", "fatality < 5", "fatalities < 'five'",
        "read_text('/etc/passwd') = ''", "matches(notes, '(a+)+$')", "1 = 1; DROP TABLE events",
        "__import__('os').system('true') = 0", "fatalities / 0 = 1", "fatalities < (SELECT 1)",
        "lookup('countries', country, 'nothing') = 'x'",
        "(" * 500 + "fatalities < 5" + ")" * 500,
    ],
)  # fmt: skip
def test_broken_and_hostile_rules_are_refused_with_the_place(command: Command, options, schema: Path, expect: str) -> None:
    with_rule(schema, expect=expect)
    for words in (("codebook", "check"), ("add", *options()), ("validate",), ("list", "--where", "fatalities > 1")):
        ran = command(*words, code=None)
        assert ran.code == (1 if words[0] == "codebook" else 2)
        assert "trial-rule" in ran.out + ran.err
        assert "rules.toml" in ran.out + ran.err
    assert not Path(".eventcoder/ledger.sqlite").exists() or command("log", "--json", code=None).lines == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules.toml", "[[rule]\n"),
        ("columns.csv", "order,name\n"),
        ("columns.csv", ""),
        ("codebook.toml", "id = 5\n"),
        ("lists/countries.csv", "code\nIran\nIran\n"),
        ("lists/inter.csv", "\udcff\udcfe"),
    ],
)
def test_broken_files_of_a_codebook_are_named(command: Command, options, schema: Path, name: str, text: str) -> None:
    (schema / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    for words in (("codebook", "check"), ("add", *options()), ("validate",), ("doctor",)):
        ran = command(*words, code=None)
        assert ran.code in (1, 2)
        assert Path(name).name in ran.out + ran.err or Path(name).stem in ran.out + ran.err


def test_a_missing_file_and_a_missing_folder(command: Command, options, schema: Path) -> None:
    (schema / "rules.toml").unlink()
    assert "rules.toml" in command("add", *options(), code=2).err
    shutil.rmtree(schema)
    command("add", *options())  # without a folder of its own the project takes the codebook of the package


def test_a_damaged_cache_is_made_anew(command: Command, options, schema: Path) -> None:
    command("add", *options())
    for path in Path(".eventcoder/cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{" + path.read_bytes()[:200])
    command("list")
    command("add", *options(event_date="2026-05-09", notes="On 9 May 2026, teachers gathered in Shiraz (Fars)."))

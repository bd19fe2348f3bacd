"""The proof: the shipped codebook holds, and every kind of damage to a copy is found, named and placed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eventcoder.codebook import duck, trials
from eventcoder.codebook.proof import prove
from tests.codebook.conftest import SCHEMA, Damage

TODAY = date(2026, 11, 24)
RULE = """
[[rule]]
id = "ours"
severity = "error"
expect = "fatalities IS NULL OR fatalities < 10"
fields = ["fatalities"]
message = "{fatalities} is too much."
source = "Our team"
pass = [{ fatalities = 3 }, {}]
fail = [{ fatalities = 12 }]
"""

LIST_HEADER = "code,label,definition,includes,excludes,parent,rank,since,until,legacy\n"


def found(folder: Path) -> list[tuple[str, str, str]]:
    return [(p.code, p.severity, p.message) for p in prove(folder, TODAY)]


def test_the_shipped_codebook_is_proved() -> None:
    assert found(SCHEMA) == []


CLARITY = "Whether the sources report this single event clearly or it was taken out of a summary of several. Null: not judged."
DAMAGES = [
    ("duplicate-code", "lists/clarity.csv", "", "clear,clear,Again.,,,,,,,\n", "clear"),
    ("duplicate-prefix", "lists/countries.csv", ",POR,", ",PRT,", "Puerto Rico"),
    ("taxonomy-gap", "lists/countries.csv", ",IRN,observed,", ",I,observed,", "event_id_cnty"),
    ("missing-parent", "lists/clarity.csv", "", "hazy,hazy,Neither.,,,claer,,,,\n", "Did you mean 'clear'?"),
    ("missing-parent", "lists/clarity.csv", "", "a,a,A.,,,b,,,,\nb,b,B.,,,a,,,,\n", "circle"),
    ("undescribed-code", "lists/clarity.csv", "", "hazy,hazy,,,,,,,,\n", "definition"),
    ("ambiguous-spelling", "lists/clarity.csv", "", "hazy,hazy,Neither.,,,,,,,Clear | unclear\n", "'Clear'"),
    ("ambiguous-spelling", "lists/clarity.csv", "", "CLEAR,CLEAR,Loudly.,,,,,,,\n", "capital letters"),
    ("taxonomy-gap", "lists/sub_event_types.csv", ",Battles,Political violence,", ",Battle,Political violence,", "Did you mean 'Battles'?"),
    ("taxonomy-gap", "lists/sub_event_types.csv", "11 12 13 14 18 22", "11 12 13 14 18 99", "99"),
    ("taxonomy-gap", "lists/event_types.csv", "", "Floods,Floods,High water.,,,,9,,,\n", "no event can have it"),
    ("undescribed-column", "columns.csv", CLARITY, "", "no description"),
    ("undescribed-column", "columns.csv", "Null: not judged.", "", "clarity"),
    ("bad-order", "columns.csv", "\n55,last_changed", "\n56,last_changed", "place 55"),
    ("missing-core-column", "columns.csv", ",clarity,native,", ",clearness,native,", "clarity"),
    ("missing-core-column", "columns.csv", ",clarity,native,string", ",clarity,native,text", "must stay string"),
    ("unknown-list", "columns.csv", ",fatalities_basis,,,,,Basis", ",fatality_basis,,,,,Basis", "Did you mean 'fatalities_basis'?"),
    ("bad-column", "columns.csv", ",clarity,native,string", ",clarity,native,strng", "Did you mean 'string'?"),
    ("bad-expression", "columns.csv", "^[A-Z]{3}[0-9]+$", "^(a+)+$", "for ever"),
    ("bad-version", "codebook.toml", 'id = "acled-compat"\nversion = "', 'id = "acled-compat"\nversion = "0', "MAJOR.MINOR.PATCH"),
    ("bad-codebook", "codebook.toml", 'title = "', 'titel = "', "title"),
    ("bad-codebook", "codebook.toml", 'title = "', "title = ", "TOML"),
    ("bad-expression", "rules.toml", "year = year(event_date)", "year = yaer(event_date)", "year-mismatch"),
    ("bad-rule", "rules.toml", 'id = "year-mismatch"', 'id = "YearMismatch"', "kebab-case"),
    ("duplicate-code", "rules.toml", 'id = "year-mismatch"', 'id = "event-type-mismatch"', "event-type-mismatch"),
    ("bad-rule", "rules.toml", "year {year} is not", "year {yaer} is not", "{yaer}"),
    ("bad-rule", "rules.toml", 'fields = ["year", "event_date"]', 'fields = ["jahr", "event_date"]', "'jahr'"),
    ("bad-rule", "rules.toml", 'event_date = "2024-05-09", year = 2024', 'event_date = "2024-05-32", year = 2024', "pass row 1"),
    ("bad-rule", "rules.toml", 'event_date = "2024-05-09", year = 2024', 'event_date = "2024-05-09", yera = 2024', "Did you mean 'year'?"),
    ("bad-rule", "checks.toml", 'key = ["event_id"]', 'key = ["event_di"]', "Did you mean 'event_id'?"),
    ("bad-rule", "checks.toml", "event_id {event_id} occurs", "event_id {event_di} occurs", "placeholder"),
    ("bad-expression", "checks.toml", 'where = "event_id_cnty IS NOT NULL"', 'where = "event_id_cnty IS NOT NUL"', "duplicate-event-id-cnty"),
    ("bad-expectation", "checks.toml", 'column = "event_date"', 'column = "event_day"', "Did you mean 'event_date'?"),
    ("bad-expectation", "checks.toml", "min = 1.0", "minimum = 1.0", "min, max"),
]


@pytest.mark.parametrize(("code", "file", "old", "new", "told"), DAMAGES, ids=[f"{d[0]}-{at}" for at, d in enumerate(DAMAGES)])
def test_every_damage_is_found_and_named(
    damaged: Damage, monkeypatch: pytest.MonkeyPatch, code: str, file: str, old: str, new: str, told: str
) -> None:
    monkeypatch.setattr(trials, "_by_duckdb", lambda *_: [])  # the bulk form has tests of its own below
    problems = found(damaged(file, old, new))
    assert [text for name, _severity, text in problems if name == code and told in text], problems
    assert len(problems) <= 3, "one mistake is told once, not many times"


def test_a_faulty_column_does_not_spill_over_into_the_rules(damaged: Damage) -> None:
    assert [code for code, *_ in found(damaged("columns.csv", ",clarity,native,string", ",clarity,native,strng"))] == ["bad-column"]


def test_rows_that_a_rule_contradicts_are_told_in_both_forms(damaged: Damage) -> None:
    folder = damaged("rules.toml", "", RULE.replace("< 10", "< 20"))
    both = found(folder)
    assert [(code, severity) for code, severity, _ in both] == [("example-fails-closure", "error"), ("example-fails-duckdb", "error")]
    assert all("rule 'ours', fail row 1" in text and "must break" in text for *_, text in both)


def test_a_rule_that_speaks_of_a_code_that_is_gone(damaged: Damage) -> None:
    """After a code was renamed, such a rule would be silent for ever, or say no to everything; its own rows do not show it."""
    gone = RULE.replace("fatalities IS NULL OR fatalities < 10", "clarity <> 'blurred'").replace("fatalities = 3", 'clarity = "clear"')
    told = found(damaged("rules.toml", "", gone.replace("fatalities = 12", 'clarity = "blurred"').replace("{fatalities}", "{clarity}")))
    assert [(code, "'blurred' is no code of clarity" in text) for code, _, text in told] == [("bad-rule", True)]


def test_a_bulk_form_that_goes_its_own_way_is_found(schema_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (schema_copy / "rules.toml").write_text(RULE, "utf-8")
    assert found(schema_copy) == []
    monkeypatch.setattr(duck, "rule_predicate", lambda codebook, rule: '"fatalities" > 2')
    assert [(code, "pass row 1" in text) for code, _, text in found(schema_copy)] == [("example-fails-duckdb", True)]
    monkeypatch.setattr(duck, "rule_predicate", lambda codebook, rule: "nonsense > 2")
    assert [(code, "stops" in text) for code, _, text in found(schema_copy)] == [("example-fails-duckdb", True)]


def test_missing_columns_of_a_row_are_null(schema_copy: Path) -> None:
    (schema_copy / "rules.toml").write_text(RULE.replace("fatalities IS NULL OR ", ""), "utf-8")
    assert found(schema_copy) == [], "{} leaves fatalities null: no verdict, so the rule is kept in both forms"


def test_rows_may_lie_outside_the_range_of_their_column(schema_copy: Path) -> None:
    (schema_copy / "rules.toml").write_text(RULE.replace("fatalities = 12", "fatalities = 99000000"), "utf-8")
    assert found(schema_copy) == []


def test_a_day_may_be_written_as_a_date_of_toml(schema_copy: Path) -> None:
    rule = RULE.replace("fatalities IS NULL OR fatalities < 10", "event_date <= latest_today()").replace("fatalities = 3", "event_date = 2026-11-24")
    (schema_copy / "rules.toml").write_text(rule.replace("fatalities = 12", "event_date = 2026-11-25"), "utf-8")
    assert found(schema_copy) == []


def test_a_rule_without_rows_is_a_warning(damaged: Damage) -> None:
    folder = damaged("rules.toml", "", RULE.replace("fail = [{ fatalities = 12 }]\n", ""))
    assert [(code, severity) for code, severity, _ in found(folder)] == [("rule-without-example", "warning")]


def test_a_list_that_nothing_uses_is_a_hint(schema_copy: Path) -> None:
    (schema_copy / "lists" / "weather.csv").write_text(LIST_HEADER + "rain,rain,It rained.,,,,,,,\n", "utf-8")
    assert [(code, severity) for code, severity, _ in found(schema_copy)] == [("unused-list", "info")]
    rule = RULE.replace("fatalities IS NULL OR fatalities < 10", "in_list(weather, notes)").replace("fatalities = 3", "notes = 'rain'")
    with (schema_copy / "rules.toml").open("a", encoding="utf-8") as file:
        file.write(rule.replace("fatalities = 12", "notes = 'hail'"))
    assert found(schema_copy) == []


def test_a_project_may_add_a_column_with_a_list_of_its_own(damaged: Damage) -> None:
    row = '56,weather,project,string,no,coder,weather,,,,,Weather,"What the weather was. Null: not told."\n'
    folder = damaged("columns.csv", "", row)
    (folder / "lists" / "weather.csv").write_text(LIST_HEADER + "rain,rain,It rained.,,,,,,,\n", "utf-8")
    assert found(folder) == []


@pytest.mark.parametrize("name", ["codebook.toml", "columns.csv", "rules.toml"])
def test_a_missing_file_is_a_problem_not_a_crash(schema_copy: Path, name: str) -> None:
    (schema_copy / name).unlink()
    ((code, _severity, message),) = found(schema_copy)
    assert code == "bad-codebook" and name in message


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe\x00", b"order,name\n1", b"\0" * 50, b'"' * 99, b"[[[[[[" * 5000, "é,ü\n".encode("latin-1")])
@pytest.mark.parametrize("name", ["codebook.toml", "columns.csv", "rules.toml", "checks.toml", "lists/inter.csv"])
def test_junk_files_are_problems_not_crashes(schema_copy: Path, monkeypatch: pytest.MonkeyPatch, name: str, junk: bytes) -> None:
    monkeypatch.setattr(trials, "_by_duckdb", lambda *_: [])
    (schema_copy / name).write_bytes(junk)
    problems = found(schema_copy)
    assert problems or (name in ("rules.toml", "checks.toml") and junk == b"")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert [code for code, *_ in found(tmp_path / "nowhere")] == ["bad-codebook"]

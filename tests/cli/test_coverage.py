"""`coverage`: what was read, recorded once, listed, and the weeks that nobody read."""

from __future__ import annotations

from pathlib import Path

import pytest

READ = ("--source", "Qasr Daily")


def rows(command, *args: str) -> list[tuple[str, str, str | None, list[str]]]:
    return [(r["since"], r["until"], r.get("admin1"), r["sources"]) for r in command("coverage", "list", "--json", *args).lines]


def test_a_week_is_recorded_once_by_name_or_code(command) -> None:
    said = command("coverage", "add", "IRN", "--week", "2026-07-07", *READ).out
    assert said == "Iran  week of 2026-07-04  Qasr Daily\n"
    assert "known: nothing was changed" in command("coverage", "add", "Iran", "--week", "2026-07-10", *READ).out
    assert rows(command) == [("2026-07-04", "2026-07-10", None, ["Qasr Daily"])]
    command("coverage", "add", "Iran", "--week", "2026-07-04", "--source", "Orsova Courier")
    command("coverage", "add", "Iran", "--week", "2026-07-04", *READ, "--searched-by", "ben")
    read = [(r["searched_by"], r["coder"], r["sources"]) for r in command("coverage", "list", "--json").lines]
    assert sorted(read) == [("ana", "ana", ["Orsova Courier"]), ("ana", "ana", ["Qasr Daily"]), ("ben", "ana", ["Qasr Daily"])]


def test_a_range_and_a_division(command) -> None:
    command("coverage", "add", "Iran/Fars", "--since", "2026-08-01", "--until", "2026-08-31", *READ, "--note", "strike weeks")
    found = command("coverage", "list")
    assert "2026-08-01  2026-08-31  Iran     Fars    ana      Qasr Daily (strike weeks)" in found.out
    assert rows(command, "--country", "IR", "--since", "2026-08-31") and not rows(command, "--until", "2026-07-31")
    assert not rows(command, "--country", "Iraq")


def test_a_record_is_taken_back_with_its_reason_and_can_come_again(command) -> None:
    command("coverage", "add", "Iran/Farz", "--week", "2026-07-04", *READ)
    command("coverage", "add", "Iran/Fars", "--week", "2026-07-04", *READ)
    wrong = ("coverage", "remove", "Iran/Farz", "--week", "2026-07-09", "--reason", "misspelt")
    assert "would be taken back" in command(*wrong, "--dry-run").out and len(rows(command)) == 2
    assert command(*wrong).out == "Iran/Farz  week of 2026-07-04  Qasr Daily  taken back\n"
    assert [r[2] for r in rows(command)] == ["Fars"]
    assert "No such coverage" in command(*wrong, code=None).err
    assert [e["body"].get("removed") for e in command("log", "--kind", "coverage", "--json").lines].count("misspelt") == 1
    command("coverage", "add", "Iran/Farz", "--week", "2026-07-04", *READ)
    assert sorted(r[2] for r in rows(command)) == ["Fars", "Farz"]
    assert "Say which record" in command("coverage", "remove", "Iran", "--since", "2026-07-04", "--reason", "x", code=2).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Irann", "--week", "2026-07-04", *READ), "Unknown country 'Irann'. Did you mean 'Iran'?"),
        (("Congo", "--week", "2026-07-04", *READ), "Democratic Republic of Congo or Republic of Congo"),
        (("Iran", "--week", "04/07/2026", *READ), "'04/07/2026' is not a day. Write it as YYYY-MM-DD."),
        (("Iran", "--week", "2026-07-04"), "No source is given"),
        (("Iran", "--since", "2026-07-04", *READ), "both the first and the last day"),
        (("Iran", "--since", "2026-07-10", "--until", "2026-07-04", *READ), "lies after the last"),
        (("Iran", "--since", "2026-07-10", "--until", "2062-07-04", *READ), "longer than ten years"),
        (("Iran", "--week", "2062-07-04", *READ), "lies in the future"),
    ],
)
def test_what_cannot_be_recorded_says_why_and_changes_nothing(command, words: tuple[str, ...], said: str) -> None:
    refused = command("coverage", "add", *words, code=1)
    assert said in refused.err
    assert "holds no whole week" not in refused.err, "what follows from another mistake is not told beside it"
    assert command("coverage", "list").err.strip() == "No coverage is recorded."


def test_wrong_use(command, tmp_path: Path) -> None:
    assert "Give an area, or a file" in command("coverage", "add", code=2).err
    assert "Give an area, or a file" in command("coverage", "add", "Iran", "--file", tmp_path / "x.csv", code=2).err
    assert "x.csv cannot be read" in command("coverage", "add", "--file", tmp_path / "x.csv", code=2).err
    assert "is not a day" in command("coverage", "list", "--since", "May", code=2).err


def test_an_unknown_publisher_or_division_is_told_and_taken(command) -> None:
    told = command("coverage", "add", "Iran/Farss", "--week", "2026-07-04", "--source", "IRNAA").err
    assert "'IRNAA' is not registered; it is taken as it stands. Did you mean 'IRNA'?" in told
    assert "called 'Farss'; it is taken as it stands" in told and "Did you mean 'Fars'?" in told
    assert rows(command) == [("2026-07-04", "2026-07-10", "Farss", ["IRNAA"])]
    assert "Did you mean 'Fars'?" in command("coverage", "add", "Iran/Fars Province", "--week", "2026-07-04", "--source", "IRNA").err
    assert command("coverage", "add", "Iran/Fars", "--week", "2026-07-04", "--source", "IRNA").err == ""


def test_days_without_a_whole_week_are_told(command) -> None:
    told = command("coverage", "add", "Iran", "--since", "2026-07-06", "--until", "2026-07-12", *READ).err
    assert "holds no whole week" in told


def test_a_file_is_taken_whole_or_not_at_all(command) -> None:
    good = 'area;week;sources;searched_by\nIran;2026-07-08;Qasr Daily; ben\nIraq/Basrah;2026-07-08;"Qasr Daily; IRNA";\n'
    Path("read.csv").write_text(good + "Irann;2026-07-08;IRNA;\nIraq;;IRNA;\n", "utf-8")
    refused = command("coverage", "add", "--file", "read.csv", code=1)
    assert "read.csv, line 4" in refused.err and "read.csv, line 5" in refused.err and "2 problems: nothing was recorded" in refused.err
    assert rows(command) == []
    Path("read.csv").write_text("\ufeff" + good, "utf-8")
    assert command("coverage", "add", "--file", "read.csv", "--dry-run").out == "read 2: 2 would be recorded, 0 known\n"
    assert rows(command) == []
    assert command("coverage", "add", "--file", "read.csv").out == "read 2: 2 recorded, 0 known\n"
    assert command("coverage", "add", "--file", "read.csv").out == "read 2: 0 recorded, 2 known\n"
    found = command("coverage", "list", "--json").lines
    assert [(r["country"], r.get("admin1"), r["sources"], r["searched_by"]) for r in found] == [
        ("Iran", None, ["Qasr Daily"], "ben"),
        ("Iraq", "Basrah", ["Qasr Daily", "IRNA"], "ana"),
    ]
    Path("read.csv").write_text("country,weak,sources\nIran,2026-07-08,IRNA\n", "utf-8")
    refused = command("coverage", "add", "--file", "read.csv", code=1).err
    assert "There is no column 'weak'. Did you mean 'week'?" in refused and "There is no column week or since" in refused


def test_gaps_are_weeks_with_events_and_weeks_between(command, options) -> None:
    assert command("coverage", "list", "--gaps").err.strip() == "No gap."
    command("add", *options())
    command("coverage", "add", "Iran", "--since", "2026-05-09", "--until", "2026-05-15", *READ)
    command("coverage", "add", "Iran", "--week", "2026-05-30", *READ)
    found = command("coverage", "list", "--gaps", "--json").lines
    assert [(g["country"], g["week"], g["events"]) for g in found] == [
        ("Iran", "2026-05-02", 1),
        ("Iran", "2026-05-16", 0),
        ("Iran", "2026-05-23", 0),
    ]
    shown = command("coverage", "list", "--gaps")
    assert "Iran     2026-05-16  2026-05-29  2      0" in shown.out and "3 country-weeks without coverage, 1 of them with settled events" in shown.err
    assert len(command("coverage", "list", "--gaps", "--json", "--since", "2026-05-16").lines) == 2
    assert not command("coverage", "list", "--gaps", "--json", "--country", "Iraq").lines
    command("coverage", "add", "Iran/Fars", "--week", "2026-05-03", *READ)
    assert len(command("coverage", "list", "--gaps", "--json", "--until", "2026-05-10").lines) == 0


def test_a_long_list_of_mistakes_of_one_kind_is_cut_and_counted(command) -> None:
    rows = "".join(f"Foo{n},2026-07-04,Qasr Daily\n" for n in range(60))
    Path("weeks.csv").write_text("area,week,sources\n" + rows, "utf-8")
    told = command("coverage", "add", "--file", "weeks.csv", code=1).err.splitlines()
    assert sum("Unknown country" in line for line in told) == 20
    assert "error: ... and 40 more of this kind; --json lists all. [bad-coverage]" in told
    assert "60 problems" in told[-1]
    assert len(command("coverage", "add", "--file", "weeks.csv", "--json", code=1).one["problems"]) == 60

"""Dates of a whole column: the right day, or a question, or a refusal; never a wrong day."""

from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventcoder.errors import UsageError
from eventcoder.intake.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, DateFacts, Undecided

TODAY = date(2026, 11, 26)
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def facts(cells, years=None, today=TODAY):
    found = DateFacts(latest_today=today)
    found.add(cells, years)
    return found


def read(cells, years=None, order=None, today=TODAY):
    reading = facts(cells, years, today).reader(order)
    return [reading.read(cell) for cell in cells]


@pytest.mark.parametrize(
    "cell",
    [
        "2025-05-16", "2025-5-16", "2025/05/16", "2025.05.16", " 2025-05-16 ", "2025-05-16 00:00:00", "2025-05-16T00:00Z", "2025-05-16 00:00:00.000",
        "2025-05-16T00:00:00+00:00",
        "16 May 2025", "16-May-2025", "16-May-25", "16 may 2025", "16. MAY 2025", "16th May 2025", "May 16, 2025", "May 16 2025",
        "20250516", 20250516, 20250516.0, datetime(2025, 5, 16), date(2025, 5, 16), "45793", 45793, "45793.0", 45793.0,
    ],
)  # fmt: skip
def test_certain_forms(cell):
    assert read([cell]) == ["2025-05-16"]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("03-January-97", "1997-01-03"), ("3 Sept 20", "2020-09-03"), ("01-January-2015", "2015-01-01"),
        ("13 November 2020", "2020-11-13"), ("9-May-20", "2020-05-09"), ("1-Dec-69", "1969-12-01"), ("1-Dec-03", "2003-12-01"),
        ("1-Dec-68", "2068-12-01"), ("1-Dec-70", "1970-12-01"),
    ],
)  # fmt: skip
def test_names_of_months_and_centuries(cell, day):
    assert read([cell]) == [day]


@pytest.mark.parametrize(
    "cell",
    [
        "May 2025", "2025-05", "2025", 2025, "2025-05-16 14:30:00", datetime(2025, 5, 16, 14, 30), "16 Mayo 2025", "16 mai 2025",
        "16 Mar 2", "1e5", "١٦/٠٥/٢٠٢٥",
        "२०२५-०५-१६", "1398/05", "16/05", "20251316", "12345", 12345, "45793.5", 45793.5, True, "yesterday",
        "16-05/2025", "99/99/2025", "0/0/0000", ["2025-05-16"],
    ],
)  # fmt: skip
def test_other_cells_are_left_for_the_codebook_to_refuse(cell):
    assert read([cell]) == [cell]


@pytest.mark.parametrize("cell", ["31 June 2025", "2025-06-31", "2025/06/31"])
def test_impossible_days_keep_their_form_so_that_the_codebook_can_say_so(cell):
    assert read([cell]) == ["2025-06-31"]


def test_blank_cells_have_no_say():
    assert read(["", None, "  ", "25/04/2015"]) == ["", None, "  ", "2015-04-25"]


# ---- the order of day and month


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["03/04/2015", "25/04/2015"], ["2015-04-03", "2015-04-25"]),
        (["03/04/2015", "04/25/2015"], ["2015-03-04", "2015-04-25"]),
        (["03.04.2015", "25.04.2015"], ["2015-04-03", "2015-04-25"]),
        (["31-12-19", "01-02-20"], ["2019-12-31", "2020-02-01"]),
        (["19-12-31", "20-01-02"], ["2019-12-31", "2020-01-02"]),
        (["03/04/2015 00:00", "25/04/2015 0:00:00"], ["2015-04-03", "2015-04-25"]),
        (["3/4/2015 12:00:00 AM", "4/25/2015 12:00 AM"], ["2015-03-04", "2015-04-25"]),
    ],
)
def test_one_cell_proves_the_order(cells, days):
    assert read(cells) == days


def test_a_day_to_come_is_no_reading():
    assert read(["05/12/2026"]) == ["2026-05-12"]  # 5 December is still to come
    with pytest.raises(Undecided):
        read(["05/12/2026"], today=None)


def test_the_rows_own_year_proves_the_order():
    assert read(["10-11-12"], years=["2010"], order=None) == ["2010-11-12"]
    with pytest.raises(Undecided, match=r"day first.*month first"):
        read(["10-11-12"], years=["2012"])
    assert read(["10-11-12", "25-11-12"], years=[2012, 2012.0]) == ["2012-11-10", "2012-11-25"]


def test_a_slip_in_the_year_says_nothing_about_the_order():
    assert read(["03/04/2015", "25/04/2015"], years=["2016", "2015"]) == ["2015-04-03", "2015-04-25"]


def test_a_cell_that_no_order_can_read_has_no_say():
    cells = ["31/31/2015", "25/04/2015", "03/04/2015"]
    assert read(cells) == ["31/31/2015", "2015-04-25", "2015-04-03"]


def test_days_that_are_the_same_in_every_order_need_no_proof():
    assert read(["05/05/2015", "06/06/2015"]) == ["2015-05-05", "2015-06-06"]


def test_without_proof_the_user_is_asked_and_shown_both_readings():
    with pytest.raises(Undecided) as caught:
        read(["03/04/2015", "05/06/2015"])
    assert "03/04/2015 can be read as 3 April 2015 (day first) or 4 March 2015 (month first)" in caught.value.message
    assert "--day-order day-first|month-first" in caught.value.remedy and caught.value.exit_code == 2
    with pytest.raises(Undecided, match=r"day-first.month-first.year-first"):
        read(["01-02-03"])


def test_a_person_s_word_settles_it():
    cells = ["03/04/2015", "05/06/2015"]
    assert read(cells, order=DAY_FIRST) == ["2015-04-03", "2015-06-05"]
    assert read(cells, order=MONTH_FIRST) == ["2015-03-04", "2015-05-06"]
    assert read(["01-02-03"], order=YEAR_FIRST) == ["2001-02-03"]
    with pytest.raises(UsageError, match=r"no order of the day 'dmy'.*day-first, month-first, year-first"):
        read(cells, order="dmy")


def test_a_person_s_word_stands_against_single_cells_which_are_refused_and_told():
    found = facts(["03/04/2015", "25/04/2015"]).reader(MONTH_FIRST)
    assert [found.read(c) for c in ("03/04/2015", "25/04/2015")] == ["2015-03-04", "25/04/2015"]
    assert "25/04/2015 contradict" in found.note


def test_year_first_is_no_answer_for_years_of_four_digits():
    with pytest.raises(Undecided):
        read(["03/04/2015"], order=YEAR_FIRST)


def test_cells_that_contradict_each_other_are_refused_all_together():
    cells = ["25/04/2015", "04/25/2015", "03/04/2015"]
    found = facts(cells).reader()
    assert [found.read(c) for c in cells] == cells
    assert "no order of day and month fits all of 25/04/2015, 04/25/2015" in found.note


def test_each_form_is_proved_for_itself():
    assert read(["25/04/2015", "03/04/2015", "12-25-2015", "03-04-2015"]) == ["2015-04-25", "2015-04-03", "2015-12-25", "2015-03-04"]
    with pytest.raises(Undecided, match="03-04-2015"):
        read(["25/04/2015", "03/04/2015", "03-04-2015"])


def test_mixed_certain_forms_are_told_with_their_counts():
    found = facts(["2020-05-09", "2020-05-10", "9-May-20", "13 November 2020"]).reader()
    assert "dates in 3 forms: 2 year first; 1 day, name, two-digit year; 1 with the month's name" in found.note
    assert facts(["2020-05-09"]).reader().note is None


def test_names_with_two_numbers_begin_with_the_day_unless_the_years_say_otherwise():
    assert read(["20-May-09"]) == ["2009-05-20"]
    assert read(["20-May-09", "21-May-09"], years=["2020", "2021"]) == ["2020-05-09", "2021-05-09"]
    mixed = ["20-May-09", "9-May-20"]
    assert read(mixed, years=["2020", "2020"]) == mixed
    assert read(["9-May-20", "10-May-20"], years=["2019", "2020"]) == ["2020-05-09", "2020-05-10"]


# ---- serial numbers of spreadsheets


def test_serial_numbers_are_read_if_the_whole_column_has_them():
    assert read(["43960", "43961"]) == ["2020-05-09", "2020-05-10"]
    assert "no column of years confirms it" in facts(["43960"]).reader().note
    assert read(["43960", "2020-05-10"]) == ["43960", "2020-05-10"]
    assert read(["43960", "soon"]) == ["43960", "soon"]


def test_the_rows_own_years_tell_the_system():
    assert read(["43960", 43961], years=["2020", 2020]) == ["2020-05-09", "2020-05-10"]
    assert read([42498, 42499], years=[2020, 2020]) == ["2020-05-09", "2020-05-10"]
    assert read([42498], years=[2016]) == ["2016-05-08"]
    assert read(["43960", "42498"], years=["2020", "2020"]) == ["43960", "42498"]
    assert read(["43960"], years=["1999"]) == ["43960"]


def test_serial_numbers_of_days_to_come_are_no_dates():
    assert read(["60000"]) == ["60000"]


# ---- properties

DAYS = st.lists(st.dates(date(1970, 1, 1), TODAY), min_size=1, max_size=30)
CERTAIN = {
    "iso": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "9-May-20": lambda d: f"{d.day}-{MONTHS[d.month - 1][:3]}-{d.year % 100:02}",
    "13 November 2020": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    "01-January-2015": lambda d: f"{d.day:02}-{MONTHS[d.month - 1]}-{d.year}",
    "compact": lambda d: f"{d:%Y%m%d}",
    "midnight": lambda d: f"{d.isoformat()} 00:00:00",
    "typed": lambda d: datetime(d.year, d.month, d.day),
}
NUMERIC = {
    (DAY_FIRST, 4): lambda d: f"{d.day}/{d.month}/{d.year}",
    (MONTH_FIRST, 4): lambda d: f"{d.month:02}/{d.day:02}/{d.year}",
    (DAY_FIRST, 2): lambda d: f"{d.day:02}-{d.month:02}-{d.year % 100:02}",
    (MONTH_FIRST, 2): lambda d: f"{d.month:02}.{d.day:02}.{d.year % 100:02}",
    (YEAR_FIRST, 2): lambda d: f"{d.year % 100:02}-{d.month:02}-{d.day:02}",
}
PIECES = st.integers(1, 7)


@given(DAYS, st.data())
def test_certain_styles_read_back_in_any_mixture(days, data):
    cells = [CERTAIN[data.draw(st.sampled_from(sorted(CERTAIN)))](d) for d in days]
    assert read(cells) == [d.isoformat() for d in days]


@given(DAYS, st.sampled_from(sorted(NUMERIC)), st.booleans(), PIECES)
def test_numeric_days_read_back_or_are_asked_for_and_are_never_wrong(days, style, with_years, size):
    cells = [NUMERIC[style](d) for d in days]
    found = DateFacts(latest_today=TODAY)
    for at in range(0, len(cells), size):
        piece = slice(at, at + size)
        found.add(cells[piece], [str(d.year) for d in days[piece]] if with_years else None)
    expected = [d.isoformat() for d in days]
    try:
        reading = found.reader()
    except Undecided:
        reading = None
    if reading is not None:
        assert [reading.read(cell) for cell in cells] == expected
    asked = found.reader(style[0])
    assert [asked.read(cell) for cell in cells] == expected


@given(DAYS, st.sampled_from([DAY_FIRST, MONTH_FIRST]), st.integers(13, 28), st.integers(1, 12))
def test_a_proof_anywhere_in_the_column_is_enough(days, order, day, month):
    days = [*days, date(2019, month, day)]
    write = NUMERIC[order, 4]
    assert read([write(d) for d in days]) == [d.isoformat() for d in days]


@given(DAYS, st.sampled_from([DAY_FIRST, MONTH_FIRST]))
def test_without_proof_it_is_never_decided(days, order):
    days = [d.replace(day=1 + d.day % 12) for d in days]
    assume(any(d.day != d.month for d in days))
    assume(all(d.replace(day=d.month, month=d.day) <= TODAY and d <= TODAY for d in days))
    with pytest.raises(Undecided):
        read([NUMERIC[order, 4](d) for d in days])


@given(st.lists(st.dates(date(1970, 1, 1), TODAY), min_size=1, max_size=20), st.sampled_from([1900, 1904]))
def test_serial_numbers_read_back_with_years(days, system):
    start = date(1899, 12, 30) if system == 1900 else date(1904, 1, 1)
    cells = [(d - start).days for d in days]
    assume(min(cells) >= 18_264)
    assert read(cells, years=[d.year for d in days]) == [d.isoformat() for d in days]


def test_memory_is_bounded_and_the_verdict_does_not_depend_on_pieces():
    found = DateFacts(latest_today=TODAY)
    for block in range(60):
        found.add([f"junk {block} {n}" for n in range(1000)])
        found.add([f"{1 + n % 28}/{1 + n % 12}/{1970 + n % 50}" for n in range(1000)])
    assert found.reader().read("3/4/2015") == "2015-04-03"
    assert found.styles["other"] == 60_000

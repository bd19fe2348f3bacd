"""Dates of a whole column."""

import pytest

from eventcoder.intake.dates import date_reader

ALL = ("ymd", "day-month-year", "numeric")


@pytest.mark.parametrize(
    "cell", ["2025-05-16", "2025-5-16", "16 May 2025", "16-May-2025", "16-May-25", "16 may 2025", "2025-05-16 00:00:00", "2025-05-16T00:00Z"]
)
def test_certain_forms(cell):
    assert date_reader([cell], ALL)[0](cell) == "2025-05-16"


def test_two_digit_years_reach_back_to_1997():
    read, _ = date_reader([], ALL)
    assert (read("03-January-97"), read("3 Sept 20")) == ("1997-01-03", "2020-09-03")


def test_numeric_dates_need_proof_from_the_column():
    read, told = date_reader(["03/04/2015", "25/04/2015", ""], ALL)
    assert (read("03/04/2015"), told) == ("2015-04-03", None)


@pytest.mark.parametrize("cells", [["03/04/2015", "05/06/2015"], ["03/04/2015", "04/25/2015"], ["25/04/2015", "04/25/2015"]])
def test_T1_without_proof_they_are_left_for_a_person(cells):
    read, told = date_reader(cells, ALL)
    assert read("03/04/2015") == "03/04/2015" and "YYYY-MM-DD" in told


@pytest.mark.parametrize("cell", ["31 June 2025", "2025-06-31"])
def test_impossible_days_keep_their_form_so_that_the_codebook_can_say_so(cell):
    assert date_reader([cell], ALL)[0](cell) == "2025-06-31"


@pytest.mark.parametrize("cell", ["May 2025", "2025-05-16 14:30:00", "16 Mayo 2025", "16 Mar 2", "1e5", "20250516"])
def test_other_texts_are_left_alone(cell):
    assert date_reader([cell], ALL)[0](cell) == cell

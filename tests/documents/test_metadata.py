"""Publication dates in the forms that sources use, and those that must not be guessed."""

from datetime import date

import pytest

from eventcoder.documents.metadata import Misread, parse_published


@pytest.mark.parametrize(
    "text",
    ["2020-01-17", "2020-1-17", "20200117", "2020/01/17", "2020-01-17T23:30:00-08:00", "17 January 2020", "17 Jan 2020", "17th January, 2020",
     "January 17, 2020", "Jan. 17 2020", "Friday, 17 January 2020", "Friday, January 17, 2020", "Fri, 17 Jan 2020 10:00:00 GMT",
     "17/01/2020", "01/17/2020", "17-Jan-2020"],
)  # fmt: skip
def test_one_day_in_many_forms(text):
    assert parse_published(text) == date(2020, 1, 17)


@pytest.mark.parametrize(
    "text", ["03/04/2020", "2020-02-30", "1398/10/27", "yesterday", "17 Janvember 2020", "2020", "January 2020", "17/01/20", True, 20200117]
)
def test_T1_what_is_ambiguous_or_no_day_is_refused(text):
    with pytest.raises(Misread) as caught:
        parse_published(text)
    assert caught.value.code == "document-bad-date" and "YYYY-MM-DD" in str(caught.value)


def test_nothing_is_nothing():
    assert parse_published(None) is None and parse_published(" ") is None
    assert parse_published("05/05/2020") == date(2020, 5, 5)

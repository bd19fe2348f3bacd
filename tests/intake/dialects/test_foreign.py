"""Foreign datasets: every column accounted for, only the certain converted, doubt kept open."""

import pytest

from ..vintages import CCC, GTD, MASS_MOBILIZATION, SAMPLES, UCDP, Sample, attack, ccc, crowd, ged, gtd, mass_mobilization, mobilised, ucdp_ged

FOREIGN = [name for name, sample in SAMPLES.items() if sample.dialect != "acled"]
DOUBT_OF_DAY = {"event_date", "time_precision"}


@pytest.mark.parametrize("name", FOREIGN)
def test_all_columns_are_known_and_nothing_is_refused(read, name):
    table = read(SAMPLES[name])
    assert table.plan.vintage == SAMPLES[name].vintage
    wrong = [[("impossible-date", "event_date")] if row.get("iday") == "31" and row["imonth"] == "6" else [] for row in SAMPLES[name].rows]
    assert [row.problems for row in table.rows] == wrong


@pytest.mark.parametrize(
    ("dialect", "columns", "row", "problem"),
    [
        ("ucdp_ged", UCDP, ged(date_start="soon"), ("not-a-date", "event_date")),
        ("ucdp_ged", UCDP, ged(date_end="2021-02-30"), ("impossible-date", "date_end")),
        ("ccc", CCC["2025-"], crowd(date="June 2022"), ("not-a-date", "event_date")),
        ("mass_mobilization", MASS_MOBILIZATION, mobilised(1, startmonth="May"), ("not-a-date", "event_date")),
        ("mass_mobilization", MASS_MOBILIZATION, mobilised(1, startyear="."), ("not-a-date", "event_date")),
        ("gtd", GTD, attack(iday="-9"), ("not-a-date", "event_date")),
    ],
)  # fmt: skip
def test_dates_that_are_none_are_refused_not_doubted(read, dialect, columns, row, problem):
    (got,) = read(Sample(dialect, None, columns, (row,))).rows
    assert got.problems == [problem]


def one(read, dialect, columns, row):
    (got,) = read(Sample(dialect, None, columns, (row,))).rows
    assert got.problems == []
    return got


def test_ucdp_a_day_in_a_town(read):
    table = read(ucdp_ged())
    first = table.rows[0]
    assert first.values == {
        "event_date": "2021-03-03", "time_precision": 1, "date_start": "2021-03-03", "date_end": "2021-03-03", "actor1": "Government of Nigeria",
        "actor2": "Lake Front", "country": "Nigeria", "admin1": "Borno state", "admin2": "Kukawa lga", "location": "Baga town", "latitude": 13.1,
        "longitude": 13.82, "geo_precision": 1, "source": ["Mill Gazette", "Alburia Courier"], "fatalities": 3, "fatalities_low": 3,
        "fatalities_high": 6, "fatalities_basis": "unknown", "clarity": "clear",
    }  # fmt: skip
    assert first.uncertain == set()
    assert {k: first.originals[k] for k in ("id", "type_of_violence", "best", "dyad_name", "relid")} == {
        "id": "990001", "type_of_violence": "1", "best": "4", "dyad_name": "Government of Nigeria - Lake Front", "relid": "ALB-2021-1-99-1",
    }  # fmt: skip
    assert [UCDP[place] for place in table.plan.natural] == ["id"] and table.plan.identity_required


def test_ucdp_spans_places_and_figures(read):
    _, week, year, campaign, *_ = read(ucdp_ged()).rows
    assert (week.values["event_date"], week.values["time_precision"], week.values["geo_precision"]) == ("2021-03-04", 2, 3)
    assert (week.values["date_start"], week.values["date_end"], week.values["clarity"]) == ("2021-03-01", "2021-03-07", "aggregated")
    assert year.uncertain == DOUBT_OF_DAY | {"latitude", "longitude", "location", "geo_precision"}
    assert [year.values[n] for n in ("fatalities_low", "fatalities", "fatalities_high")] == [0, 0, 5]
    assert (year.values["date_start"], year.values["date_end"]) == ("2021-01-01", "2021-12-31")
    assert campaign.uncertain == DOUBT_OF_DAY  # three known days: several events, not one in the middle
    assert (campaign.values["date_start"], campaign.values["date_end"]) == ("2021-03-03", "2021-03-05")


@pytest.mark.parametrize(
    ("where_prec", "geo"), [("1", 1), ("2", 2), ("3", 2), ("4", 3), ("5", 3), ("6", None), ("7", None)]
)  # fmt: skip
def test_ucdp_places(read, where_prec, geo):
    got = one(read, "ucdp_ged", UCDP, ged(where_prec=where_prec))
    assert (got.values.get("geo_precision"), "latitude" in got.values) == (geo, geo is not None)


@pytest.mark.parametrize(
    ("country", "year", "ours"),
    [
        ("Russia (Soviet Union)", "2021", "Russia"),
        ("Russia (Soviet Union)", "1990", None),
        ("Serbia (Yugoslavia)", "1999", None),
        ("DR Congo (Zaire)", "2021", "Democratic Republic of Congo"),
        ("Congo", "2021", "Republic of Congo"),
        ("Yemen (North Yemen)", "2021", "Yemen"),
        ("Bosnia-Herzegovina", "1993", "Bosnia and Herzegovina"),
        ("Kingdom of eSwatini (Swaziland)", "2021", "eSwatini"),
        ("Ivory Coast", "2021", "Ivory Coast"),
    ],
)
def test_ucdp_countries(read, country, year, ours):
    got = one(read, "ucdp_ged", UCDP, ged(country=country, year=year))
    assert got.values.get("country") == ours and ("country" in got.uncertain) == (ours is None)


def test_older_ged_files_have_fewer_columns(read, dialects, codebook):
    from eventcoder.intake.dialects import choose

    columns = [c for c in UCDP if not c.endswith("_dset_id") and c not in ("relid", "code_status", "gwnoa", "gwnob")]
    assert choose(dialects, "auto", columns, codebook).id == "ucdp_ged"
    assert one(read, "ucdp_ged", tuple(columns), ged()).values["fatalities"] == 3


@pytest.mark.parametrize(
    ("responses", "violence", "ours"),
    [
        (["ignore"], "0", "Peaceful protest"),
        (["accomodation", "ignore"], "0", "Peaceful protest"),
        (["arrests"], "0", "Protest with intervention"),
        (["accomodation", "crowd dispersal"], "0", "Protest with intervention"),
        (["killings"], "0", "Excessive force against protesters"),
        (["arrests", "beatings", "killings"], "0", "Excessive force against protesters"),
        (["beatings"], "0", None),
        (["shootings", "arrests"], "0", None),
        (["ignore", "beatings"], "0", None),
        (["ignore"], "1", "Violent demonstration"),
        (["killings"], "1", "Violent demonstration"),
        ([], "1", "Violent demonstration"),
        ([], "0", None),
        (["ignore"], ".", None),
        (["negotiations"], "0", None),
    ],
)
def test_mass_mobilization_types(read, responses, violence, ours):
    got = one(read, "mass_mobilization", MASS_MOBILIZATION, mobilised(1, *responses, protesterviolence=violence))
    assert got.values.get("sub_event_type") == ours and ("sub_event_type" in got.uncertain) == (ours is None)


def test_mass_mobilization_a_day_and_days(read):
    rows = read(mass_mobilization()).rows
    assert rows[0].values == {
        "event_date": "2011-05-09", "time_precision": 1, "date_start": "2011-05-09", "date_end": "2011-05-09", "sub_event_type": "Peaceful protest",
        "country": "Bosnia and Herzegovina", "location": "Tuzla", "source": ["Mill Gazette, 10 May 2011"], "crowd_low": 100, "crowd_high": 999,
        "notes": "Bakers marched to the town hall over the price of flour.", "crowd_text": "hundreds",
    }  # fmt: skip
    assert rows[0].originals["protesterdemand1"] == "price increases, tax policy" and rows[0].originals["protesteridentity"] == "bakers"
    assert (rows[1].values["crowd_low"], rows[1].values.get("crowd_high"), "crowd_high" in rows[1].uncertain) == (10001, None, False)
    assert rows[6].uncertain == {*DOUBT_OF_DAY, "sub_event_type"}  # three days are several events
    assert (rows[6].values["date_start"], rows[6].values["date_end"]) == ("2011-05-09", "2011-05-11")
    assert rows[7].uncertain == {"country"} and not {"crowd_low", "crowd_high", "crowd_text"} & set(rows[7].values)


def test_mass_mobilization_years_without_protest_are_no_events(read):
    assert read(mass_mobilization()).not_events == [(8, "a year without a protest in that country (protest = 0)")]


@pytest.mark.parametrize("vintage", CCC)
def test_ccc(read, vintage):
    table = read(ccc(vintage))
    first, words, abroad, _ = table.rows
    assert first.values == {
        "event_date": "2022-06-04", "time_precision": 1, "date_start": "2022-06-04", "date_end": "2022-06-04", "country": "United States",
        "admin1": "Vermont", "admin2": "Lamoille County", "location": "Millbrook", "latitude": 44.1, "longitude": -72.5, "geo_precision": 1,
        "source": ["https://example.org/a%3Bb", "Mill Gazette"], "crowd_low": 40, "crowd_high": 60, "arrested_low": 2, "arrested_high": 2,
    }  # fmt: skip
    assert first.uncertain == set()
    assert (words.values["crowd_text"], words.originals["size_low"]) == ("hundreds", "200")
    assert words.uncertain == {"crowd_low", "crowd_high", "arrested_low", "arrested_high", "geo_precision"}
    assert (abroad.values["country"], abroad.uncertain) == ("Puerto Rico", {"admin1"})
    assert table.not_events == [(3, "it took place online only; an event here is a gathering in person")]
    assert table.plan.natural == () and not table.plan.identity_required


def test_ccc_blanks_of_r(read):
    got = one(read, "ccc", CCC["2017-2020"], crowd(size_text="NA", size_low="NA", size_high="NA", arrests="NA", source_2="NA", lat="NA"))
    assert got.values["source"] == ["https://example.org/a%3Bb"] and "geo_precision" in got.uncertain
    assert not {"crowd_text", "crowd_low", "crowd_high", "arrested_low", "latitude"} & {*got.values, *got.uncertain}


def test_ccc_states(read):
    columns = CCC["2017-2020"]
    assert one(read, "ccc", columns, crowd(state="Texas")).values["admin1"] == "Texas"
    odd = one(read, "ccc", columns, crowd(state="INT"))
    assert not {"country", "admin1"} & set(odd.values) and {"country", "admin1"} <= odd.uncertain


def test_gtd(read):
    table = read(gtd())
    bomb, month, year, centre, old, wrong = table.rows
    assert bomb.values == {
        "event_date": "2014-05-09", "time_precision": 1, "date_start": "2014-05-09", "date_end": "2014-05-09", "country": "Nigeria",
        "admin1": "Borno", "location": "Monguno", "latitude": 12.67, "longitude": 13.61, "geo_precision": 1, "fatalities": 2, "injured_low": 5,
        "source": ['"Bomb at market," Mill Gazette, May 10, 2014.', "Alburia Courier"],
        "notes": "05/09/2014: A bomb went off at a market in Monguno.",
    }  # fmt: skip
    assert bomb.uncertain == {"sub_event_type"} and bomb.originals["attacktype1_txt"] == "Bombing/Explosion"
    assert (month.values["event_date"], month.values["time_precision"], month.values["geo_precision"]) == ("2014-05-16", 3, 2)
    assert (month.values["date_start"], month.values["date_end"]) == ("2014-05-01", "2014-05-31")
    assert month.values["sub_event_type"] == "Suicide bomb" and month.originals["approxdate"] == "early May 2014"
    assert year.values["sub_event_type"] == "Abduction/forced disappearance" and year.uncertain == DOUBT_OF_DAY
    assert (year.values["actor1"], year.values["geo_precision"]) == ("Lake Front", 3)
    assert centre.uncertain == {"geo_precision", "latitude", "longitude", "sub_event_type"}
    assert not {"fatalities", "injured_low"} & set(centre.values)
    assert {"country", "fatalities"} <= old.uncertain and old.values["event_date"] == "1990-05-09"
    assert wrong.problems == [("impossible-date", "event_date")] and wrong.values["country"] == "Democratic Republic of Congo"
    assert "location" not in wrong.values and "location" not in wrong.uncertain
    assert [GTD[place] for place in table.plan.natural] == ["eventid"] and table.plan.dialect.conservative_fatalities


def test_gtd_minus_nine_is_a_longitude(read):
    assert one(read, "gtd", GTD, attack(longitude="-9.0")).values["longitude"] == -9.0


@pytest.mark.parametrize(
    "changes",
    [
        {"nkill": "1"},
        {"nwound": "2"},
        {"nkill": ""},
        {"success": "0"},
        {"attacktype2_txt": "Armed Assault"},
        {"individual": "1"},
        {"targtype1_txt": "Military"},
        {"targtype2_txt": "Military"},
    ],
)
def test_gtd_a_kidnapping_is_certain_only_without_harm_to_people_who_do_not_fight(read, changes):
    kidnap = {"attacktype1_txt": "Hostage Taking (Kidnapping)", "nkill": "0", "nwound": "0"}
    assert one(read, "gtd", GTD, attack(**kidnap)).values["sub_event_type"] == "Abduction/forced disappearance"
    assert "sub_event_type" in one(read, "gtd", GTD, attack(**{**kidnap, **changes})).uncertain

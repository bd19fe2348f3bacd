"""ACLED in all its vintages: the same two events, and what each vintage cannot say."""

import pytest

from ..material import ACLED, clash, numeric, protest
from ..vintages import OLD_TYPES, SAMPLES, Y2020, Sample, actor_based, before_2016, thin, y2020, y2024

PROTEST = {
    "event_id_cnty": "IRN90001", "event_date": "2025-05-16", "year": 2025, "time_precision": 1, "disorder_type": "Demonstrations",
    "event_type": "Protests", "sub_event_type": "Peaceful protest", "actor1": "Protesters (Iran)", "assoc_actor_1": ["Labor Group (Iran)"],
    "inter1": "Protesters", "interaction": "Protesters only", "iso": 364, "region": "Middle East", "country": "Iran", "admin1": "Fars",
    "admin2": "Shiraz", "location": "Shiraz", "latitude": 29.6104, "longitude": 52.5311, "geo_precision": 1,
    "source": ["Alburia Courier", "Mill Gazette"], "source_scale": "National",
    "notes": "On 16 May 2025, about 40 bakers gathered in Shiraz (Fars) over the price of flour.", "fatalities": 0,
    "tags": ["crowd size=about 40"], "timestamp": 1748000000,
}  # fmt: skip
CLASH = {
    "event_id_cnty": "NIG90002", "event_date": "2025-05-17", "year": 2025, "time_precision": 1, "disorder_type": "Political violence",
    "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "Military Forces of Nigeria (2023-)", "inter1": "State forces",
    "actor2": "Unidentified Armed Group (Nigeria)", "inter2": "Political militia", "interaction": "State forces-Political militia", "iso": 566,
    "region": "Western Africa", "country": "Nigeria", "admin1": "Borno", "admin2": "Maiduguri", "location": "Maiduguri", "latitude": 11.8464,
    "longitude": 13.1603, "geo_precision": 1, "source": ["Alburia Courier", "Mill Gazette"], "source_scale": "National",
    "notes": "On 17 May 2025, soldiers and unidentified gunmen exchanged fire at a bridge in Maiduguri (Borno). Five people were killed.",
    "fatalities": 5, "timestamp": 1748000000,
}  # fmt: skip
ACLED_SAMPLES = [name for name, sample in SAMPLES.items() if sample.dialect == "acled"]
NEW_COLUMNS = {"disorder_type"}  # of 2023; computed by the codebook where a file lacks it


def without(values, *names):
    return {name: value for name, value in values.items() if name not in names}


@pytest.mark.parametrize("name", ACLED_SAMPLES)
def test_every_table_shows_its_vintage_and_no_other(read, name):
    table = read(SAMPLES[name])
    assert table.plan.vintage == SAMPLES[name].vintage
    assert table.plan.because and table.notes[-1] == "vintage-told"
    assert [row.problems for row in table.rows] == [[]] * len(table.rows)
    assert table.not_events == []


@pytest.mark.parametrize("name", ["2023", "2024+"])
def test_both_spellings_of_classes_give_the_same_events(read, name):
    table = read(SAMPLES[name])
    assert [row.values for row in table.rows] == [PROTEST, CLASH]
    assert [row.uncertain for row in table.rows] == [set(), set()] and table.plan.kept == ()


def test_crowds_leave_the_notes_of_2020_and_become_tags(read):
    table = read(y2020())
    assert [row.values for row in table.rows] == [without(PROTEST, *NEW_COLUMNS), without(CLASH, *NEW_COLUMNS)]


def test_the_dump_of_2019_has_no_certain_type_for_the_protest(read):
    table = read(SAMPLES["2016-2019"])
    first, second = table.rows
    assert first.values == without(PROTEST, "tags", "event_type", "sub_event_type", *NEW_COLUMNS)
    assert first.uncertain == {"event_type", "sub_event_type"}
    assert (second.values, second.uncertain) == (without(CLASH, *NEW_COLUMNS), set())
    assert "index-column" in table.notes


def test_files_before_2016(read):
    table = read(before_2016())
    gone = ("iso", "region", "source_scale", "tags", "timestamp", *NEW_COLUMNS)
    first, second = table.rows
    assert first.values == without(PROTEST, "event_type", "sub_event_type", *gone)
    assert (second.values, second.uncertain) == (without(CLASH, *gone), set())
    assert first.uncertain == {"event_type", "sub_event_type"}
    assert second.originals == {"GWNO": "475", "EVENT_ID_CNTY": "90002NIG"}


@pytest.mark.parametrize(("old", "new"), OLD_TYPES.items())
@pytest.mark.parametrize("case", [str, str.upper])
def test_old_event_types(read, old, new, case):
    sample = before_2016()
    row = {**sample.rows[1], "EVENT_TYPE": case(old)}
    (got,) = read(Sample("acled", None, sample.columns, (row,)), day_order="day-first").rows
    assert got.problems == []
    assert got.values.get("sub_event_type") == new
    assert ("sub_event_type" in got.uncertain) == (new is None)
    families = {"Riots/Protests": None, "Violence against civilians": "Violence against civilians", "Remote violence": "Explosions/Remote violence"}
    if old in families:
        assert got.values.get("event_type") == families[old]


@pytest.mark.parametrize("kind", ["Riots", "Protests", "Battles", "Violence against civilians", "Strategic developments"])
def test_a_type_of_today_without_its_sub_type_is_kept_and_stays_open(read, kind):
    (row,) = read("acled", ["event_date", "country", "event_type"], [["2020-05-09", "Iran", kind]]).rows
    assert (row.values["event_type"], row.uncertain, row.problems) == (kind, {"sub_event_type"}, [])


def test_an_actor_based_file_is_read_by_rows_and_marked_for_pairing(read):
    for year in (2020, 2023, 2024):
        table = read(actor_based(year))
        assert table.plan.pairs and table.plan.identity_required
        assert [(row.values["event_id_cnty"], row.values["actor1"], row.values["inter1"]) for row in table.rows] == [
            ("IRN90001", "Protesters (Iran)", "Protesters"),
            ("NIG90002", "Military Forces of Nigeria (2023-)", "State forces"),
            ("NIG90002", "Unidentified Armed Group (Nigeria)", "Political militia"),
        ]
        assert {row.values["interaction"] for row in table.rows[1:]} == {"State forces-Political militia"}
    assert not read(y2024()).plan.pairs


def test_thin_files_need_no_id(read):
    table = read(thin())
    assert not table.plan.identity_required
    assert table.rows[0].values == {
        "event_date": "2025-05-16", "country": "Iran", "event_type": "Protests", "location": "Shiraz", "fatalities": 0,
    }  # fmt: skip
    assert read(thin(("event_id_cnty", "event_date", "country", "sub_event_type"))).rows[1].values == {
        "event_id_cnty": "NIG90002", "event_date": "2025-05-17", "country": "Nigeria", "sub_event_type": "Armed clash",
    }  # fmt: skip


def test_pairs_are_never_made_where_there_is_a_second_actor(read):
    thinned = read(thin(("event_id_cnty", "event_date", "country", "event_type", "actor1", "actor2")))
    assert thinned.plan.vintage == "thin" and not thinned.plan.pairs
    assert read(thin(("event_id_cnty", "event_date", "country", "event_type", "actor1"))).plan.pairs


def test_a_file_that_mixes_the_spellings_is_the_later_and_reads(read):
    mixed = Sample("acled", None, ACLED, (numeric(protest()), clash()))
    table = read(mixed)
    assert table.plan.vintage == "2024+"
    assert [row.values for row in table.rows] == [PROTEST, CLASH]


def test_old_types_beside_the_new_column_are_a_dump_of_2019(read):
    columns = [*Y2020[:8], "disorder", *Y2020[8:]]
    rows = (numeric(protest()), {**numeric(clash()), "event_type": "Battle-No change of territory", "sub_event_type": ""})
    table = read("acled", columns, [[row.get(c, "") for c in columns] for row in rows], keep_unknown=True)
    assert table.plan.vintage == "2016-2019" and "event_type holds values such as 'Battle-No" in table.plan.because
    assert [row.values["sub_event_type"] for row in table.rows] == ["Peaceful protest", "Armed clash"]


def test_how_the_importer_is_to_treat_them(dialects):
    for edition in dialects["acled"].editions:
        assert (edition.recomputed, edition.keep_system, edition.blank_stands) == (("region",), ("timestamp",), ("civilian_targeting", "tags"))
        assert edition.conservative_fatalities


def test_small_things(read):
    row = clash(
        civilian_targeting="Civilians targeted", region="South-Eastern Asia", country="Kosovo", iso="0", admin2="NA", admin3="NA", tags="NA",
        interaction="13", inter1="1.0", inter2="3.0", fatalities="5.0", assoc_actor_2="NA",
    )  # fmt: skip
    (got,) = read(Sample("acled", None, ACLED, (row,))).rows
    assert got.problems == []
    names = ("civilian_targeting", "region", "iso", "interaction", "inter1", "inter2", "fatalities")
    assert [got.values[n] for n in names] == [
        "Civilian targeting", "Southeast Asia", 0, "State forces-Political militia", "State forces", "Political militia", 5,
    ]  # fmt: skip
    assert not {"admin2", "admin3", "tags", "assoc_actor_2"} & set(got.values)


def test_NA_is_a_name_where_a_blank_is_not_allowed(read):
    (got,) = read(Sample("acled", None, ACLED, (clash(country="NA", location="NA"),))).rows
    assert got.problems == [("unknown-code", "country")] and got.values["location"] == "NA"


@pytest.mark.parametrize(
    ("notes", "tags", "rest", "items"),
    [
        ("They marched. [size=around 100]", "", "They marched.", ["crowd size=around 100"]),
        ("They marched. [size = no report] ", "", "They marched.", ["crowd size=no report"]),
        ("They marched. [size=100; later 20]", "women targeted: girls", "They marched.", ["crowd size=100, later 20", "women targeted: girls"]),
        ("They marched. [size=40]", "crowd size=about 40", "They marched. [size=40]", ["crowd size=about 40"]),
        ("They marched [size=40] home.", "", "They marched [size=40] home.", []),
        ("One. [size=4] Two. [size=5]", "", "One. [size=4] Two.", ["crowd size=5"]),
        ("[size=40]", "", None, ["crowd size=40"]),
        ("They marched. [size=]", "", "They marched. [size=]", []),
        ("", "women targeted: girls", None, ["women targeted: girls"]),
    ],
)
def test_sizes_in_notes(read, notes, tags, rest, items):
    (got,) = read(Sample("acled", None, ACLED, (protest(notes=notes, tags=tags),))).rows
    assert (got.values.get("notes"), got.values.get("tags", [])) == (rest, items)


def test_typed_cells_of_a_workbook(read):
    from datetime import datetime

    row = dict(protest(), event_date=datetime(2025, 5, 16), year=2025, iso=364, latitude=29.6104, longitude=52.5311, geo_precision=1.0,
               time_precision=1, fatalities=0, timestamp=1748000000, admin3=7, assoc_actor_2=None, actor2=None, inter2=None)  # fmt: skip
    (got,) = read("acled", ACLED, [[row[name] for name in ACLED]]).rows
    assert got.values == {**PROTEST, "admin3": "7"} and got.problems == []

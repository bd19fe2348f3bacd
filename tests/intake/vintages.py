"""Invented rows in every vintage of ACLED and in the foreign formats, as their programs write them.

`SAMPLES` has one table for each: the header in the order of such files, rows as dictionaries of text, and the dialect and vintage that it shows.
The two events of `material` (a protest in Shiraz, a clash in Maiduguri) stand in every ACLED table, so that all of them must read alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .material import ACLED, clash, csv_text, numeric, protest


@dataclass(frozen=True)
class Sample:
    """A table as it would lie in a file."""

    dialect: str
    vintage: str | None
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    @property
    def csv(self) -> str:
        return csv_text(self.rows, self.columns)

    @property
    def cells(self) -> list[list[str]]:
        """The rows in the order of the columns."""
        return [[row.get(name, "") for name in self.columns] for row in self.rows]


BEFORE_2016 = (
    "GWNO", "EVENT_ID_CNTY", "EVENT_ID_NO_CNTY", "EVENT_DATE", "YEAR", "TIME_PRECISION", "EVENT_TYPE", "ACTOR1", "ALLY_ACTOR_1", "INTER1", "ACTOR2",
    "ALLY_ACTOR_2", "INTER2", "INTERACTION", "COUNTRY", "ADMIN1", "ADMIN2", "ADMIN3", "LOCATION", "LATITUDE", "LONGITUDE", "GEO_PRECISION",
    "SOURCE", "NOTES", "FATALITIES",
)  # fmt: skip
Y2020 = (
    "data_id", "iso", "event_id_cnty", "event_id_no_cnty", "event_date", "year", "time_precision", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "region", "country", "admin1", "admin2", "admin3", "location",
    "latitude", "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities", "timestamp", "iso3",
)  # fmt: skip
ACTOR_BASED = tuple(c for c in ACLED if c not in ("actor2", "assoc_actor_2", "inter2"))
OLD_TYPES = {
    "Battle-No change of territory": "Armed clash",
    "Battle-Government regains territory": "Government regains territory",
    "Battle-Non-state actor overtakes territory": "Non-state actor overtakes territory",
    "Headquarters or base established": "Headquarters or base established",
    "Non-violent transfer of territory": "Non-violent transfer of territory",
    "Riots/Protests": None,
    "Violence against civilians": None,
    "Remote violence": None,
    "Strategic development": None,
}


def _old(row: Mapping[str, str], event_type: str, day: str) -> dict[str, str]:
    """A row with numbers for classes, an old event type and the day in that file's style; nothing that came with later columns."""
    return {**numeric(row), "event_type": event_type, "event_date": day, "sub_event_type": ""}


def before_2016() -> Sample:
    """Upper case, ids with the number first, days as day/month/year, one of the types that were split later."""
    rows = []
    for row, kind, day, gwno in (
        (protest(), "Riots/Protests", "16/05/2025", "630"),
        (clash(), "Battle-No change of territory", "17/05/2025", "475"),
    ):
        old = {k.upper(): v for k, v in _old(row, kind, day).items()}
        old |= {"GWNO": gwno, "ALLY_ACTOR_1": row["assoc_actor_1"], "ALLY_ACTOR_2": row["assoc_actor_2"]}
        old |= {"EVENT_ID_CNTY": row["event_id_cnty"][3:] + row["event_id_cnty"][:3], "EVENT_ID_NO_CNTY": row["event_id_cnty"][3:]}
        rows.append(old)
    return Sample("acled", "before 2016", BEFORE_2016, tuple(rows))


def api_2019() -> Sample:
    """A dump of the API before March 2019: alphabetical columns behind a count of rows, padded cells, no sub-event types."""
    columns = ("", *sorted(c for c in Y2020 if c != "sub_event_type"))
    rows = []
    for number, (row, kind) in enumerate(((protest(), "Riots/Protests"), (clash(), "Battle-No change of territory"))):
        old = {**_later(_old(row, kind, row["event_date"]), number), "": str(number)}
        rows.append({k: f" {v} " if v and k in ("actor1", "location", "event_date", "notes") else v for k, v in old.items()})
    return Sample("acled", "2016-2019", columns, tuple(rows))


def _later(row: dict[str, str], number: int) -> dict[str, str]:
    """With the columns that were removed in 2023."""
    iso3 = {"Iran": "IRN", "Nigeria": "NGA"}[row["country"]]
    return {**row, "data_id": str(7_000_000 + number), "event_id_no_cnty": row["event_id_cnty"][3:], "iso3": iso3}


def y2020() -> Sample:
    """Numeric classes, the crowd's size at the end of the notes, whole numbers as decimals, days as 16-May-25."""
    first = numeric(protest())
    first |= {"notes": first["notes"] + " [size=about 40]", "event_date": "16-May-25"}
    second = {**numeric(clash()), "event_date": "17-May-25"}
    floats = ("inter1", "inter2", "interaction", "fatalities", "geo_precision")
    rows = [{k: v + ".0" if k in floats else v for k, v in _later(row, n).items()} for n, row in enumerate((first, second))]
    return Sample("acled", "2020-2022", Y2020, tuple(rows))


def y2023() -> Sample:
    return Sample("acled", "2023", ACLED, (numeric(protest()), numeric(clash())))


def y2024() -> Sample:
    return Sample("acled", "2024+", ACLED, (protest(), clash()))


def _sides(row: Mapping[str, str]) -> list[dict[str, str]]:
    """One row for each actor."""
    out = [dict(row)]
    if row["actor2"]:
        out.append({**row, "actor1": row["actor2"], "assoc_actor_1": row["assoc_actor_2"], "inter1": row["inter2"]})
    return out


def actor_based(year: int = 2024) -> Sample:
    """The actor-based form (export_type=monadic) of 2020, 2023 or 2024: three rows for the two events."""
    rows = [side for row in (protest(), clash()) for side in _sides(row if year == 2024 else numeric(row))]
    if year == 2020:
        gone = ("disorder_type", "civilian_targeting", "tags")
        return Sample("acled", "2020-2022 actor-based", tuple(c for c in ACTOR_BASED if c not in gone), tuple(rows))
    return Sample("acled", {2023: "2023 actor-based", 2024: "2024+ actor-based"}[year], ACTOR_BASED, tuple(rows))


def thin(columns: Sequence[str] = ("event_date", "country", "event_type", "location", "fatalities")) -> Sample:
    """A few columns of the two events, no id."""
    return Sample("acled", "thin", tuple(columns), (protest(), clash()))


UCDP = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id", "conflict_name", "dyad_dset_id",
    "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources",
    "source_article", "source_office", "source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description",
    "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region", "event_clarity", "date_prec",
    "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip


def ged(**changes: str) -> dict[str, str]:
    """A fight on one known day in a known town, with three to six dead."""
    row = {
        "id": "990001", "relid": "ALB-2021-1-99-1", "year": "2021", "active_year": "1", "code_status": "Clear", "type_of_violence": "1",
        "conflict_new_id": "99", "conflict_name": "Nigeria: Lakeland", "dyad_new_id": "199", "dyad_name": "Government of Nigeria - Lake Front",
        "side_a_new_id": "84", "side_a": "Government of Nigeria", "side_b_new_id": "299", "side_b": "Lake Front", "number_of_sources": "2",
        "source_article": "Mill Gazette, 4 March 2021", "source_office": "Mill Gazette; Alburia Courier", "source_date": "2021-03-04",
        "source_headline": "Fight at the jetty", "source_original": "police", "where_prec": "1", "where_coordinates": "Baga town",
        "where_description": "jetty of Baga", "adm_1": "Borno state", "adm_2": "Kukawa lga", "latitude": "13.1000", "longitude": "13.8200",
        "geom_wkt": "POINT (13.82 13.1)", "priogrid_gid": "1", "country": "Nigeria", "country_id": "475", "region": "Africa", "event_clarity": "1",
        "date_prec": "1", "date_start": "2021-03-03 00:00:00.000", "date_end": "2021-03-03 00:00:00.000", "deaths_a": "1", "deaths_b": "2",
        "deaths_civilians": "0", "deaths_unknown": "1", "best": "4", "high": "6", "low": "3", "gwnoa": "475", "gwnob": "",
    }  # fmt: skip
    return {**row, **changes}


def ucdp_ged() -> Sample:
    """One day; a week in a province; a year in a whole country; several known days; states that are no more."""
    day = "{} 00:00:00.000".format
    rows = (
        ged(),
        ged(id="990002", date_prec="3", date_start=day("2021-03-01"), date_end=day("2021-03-07"), where_prec="4", event_clarity="2"),
        ged(id="990003", date_prec="5", date_start=day("2021-01-01"), date_end=day("2021-12-31"), where_prec="6", low="0", best="0", high="5"),
        ged(id="990004", date_start=day("2021-03-03"), date_end=day("2021-03-05"), country="Russia (Soviet Union)"),
        ged(id="990005", year="1990", date_start="1990-02-03", date_end="1990-02-03", country="Russia (Soviet Union)"),
        ged(id="990006", country="DR Congo (Zaire)"),
    )
    return Sample("ucdp_ged", None, UCDP, rows)


MASS_MOBILIZATION = (
    "id", "country", "ccode", "year", "region", "protest", "protestnumber", "startday", "startmonth", "startyear", "endday", "endmonth", "endyear",
    "protesterviolence", "location", "participants_category", "participants", "protesteridentity", "protesterdemand1", "protesterdemand2",
    "protesterdemand3", "protesterdemand4", "stateresponse1", "stateresponse2", "stateresponse3", "stateresponse4", "stateresponse5",
    "stateresponse6", "stateresponse7", "sources", "notes",
)  # fmt: skip


def mobilised(number: int, *responses: str, **changes: str) -> dict[str, str]:
    """A protest of one day against the price of bread, and how the state answered."""
    row = dict.fromkeys(MASS_MOBILIZATION, ".") | {
        "id": f"2020{number:05}", "country": "Bosnia", "ccode": "346", "year": "2011", "region": "Europe", "protest": "1",
        "protestnumber": str(number), "startday": "9", "startmonth": "5", "startyear": "2011", "endday": "9", "endmonth": "5", "endyear": "2011",
        "protesterviolence": "0", "location": "Tuzla", "participants_category": "100-999", "participants": "hundreds",
        "protesteridentity": "bakers", "protesterdemand1": "price increases, tax policy", "sources": "Mill Gazette, 10 May 2011",
        "notes": "Bakers marched to the town hall over the price of flour.",
    }  # fmt: skip
    answers = {f"stateresponse{n}": said for n, said in enumerate(responses, 1)}
    return {**row, **answers, **changes}


def mass_mobilization() -> Sample:
    rows = (
        mobilised(1, "ignore"),
        mobilised(2, "arrests", "crowd dispersal", participants_category=">10000", participants="1000s"),
        mobilised(3, "crowd dispersal", "killings"),
        mobilised(4, "beatings", "arrests"),
        mobilised(5, "shootings"),
        mobilised(6, "arrests", protesterviolence="1"),
        mobilised(7, "ignore", endday="11"),
        mobilised(8, "accomodation", country="Yugoslavia", participants_category=".", participants="."),
        mobilised(9, protest="0", startday=".", startmonth=".", startyear=".", endday=".", endmonth=".", endyear=".", protesterviolence="."),
        mobilised(10),
    )
    return Sample("mass_mobilization", None, MASS_MOBILIZATION, rows)


CCC = {
    "2017-2020": (
        "date", "locality", "state", "location_detail", "online", "type", "macroevent", "actors", "claims", "valence", "issues", "size_text",
        "size_low", "size_high", "size_mean", "size_cat", "arrests", "arrests_any", "injuries_crowd", "injuries_crowd_any", "injuries_police",
        "injuries_police_any", "property_damage", "property_damage_any", "chemical_agents", "source_1", "source_2", "source_3", "notes", "lat",
        "lon", "resolved_locality", "resolved_county", "resolved_state", "fips_code",
    ),
    "2021-2024": (
        "date", "locality", "state", "location_detail", "online", "type", "title", "macroevent", "actors", "organizations", "participants",
        "claims", "valence", "issues", "issues_major", "size_text", "size_low", "size_high", "size_mean", "size_cat", "arrests", "arrests_any",
        "injuries_crowd", "injuries_crowd_any", "injuries_police", "injuries_police_any", "property_damage", "property_damage_any",
        "chemical_agents", "participant_measures", "police_measures", "participant_deaths", "police_deaths", "source_1", "source_2", "source_12",
        "notes", "lat", "lon", "resolved_locality", "resolved_county", "resolved_state", "fips_code",
    ),
    "2025-": (
        "date", "locality", "state", "location", "title", "event_type", "organizations", "participants", "notables", "targets", "claims_summary",
        "claims_verbatim", "valence", "size_text", "size_low", "size_high", "size_mean", "arrests", "participant_injuries", "police_injuries",
        "property_damage", "participant_measures", "police_measures", "macroevent", "notes", "source_1", "source_2", "online", "lat", "lon",
        "resolved_locality", "resolved_county", "resolved_state",
    ),
}  # fmt: skip


def crowd(**changes: str) -> dict[str, str]:
    """A march in an invented town of Vermont, counted by two sources."""
    row = {
        "date": "2022-06-04", "locality": "Millbrook", "state": "VT", "location_detail": "town green", "online": "0", "type": "march; rally",
        "title": "March for the mill", "actors": "mill workers", "organizations": "Mill Union", "claims": "for wages", "claims_summary": "for wages",
        "valence": "0", "size_text": "", "size_low": "40", "size_high": "60", "size_mean": "50", "arrests": "2",
        "source_1": "https://example.org/a;b", "source_2": "Mill Gazette", "lat": "44.1", "lon": "-72.5", "resolved_locality": "Millbrook",
        "resolved_county": "Lamoille County", "resolved_state": "VT", "notes": "with a band",
    }  # fmt: skip
    return {**row, **changes}


def ccc(vintage: str = "2021-2024") -> Sample:
    rows = (
        crowd(),
        crowd(date="2022-06-05", size_text="hundreds", size_low="200", size_high="200", arrests="several", resolved_locality="Millbrook Falls"),
        crowd(date="2022-06-06", state="PR", resolved_state="PR", size_low="", size_high="", arrests=""),
        crowd(date="2022-06-07", online="1"),
    )
    return Sample("ccc", vintage, CCC[vintage], rows)


GTD = (
    "eventid", "iyear", "imonth", "iday", "approxdate", "extended", "resolution", "country", "country_txt", "region", "region_txt", "provstate",
    "city", "latitude", "longitude", "specificity", "vicinity", "location", "summary", "crit1", "crit2", "crit3", "doubtterr", "alternative",
    "alternative_txt", "multiple", "success", "suicide", "attacktype1", "attacktype1_txt", "attacktype2", "attacktype2_txt", "attacktype3",
    "attacktype3_txt", "targtype1", "targtype1_txt", "targsubtype1", "targsubtype1_txt", "corp1", "target1", "natlty1", "natlty1_txt",
    "targtype2", "targtype2_txt", "targsubtype2", "targsubtype2_txt", "corp2", "target2", "natlty2", "natlty2_txt", "targtype3", "targtype3_txt",
    "targsubtype3", "targsubtype3_txt", "corp3", "target3", "natlty3", "natlty3_txt", "gname", "gsubname", "gname2", "gsubname2", "gname3",
    "gsubname3", "motive", "guncertain1", "guncertain2", "guncertain3", "individual", "nperps", "nperpcap", "claimed", "claimmode",
    "claimmode_txt", "claim2", "claimmode2", "claimmode2_txt", "claim3", "claimmode3", "claimmode3_txt", "compclaim", "weaptype1",
    "weaptype1_txt", "weapsubtype1", "weapsubtype1_txt", "weaptype2", "weaptype2_txt", "weapsubtype2", "weapsubtype2_txt", "weaptype3",
    "weaptype3_txt", "weapsubtype3", "weapsubtype3_txt", "weaptype4", "weaptype4_txt", "weapsubtype4", "weapsubtype4_txt", "weapdetail", "nkill",
    "nkillus", "nkillter", "nwound", "nwoundus", "nwoundte", "property", "propextent", "propextent_txt", "propvalue", "propcomment", "ishostkid",
    "nhostkid", "nhostkidus", "nhours", "ndays", "divert", "kidhijcountry", "ransom", "ransomamt", "ransomamtus", "ransompaid", "ransompaidus",
    "ransomnote", "hostkidoutcome", "hostkidoutcome_txt", "nreleased", "addnotes", "scite1", "scite2", "scite3", "dbsource", "INT_LOG",
    "INT_IDEO", "INT_MISC", "INT_ANY", "related",
)  # fmt: skip


def attack(**changes: str) -> dict[str, str]:
    """A bomb in an invented market, by nobody known, with two dead."""
    row = {
        "eventid": "201405090001", "iyear": "2014", "imonth": "5", "iday": "9", "extended": "0", "country": "147", "country_txt": "Nigeria",
        "region": "11", "region_txt": "Sub-Saharan Africa", "provstate": "Borno", "city": "Monguno", "latitude": "12.67", "longitude": "13.61",
        "specificity": "1", "vicinity": "0", "location": "at the fish market", "summary": "05/09/2014: A bomb went off at a market in Monguno.",
        "crit1": "1", "crit2": "1", "crit3": "1", "doubtterr": "0", "multiple": "0", "success": "1", "suicide": "0", "attacktype1": "3",
        "attacktype1_txt": "Bombing/Explosion", "targtype1": "14", "targtype1_txt": "Private Citizens & Property", "gname": "Unknown",
        "individual": "0", "nperps": "-99", "nkill": "2", "nwound": "5", "property": "-9", "scite1": '"Bomb at market," Mill Gazette, May 10, 2014.',
        "scite2": "Alburia Courier", "dbsource": "START", "INT_LOG": "-9",
    }  # fmt: skip
    return {**row, **changes}


def gtd() -> Sample:
    kidnap = {"attacktype1": "6", "attacktype1_txt": "Hostage Taking (Kidnapping)", "nkill": "0", "nwound": "0", "gname": "Lake Front"}
    rows = (
        attack(),
        attack(eventid="201405090002", suicide="1", iday="0", approxdate="early May 2014", vicinity="1"),
        attack(eventid="201405090003", iday="0", imonth="0", specificity="4", **kidnap),
        attack(eventid="201405090004", specificity="2", nkill="", nwound="-99", attacktype1_txt="Assassination", longitude="-9.0"),
        attack(eventid="199005090005", iyear="1990", country_txt="Yugoslavia", nkill="0.5", specificity="5", latitude="", longitude=""),
        attack(eventid="201405090006", iday="31", imonth="6", city="Unknown", country_txt="Zaire"),
    )
    return Sample("gtd", None, GTD, rows)


SAMPLES: dict[str, Sample] = {
    "before 2016": before_2016(),
    "2016-2019": api_2019(),
    "2020-2022": y2020(),
    "2023": y2023(),
    "2024+": y2024(),
    "2020-2022 actor-based": actor_based(2020),
    "2023 actor-based": actor_based(2023),
    "2024+ actor-based": actor_based(2024),
    "thin": thin(),
    "ucdp_ged": ucdp_ged(),
    "mass_mobilization": mass_mobilization(),
    "ccc 2017-2020": ccc("2017-2020"),
    "ccc 2021-2024": ccc("2021-2024"),
    "ccc 2025-": ccc("2025-"),
    "gtd": gtd(),
}

"""A small codebook of our own for tests: every type of column, lists with and without attributes, a handful of rules. Written into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ABOUT = """
id = "small"
version = "1.2.0"
title = "A small codebook"
licence = "CC0-1.0"
"""

COLUMNS = """order,name,group,type,required,entered,list,min,max,pattern,unit,label,description
1,event_id,native,string,no,system,,,,^[a-z][0-9a-z]{11}$,,Event id,Identity.
2,event_date,acled,date,yes,coder,,,,,,Event date,Day of the event.
3,year,acled,integer,yes,derived,,1900,2200,,calendar year,Year,Year of event_date.
4,kind,project,string,yes,coder,kinds,,,,,Kind,What happened.
5,precision,project,integer,no,coder,precisions,1,3,,code,Precision,How exactly the day is known.
6,actor,project,string,no,coder,,,,,,Actor,Who did it.
7,town,project,string,yes,coder,,,,,,Town,Where.
8,latitude,acled,number,no,coder,,-90,90,,degrees north,Latitude,Where on the globe.
9,people,project,integer,no,coder,,0,100000,,people,People,How many took part.
10,groups,project,list,no,coder,kinds_of_people,,,,,Groups,Who was there.
11,tags,acled,list,no,coder,,,,^[a-z]+(=[a-z ]+)?$,,Tags,Structured additions.
12,notes,acled,text,no,coder,,,,,,Notes,In words.
13,planned,project,boolean,no,coder,,,,,,Planned,Whether it was announced.
"""

_LIST = "code,label,definition,includes,excludes,parent,rank,since,until,legacy"
LISTS = {
    "kinds": f"""{_LIST},calm,weight
March,March,People walk together.,,,,1,,,Demo | Marches,yes,1
Sit-in,Sit-in,People sit down and stay.,,,,2,,,,yes,2.5
Riot,Riot,People destroy things.,,,,3,,,Unrest,,
""",
    "precisions": f"{_LIST}\n1,Day,The day is known.,,,,,,,\n2,Week,The week is known.,,,,,,,\n3,Month,The month is known.,,,,,,,\n",
    "kinds_of_people": f"{_LIST}\nStudents,Students,They study.,,,,,,,Pupils\nNurses,Nurses,They nurse.,,,,,,,\n",
    "inter": f"""{_LIST},number
State forces,State forces,Police.,,,,,,,,1
Protesters,Protesters,They protest.,,,,,,,6,6
Civilians,Civilians,Others.,,,,,,,7,7
""",
    "interactions": f"""{_LIST},number
State forces-Protesters,x,Both.,,,,,,,,16
Protesters only,x,Alone.,,,,,,,,60
Protesters-Protesters,x,Both.,,,,,,,,66
""",
}

RULES = """
[[rule]]
id = "riot-without-people"
severity = "error"
applies = "kind = 'Riot'"
expect = "people >= 3"
fields = ["people", "kind"]
message = "A riot in {town} needs at least 3 people, not {people}. Mend the number or the kind."
source = "Own rule"
pass = [{ kind = "Riot", people = 3 }, { kind = "March" }]
fail = [{ kind = "Riot", people = 2 }]

[[rule]]
id = "in-the-future"
severity = "error"
expect = "event_date <= latest_today()"
fields = ["event_date"]
message = "{event_date} is still to come."
source = "Own rule"
pass = [{ event_date = "2020-01-01" }]
fail = [{ event_date = "2100-01-01" }]

[[rule]]
id = "notes-missing"
severity = "warning"
expect = "notes IS NOT NULL"
fields = ["notes"]
message = "There is no note on {groups}."
source = "Own rule"
pass = [{ notes = "Something." }]
fail = [{ }]
"""


def write(folder: Path, replaced: Mapping[str, str] | None = None) -> Path:
    """The codebook under `folder`; `replaced` gives other contents for some files (by relative name), "" leaves a file out."""
    files = {"codebook.toml": ABOUT, "columns.csv": COLUMNS, "rules.toml": RULES}
    files |= {f"lists/{name}.csv": text for name, text in LISTS.items()}
    files |= replaced or {}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder

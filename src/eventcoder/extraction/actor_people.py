"""Who is in a sentence: the registry's finds and the lexicon's class words made one list of people and sites. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventcoder.extraction.actor_grammar import ADJECTIVAL, FIGHTERS, HYPHENED, WEAPONS
from eventcoder.extraction.roles import Person
from eventcoder.extraction.tokens import Tokens

KIND_OF_INTER = {
    "State forces": "state", "Rebel group": "rebel", "Political militia": "militia", "Identity militia": "identity", "Rioters": "rioter",
    "Protesters": "protester", "Civilians": "civilian", "External/Other forces": "foreign",
}  # fmt: skip
ARMED = frozenset({"state", "rebel", "militia", "identity", "foreign"})
_CLASSES = frozenset(
    {
        "armed_group",
        "gang",
        "vigilante",
        "military",
        "police",
        "security",
        "clan_militia",
        "tribal_militia",
        "ethnic_militia",
        "communal_militia",
        "government",
    }
)
_FIGHTING = _CLASSES | {""}
_OF = frozenset({"of", "from", "loyal", "linked", "affiliated", "belonging"})
_HOSTS = frozenset({"brokered", "mediated", "facilitated", "hosted", "sponsored", "monitored"})
_TALKS = frozenset({"talks", "negotiations", "mediation", "truce", "ceasefire", "peace", "deal", "agreement", "consultations", "dialogue"})
_LED = frozenset({"led", "affiliated", "linked", "aligned", "allied", "style"})
_LOOSE = frozenset({"of", "from", "the", "a", "former", "to", "with", "suspected", "presumed", "alleged", "group", "known", "as"})
# "armed men, suspected separatists,", "militiamen, allegedly of X": who they are said to be
_APPOSED = frozenset({
    ",", "(", "suspected", "presumed", "alleged", "allegedly", "reportedly", "likely", "probably", "believed", "thought", "said", "to", "be", "of",
    "from", "belonging", "the", "members", "fighters", "identified", "as", "apparently", "possibly", "claiming", "affiliated", "with", "linked",
})  # fmt: skip
# nouns that show who acts with a named group's arms ("TTP militants", "an Islamic State bomb", "Hezbollah rockets")


# "men in military uniform", "police custody", "a government school": the word before these is no actor


def people_with_names(tokens: Tokens, generic: Sequence[Person], matches: Sequence[Any]) -> list[Person]:
    """Class words and registry finds as one list: a find that the registry can name, or that the class words do not know, wins."""
    named: list[Person] = []
    for match in matches:
        kind = "people" if match.kind == "people" else "civilian_site" if match.kind == "civilian_site" else KIND_OF_INTER.get(match.inter or "")
        if kind is None and match.kind in ("named", "unknown", "group") and match.group:
            kind = "civilian"
        if kind is None:
            continue
        start, end = tokens.slice(match.start, match.end)
        if end < len(tokens) and tokens.forms[end] in ADJECTIVAL and match.kind != "named":
            continue
        before = tokens.forms[start - 1] if start else ""
        if match.kind == "country" and end < len(tokens) and tokens.is_capital(end) and tokens.forms[end].isalpha() and not _arms(tokens, end):
            continue  # "Benin City", "Israel Katz"
        if match.kind == "country" and before in ("pro", "anti", "non", "ex"):
            continue
        if match.kind == "people" and _is_place(tokens, start, end):
            continue
        by = next((i for i in range(start - 1, max(0, start - 6), -1) if tokens.forms[i] == "by"), 0)
        if (
            by
            and tokens.forms[by - 1] in _HOSTS
            and all(tokens.is_capital(i) or tokens.forms[i] in ("and", ",", "the") for i in range(by + 1, start))
        ):
            continue  # "mediated by Cuba and the UN"
        if _hosts(tokens, end) or (match.kind == "country" and end < len(tokens) and tokens.forms[end] in HYPHENED):
            continue
        if match.kind == "country" and before == "armed":
            named.append(Person(start, end, "militia", inter="Political militia", char_start=match.start, char_end=match.end, word="armed_group"))
            continue
        if end > start:
            named.append(
                Person(
                    start, end, kind, actor=match.actor, inter=match.inter, char_start=match.start, char_end=match.end,
                    word=match.kind, group=match.group,
                )
            )  # fmt: skip
    out = list(named)
    for person in generic:
        if _aircraft(tokens, person):
            continue
        clash = next((n for n in out if n.start < person.end and person.start < n.end), None)
        if clash is None:
            out.append(person)
        elif person.kind.endswith("_site") and person.end > clash.end and clash.kind != "civilian":
            # "an army base", "rebel positions": the site, held by whom the name says
            out[out.index(clash)] = replace(
                clash, kind="civilian_site" if person.kind == "civilian_site" else clash.kind, end=person.end, char_end=person.char_end
            )
        elif (
            person.kind in ARMED
            and clash.kind in ("civilian", "people")
            and clash.word != "people"
            and person.end - person.start > clash.end - clash.start
        ):
            out[out.index(clash)] = person
        elif person.kind == "protester" and clash.kind == "civilian":
            out[out.index(clash)] = replace(clash, kind="protester", inter="Protesters", actor=None)
    return _of_a_group(tokens, sorted(out, key=lambda p: p.start))


def _is_place(tokens: Tokens, start: int, end: int) -> bool:
    """ "Dessie (South Wello, Amhara)", "the Afar region": the land that bears a people's name."""
    forms = tokens.forms
    if end < len(tokens) and forms[end] in ("region", "state", "zone", "province", "regional", "county", "woreda", "district"):
        return True
    opened = next((i for i in range(start - 1, max(-1, start - 8), -1) if forms[i] in ("(", ")")), None)
    return opened is not None and forms[opened] == "(" and end < len(tokens) and forms[end] in (")", ",") and (forms[start - 1] in ("(", ","))


def _hosts(tokens: Tokens, end: int) -> bool:
    """ "UN-led talks", "a Qatar-mediated deal": the host is no party."""
    after = tokens.forms[end : end + 3]
    after = after[1:] if after[:1] == ["-"] else after[:2]
    return bool(after) and (after[0] in _HOSTS or (after[0] in ("led", "backed", "supervised") and after[-1] in _TALKS))


def _arms(tokens: Tokens, at: int) -> bool:
    """ "Russian Shahed drones", "Israeli F-16 jets": the make of a weapon stands between the country and its arms."""
    for form in tokens.forms[at + 1 : at + 5]:
        if form in WEAPONS:
            return True
        if not (form == "-" or any(c.isdigit() for c in form) or form in ("type", "attack", "ballistic", "cruise", "guided", "kamikaze", "suicide")):
            return False
    return False


def _aircraft(tokens: Tokens, person: Person) -> bool:
    """ "a jet fighter", "fighter jets": no fighter."""
    forms = tokens.forms
    if forms[person.end - 1] not in ("fighter", "fighters"):
        return False
    after = forms[person.end] if person.end < len(forms) else ""
    return after in ("jet", "jets", "plane", "planes", "aircraft", "bomber", "helicopter") or (person.start > 0 and forms[person.start - 1] == "jet")


def _of_a_group(tokens: Tokens, people: list[Person]) -> list[Person]:
    """ "fighters of the Northern Front", "ADF militants", "M23 rebels": one actor, the named one."""
    out: list[Person] = []
    for person in people:
        last = out[-1] if out else None
        fighters = last is not None and ((last.word in _FIGHTING and last.kind in (*ARMED, "people")) or tokens.forms[last.end - 1] in FIGHTERS)
        if (
            last is not None
            and (_names(person) or person.word == "people")
            and fighters
            and (not _names(last) or (last.inter == "Identity militia" and tokens.forms[last.end : last.end + 1] == [","]))
            and last.end <= person.start <= last.end + 7
        ):
            between = tokens.forms[last.end : person.start]
            if person.word == "people":
                person = replace(person, kind="identity", word="named")
            hedged = between[:1] == [","] and all(f in _APPOSED for f in between)
            hedged = hedged and (len(between) > 1 or tokens.forms[person.start] in ("suspected", "presumed", "alleged"))
            if (not between and last.kind in ARMED) or (
                between and (between[0] in _OF or (hedged and last.kind in ARMED)) and all(f in _LOOSE or f in _APPOSED or f == "-" for f in between)
            ):
                out[-1] = replace(person, start=last.start)
                continue
        if last is not None and last.end == person.start and person.kind in ARMED and tokens.forms[last.start : last.end] in (["female"], ["male"]):
            out[-1] = person  # "a female Maoist": no civilian
            continue
        if last is not None and _either(tokens, last, person):
            out[-1] = replace(last, end=person.end, char_end=person.char_end)
            continue
        if last is not None and _names(last) and last.kind in ARMED and person.start <= last.end + 1 and not _names(person):
            gap = tokens.forms[last.end : person.start]
            if (not gap or gap[0] in ("-", "'", ")") or gap[0] in _LED) and (person.kind in (*ARMED,) or tokens.forms[person.end - 1] in FIGHTERS):
                out[-1] = replace(last, end=person.end, char_end=person.char_end if person.char_end > 0 else last.char_end)
                continue
            if not gap and person.kind in ("civilian", "people") and last.kind in ("militia", "rebel") and last.actor is not None:
                # "an AKP official", "a Hamas supporter": a civilian, with the group as associated actor
                out[-1] = replace(person, start=last.start, char_start=last.char_start, group=last.actor, kind="civilian", word="member")
                continue
        if (
            last is not None
            and last.end == person.start
            and last.word == "country"
            and person.word != "named"
            and person.kind in ("civilian", "people", "civilian_site")
        ):
            out[-1] = person  # "Palestinian farmers": the nationality is an adjective
            continue
        if (
            last is not None
            and last.kind in ("civilian", "people")
            and last.end == person.start
            and person.kind == "civilian"
            and not _names(person)
            and last.word != "people"
        ):
            out[-1] = replace(person, start=last.start, char_start=last.char_start, group=person.group or last.group)
            continue
        out.append(person)
    return out


def _either(tokens: Tokens, one: Person, two: Person) -> bool:
    """ "JNIM (or ISSP) militants": one attacker, the likelier name first."""
    if not (_names(one) and _names(two)) or one.inter != two.inter or one.kind not in ARMED:
        return False
    return tokens.forms[one.end : two.start] in (["or"], ["(", "or"], ["and", "/", "or"], [",", "or"])


def _names(person: Person) -> bool:
    return person.word in ("named", "unknown") and person.actor is not None

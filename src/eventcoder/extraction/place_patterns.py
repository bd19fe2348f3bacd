"""Words around names: what makes a capitalised word a place, a province, a person, an organisation or the dateline."""

from __future__ import annotations

import re

from eventcoder.extraction.date_patterns import MONTHS, WEEKDAYS

NAME = re.compile(
    r"(?:[A-ZÀ-ÖØ-ÞĀ-ŽŞİĞЀ-Я](?:\w|['’‘`](?!s\b))*(?:-[\w'’]+)*)(?:[ ](?:(?:de|del|da|do|dos|la|le|el|al|ash|ul|of|upon|sur|der|bin|"
    r"ben)[ ])?(?:[A-ZÀ-ÖØ-ÞĀ-ŽŞİĞЀ-Я](?:\w|['’‘`](?!s\b))*(?:-[\w'’]+)*))*|\b(?:al|el|ash|as|ar|an|ad)-[A-Z]\w+(?:[ -][A-Z]\w+)*|"
    r"(?<=\b)(?:U\.S\.A?\.?|U\.K\.|"
    r"U\.A\.E\.|DR Congo)"
)
DOTTED = re.compile(r"\b(?:U\.S\.A?\.?|U\.K\.|U\.A\.E\.|D\.R\. Congo)")
AT = re.compile(
    r"(?P<near>\b(?:near|close\s+to|outside(?:\s+of)?|around|next\s+to|on\s+the\s+outskirts\s+of|outskirts\s+of|in\s+the\s+(?:area|vicinity|"
    r"countryside|suburbs|surroundings|region)\s+(?:of|around)|"
    r"(?:north|south|east|west|northeast|northwest|southeast|southwest|northern|southern|eastern|western)\s+(?:of|from)|(?:kilomet(?:er|re)s?|km|"
    r"miles?)\s+(?:\w+\s+){0,2}(?:from|of|off)|between|on\s+the\s+road\s+(?:to|from)|en\s+route\s+to|off\s+the\s+coast\s+of|"
    r"along\s+the))\s+(?:the\s+)?(?:(?:town|city|village|border|capital)\s+(?:of\s+)?)?(?:the\s+)?$"
    r"|(?P<admin>\b(?:provinces?|states?|regions?|governorates?|departments?|counties|county|oblasts?|prefectures?|division|territory|"
    r"republic)\s+of\s+)$"
    r"|(?P<sub>\b(?:districts?|municipalit(?:y|ies)|communes?|cantons?|wards?|parish|subdistrict|lga|area|rural\s+area|valley|islands?|tehsil|"
    r"woreda|zone)\s+of\s+)$"
    r"|(?P<town>\b(?:towns?|cit(?:y|ies)|villages?|capitals?|hamlets?|settlements?|ports?|neighbou?rhoods?|suburbs?|camps?|localit(?:y|"
    r"ies))\s+(?:of\s+)?)$"
    r"|(?P<of>\b(?:attack(?:ed|ing)|captur(?:ed|ing)|recaptur(?:ed|ing)|seiz(?:ed|ing)|shell(?:ed|ing)|bomb(?:ed|ing)|raid(?:ed|ing)|storm(?:ed|"
    r"ing)|retook|enter(?:ed|ing)|occupied|overran|in|at|inside|within|across|throughout|into|on|to|from|over|of|through|towards?|"
    r"against)\s+(?:(?:the|downtown|central|"
    r"north(?:ern)?|south(?:ern)?|east(?:ern)?|west(?:ern)?|north-?east(?:ern)?|north-?west(?:ern)?|south-?east(?:ern)?|south-?west(?:ern)?|rural|"
    r"nearby|neighbou?ring|upper|lower|greater|occupied|coastal|mainland|eastern|far|capital|city|port|war-torn)[\s-]+){0,4}(?:(?:town|city|"
    r"village|capital|port|district|province|state)\s+(?:of\s+)?)?)$",
    re.IGNORECASE,
)
PART_OF_COUNTRY = re.compile(
    r"\b(?:north(?:ern)?|south(?:ern)?|east(?:ern)?|west(?:ern)?|north-?east(?:ern)?|north-?west(?:ern)?|south-?east(?:ern)?|south-?west(?:ern)?|"
    r"central)[\s-]+$",
    re.IGNORECASE,
)
AFTER_ADMIN = re.compile(
    r"(?:[’']s)?\s+(?:province|state|region|governorate|department|county|oblast|prefecture|division|autonomous\s+region|Province|State|Region|"
    r"Governorate|Department|County|Oblast|Prefecture|Division)\b"
)
AFTER_SUB = re.compile(
    r"\s+(?:district|municipality|commune|canton|ward|parish|local\s+government|LGA|area|countryside|valley|township|territory|woreda|zone|tehsil|"
    r"raion|subdistrict|forest|mountains?|islands?|District|Municipality|Township|Territory|Zone|LGA|Local\s+Government)\b"
)
AFTER_TOWN = re.compile(r"\s+(?:town|city|village|camp|neighbou?rhood|hamlet|settlement|suburb|locality|Town|City|Village|Camp)\b")
AFTER_ORGANISATION = re.compile(
    r"(?:[’']s)?\s+(?:University|College|School|Times|Post|Herald|Tribune|Gazette|News|Today|Party|Movement|Front|Army|Brigade|Battalion|Council|"
    r"Court|Police\s+Force|Bank|Club|FC|United|Airlines?|Agreement|Accords?|Declaration|Convention|Treaty|Protocol|"
    r"Process|Summit|Group|Foundation|Institute|Center|Centre|Association|Union|Federation|League|Agency|Commission|Committee|Ministry|Parliament|"
    r"Embassy|Command|Division\s+\d|Radio|TV|Television|Online|Daily|Street|Avenue|Road|Square|Hotel|Stadium|Hospital)\b"
)
ROAD = re.compile(r"\s+(?:road|highway|motorway|axis|route|line|railway|stretch)\b")
STREETS = frozenset(["Street", "Avenue", "Road", "Square", "Boulevard", "Bridge", "Roundabout", "Lane"])
SITE_WORDS = frozenset(
    [
        "University",
        "College",
        "School",
        "Street",
        "Avenue",
        "Road",
        "Square",
        "Hotel",
        "Stadium",
        "Hospital",
        "Court",
        "Parliament",
        "Embassy",
        "Ministry",
        "Center",
        "Centre",
    ]
)
METONYM = re.compile(
    r"\s+(?:said|says|accused|denied|denies|condemned|announced|called|warned|vowed|insists?|insisted|rejected|rejects|has\s+(?:accused|denied|"
    r"said|condemned|called|vowed|rejected)|claims?|claimed|urged|wants|demanded|believes|hopes|supports|backs|backed|imposed|sanctioned|responded|"
    r"blamed|blames)\b"
)
RELATION = re.compile(r"\b(?:between|with|against)\s+$", re.IGNORECASE)
TITLE = re.compile(
    r"\b(?:President|Minister|Prime\s+Minister|Mr|Mrs|Ms|Dr|General|Gen|Colonel|Col|Major|Captain|Lieutenant|Sergeant|Imam|Sheikh|Shaikh|Pastor|"
    r"Father|Bishop|Archbishop|Pope|King|Queen|Prince|Senator|Governor|Mayor|Judge|Professor|Commander|Leader|Ayatollah|"
    r"Chief|Saint|Sir|Lord|Lady|Secretary|Ambassador|spokesman|spokeswoman|spokesperson|officer|commander|leader|president|minister|general|"
    r"activist|journalist|named|called|identified\s+as|reporter|lawyer|governor|mayor)\.?\s+$"
)
DATELINE = re.compile(
    r"\A\s*(?:date\s+\d{4}-\d\d-\d\d\s+)?(?P<place>[A-Z][\w'’.-]*(?:[ ,]+[A-Z][\w'’.-]*){0,4})\s*(?:\([A-Z][\w\s./-]{1,24}\)\s*)?"
    r"(?:,?\s*(?:\d{1,2}\s+)?(?:Jan|"
    r"Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?(?:\s+\d{1,2})?(?:,?\s+\d{4})?\s*)?(?:\([A-Z][\w\s./-]{1,24}\)\s*)?\s*(?:--|[—–]|-\s)"
)
BYLINE = re.compile(r"(?:(?:[Rr]eporting|[Ww]riting|[Ee]diting|[Rr]eported|filed|Additional reporting)\s+(?:by\s+[\w .]+?\s+)?(?:in|from)\s+)$")
NOT_NAMES = (
    frozenset(
        [
            "the",
            "a",
            "an",
            "in",
            "on",
            "at",
            "after",
            "before",
            "police",
            "army",
            "security",
            "troops",
            "soldiers",
            "residents",
            "protesters",
            "rebels",
            "militants",
            "gunmen",
            "hundreds",
            "thousands",
            "dozens",
            "several",
            "many",
            "some",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "he",
            "she",
            "it",
            "they",
            "we",
            "you",
            "i",
            "his",
            "her",
            "their",
            "its",
            "this",
            "that",
            "these",
            "those",
            "there",
            "here",
            "when",
            "while",
            "where",
            "who",
            "what",
            "how",
            "why",
            "if",
            "but",
            "and",
            "or",
            "so",
            "as",
            "by",
            "for",
            "from",
            "to",
            "of",
            "with",
            "according",
            "meanwhile",
            "however",
            "no",
            "not",
            "one",
            "islamic",
            "state",
            "muslims",
            "christians",
            "muslim",
            "christian",
            "hindu",
            "sunni",
            "shia",
            "shiite",
            "kurdish",
            "kurds",
            "arab",
            "arabs",
            "people",
            "government",
            "president",
            "minister",
            "reuters",
            "ap",
            "afp",
            "bbc",
            "cnn",
            "video",
            "videos",
            "photo",
            "photos",
            "un",
            "nato",
            "eu",
            "us-led",
            "new",
            "supreme",
            "leader",
            "death",
            "still",
            "since",
            "during",
            "between",
            "both",
            "local",
            "also",
            "last",
            "earlier",
            "more",
            "most",
            "armed",
            "unknown",
            "unidentified",
            "suspected",
            "clashes",
            "fighting",
            "protest",
            "protests",
            "demonstrators",
            "students",
            "workers",
            "teachers",
            "farmers",
            "women",
            "men",
            "children",
            "human",
            "rights",
            "watch",
            "amnesty",
            "international",
            "united",
            "nations",
            "red",
            "cross",
            "red",
            "crescent",
            "airstrike",
            "airstrikes",
            "shelling",
        ]
    )
    | MONTHS.keys()
    | WEEKDAYS.keys()
)
COUNTRY_LED = frozenset({"Iranian"})
# How the words of `AT` begin.
_OPENS_PLACE = re.compile(
    r"\b(?=[a-z])(?:near|close|out|around|next|on|in|to|at|of|north|south|east|west|k|miles?|between|en|off|along|provinces?|states?|re|"
    r"governorates?|dep|count|oblast|pre|di|terr|muni|com|cant|wards?|par|sub|lga|area|rural|valley|island|tehsil|woreda|zone|town|cit|village|cap|"
    r"ham|settle|port|neigh|camp|loc|a|seiz|shell|bomb|raid|storm|occ|over|with|thr|from|toward)",
    re.IGNORECASE,
)


def context_before(before: str) -> re.Match[str] | None:
    """The words of place that end `before`; tried from each of its words, which is much faster than from each of its letters."""
    if not before or (before[-1] not in " \t\n-\xa0" and not before[-1].isspace()):
        return None
    for word in _OPENS_PLACE.finditer(before):
        found = AT.match(before, word.start())
        if found is not None:
            return found
    return None

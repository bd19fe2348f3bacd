"""Small words of grammar that tell who acts on whom: launching verbs, counted heads, words before a name. No names of groups or places. Floor 5."""

from __future__ import annotations

LAUNCH = frozenset(
    {
        "launch", "launched", "launches", "launching", "carry", "carried", "carries", "carrying", "stage", "staged", "stages", "staging", "conduct",
        "conducted", "conducting", "mount", "mounted", "commit", "committed", "perpetrated", "claimed", "claims", "claiming", "made", "executed",
        "unleashed", "fired", "fire", "opened", "repelled_", "led", "plotted", "orchestrated", "responded", "used", "use", "uses", "using", "threw",
        "hurled", "lobbed", "planted", "laid", "detonated", "dropped", "sent", "set", "deployed", "flew", "fires", "firing", "planting", "throwing",
    }
)  # fmt: skip

OF = frozenset(
    {
        "KILL", "ABDUCT", "SEX", "DETAIN", "ARREST", "EXECUTE", "ASSASSINATE", "BEAT", "SHOOT", "SHOT_DEAD", "SHELL", "AIR", "BOMB", "LYNCH",
        "STAB", "INJURE", "DEATH", "DEMOLISH", "BURN", "LOOT", "CAPTURE", "RECAPTURE", "DISPERSE", "RELEASE",
    }
)  # fmt: skip

COUNTED = frozenset(
    {
        "least", "most", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "a", "dozen", "dozens",
        "several", "many", "hundreds", "scores", "than", "to",
    }
)  # fmt: skip

ACTS = frozenset(
    {
        "encountered", "battled", "engaged", "fought", "struck", "hit", "hits", "bombed", "shelled", "targeted", "stormed", "entered", "damaged",
        "destroyed", "rammed", "pounded", "attacked", "strafed", "strikes", "landed", "fell", "launched", "raided", "torched", "opened",
        "detonated", "exploded", "dropped", "carried", "conducted",
    }
)  # fmt: skip

PAST = frozenset(
    {
        "lynched", "beat", "attacked", "killed", "stormed", "assaulted", "burned", "burnt", "clashed", "fought", "scuffled", "bombed", "targeted",
        "struck", "hit", "fired", "executed", "gunned",
    }
)  # fmt: skip

TRODDEN = frozenset(
    {
        "stepped", "steps", "step", "stepping", "hit", "hits", "struck", "drove", "ran", "driving", "triggered", "trod",
    }
)  # fmt: skip

WEAPONS = frozenset(
    {
        "drone", "drones", "aircraft", "jet", "jets", "plane", "planes", "helicopter", "helicopters", "warplanes", "artillery", "shells", "missile",
        "missiles", "rockets", "mortars", "tanks",
    }
)  # fmt: skip

DETERMINERS = frozenset(
    {
        "a", "an", "the", "his", "her", "their", "its", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "several", "dozens", "dozen", "some", "many", "scores", "another", "both", "hundreds",
    }
)  # fmt: skip

TIMES = frozenset(
    {
        "day", "days", "hour", "hours", "week", "weeks", "month", "months", "minutes", "later", "year", "years", "same", "night", "time",
    }
)  # fmt: skip

NOUNISH = frozenset(
    {
        "by", "of", "on", "near", "in", "at", "targeting", "hit", "killed", "left", "hits", "kills", "wounded", "injured", "outside", "against",
    }
)  # fmt: skip

HITTING = frozenset(
    {
        "encountered", "battled", "engaged", "fought", "struck", "hit", "hits", "bombed", "shelled", "targeted", "stormed", "damaged", "destroyed",
        "rammed", "pounded", "attacked", "strafed", "torched", "landed", "fell",
    }
)  # fmt: skip

HEADS = frozenset(
    {
        "group", "groups", "dozens", "hundreds", "thousands", "scores", "members", "member", "crowd", "number", "band", "mob", "gang", "fighters",
        "some", "several", "part", "one", "two", "three", "all", "most", "many", "convoy", "handful", "couple", "coalition", "team", "squad",
        "column", "force", "units", "unit", "majority", "contingent", "score", "half", "pair", "men", "each", "none", "elements", "faction",
        "militants", "soldiers", "rebels", "supporters",
    }
)  # fmt: skip

PLANES = frozenset(
    {
        "warplane", "warplanes", "jet", "jets", "aircraft", "airstrike", "airstrikes", "helicopter", "helicopters", "gunship", "gunships", "plane",
        "planes",
    }
)  # fmt: skip

CROWD_WORDS = frozenset(
    {
        "rioters", "protesters", "demonstrators", "supporters", "crowd", "mob", "youths", "students", "residents",
    }
)  # fmt: skip

BREAKS = frozenset(
    {
        "but", "while", "when", "after", "killing", "wounding", "killed", "attacked", "against", "who", "which", "were", "was", "said",
    }
)  # fmt: skip

HYPHENED = frozenset(
    {
        "backed", "led", "aligned", "linked", "brokered", "based", "born", "occupied", "controlled", "supported", "made", "supplied", "allied",
        "sponsored", "affiliated", "style", "held",
    }
)  # fmt: skip

FIGHTERS = frozenset(
    {
        "fighter", "fighters", "militant", "militants", "gunman", "gunmen", "rebel", "rebels", "insurgent", "insurgents", "terrorist", "terrorists",
        "guerrilla", "guerrillas", "jihadist", "jihadists", "militiaman", "militiamen", "separatist", "separatists", "mercenary", "mercenaries",
        "soldier", "soldiers", "combatant", "combatants", "element", "elements", "commander", "commanders", "member", "members", "forces", "troops",
        "dissident", "dissidents", "cell", "cells", "operative", "operatives", "bomber", "gang", "supporters", "cadre", "cadres", "warriors",
        "cultists", "assailants", "attackers", "volunteers", "volunteer",
    }
)  # fmt: skip

ADJECTIVAL = frozenset(
    {
        "uniform", "uniforms", "fatigues", "style", "grade", "attire", "gear", "clothes", "camouflage", "custody", "brutality", "violence", "court",
        "courts", "tribunal", "trial", "rule", "aid", "hospital", "hospitals", "school", "schools", "building", "buildings", "informer",
        "informers", "informant", "informants", "offices", "clinic", "university", "spokesperson", "spokesman", "spokeswoman", "house", "quarters",
        "area", "areas", "equipment", "officials'", "record", "records", "report", "reports", "abuse", "abuses", "coup",
    }
)  # fmt: skip

AIMS_OF_CROWDS = frozenset({"protest", "demand", "denounce", "condemn", "oppose", "commemorate", "mark", "reject", "support", "honour", "honor"})

PARTICLES = frozenset({"dead", "death", "down", "up", "away", "killed", "hostage", "captive", "out", "off", "over", "alive", "injured", "wounded"})

GANG = frozenset(
    {
        "gang", "gangs", "cartel", "cartels", "drug", "drugs", "narco", "narcos", "trafficking", "traffickers", "trafficker", "hitmen", "hitman",
        "sicarios", "extortion", "ransom", "faction", "favela", "criminals", "criminal", "organised", "organized", "mafia", "maras",
    }
)  # fmt: skip

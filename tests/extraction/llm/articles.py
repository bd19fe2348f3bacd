"""Invented articles with what a well-behaved model tells of them."""

from __future__ import annotations

from typing import Any

GUSAU = """GUSAU, Nigeria, May 6 (Plain Wire) - Gunmen on motorcycles killed at least 12 people in an attack on the town of Gusau on Tuesday, \
police said.

The president condemned the killing. Since January more than 400 people have been killed in such attacks across the region."""

GUSAU_ATTACK: dict[str, Any] = {
    "quote": "Gunmen on motorcycles killed at least 12 people in an attack on the town of Gusau on Tuesday",
    "status": "codable",
    "clue": "killed",
    "sub_event_type": {"value": "Attack", "quote": "killed at least 12 people in an attack"},
    "date": {"value": "2026-05-05", "quote": "on Tuesday", "english": None},
    "location": {"value": "Gusau", "quote": "the town of Gusau", "english": None},
    "admin1": None,
    "country": {"value": "Nigeria", "quote": "Nigeria", "english": None},
    "actor1": {"value": "gunmen", "quote": "Gunmen on motorcycles", "english": None, "actor_class": "Political militia"},
    "actor2": {"value": "people", "quote": "at least 12 people", "english": None, "actor_class": "Civilians"},
    "killed": {"value": 12, "quote": "killed at least 12 people", "english": None},
    "injured": None,
    "arrested": None,
    "crowd": None,
}
GUSAU_SPEECH: dict[str, Any] = {"quote": "The president condemned the killing.", "status": "speech_act", "clue": "condemned"}
GUSAU_SUM: dict[str, Any] = {
    "quote": "Since January more than 400 people have been killed in such attacks across the region.",
    "status": "aggregate",
    "clue": "Since January",
    "killed": {"value": 400, "quote": "more than 400 people have been killed", "english": None},
}

SHIRAZ = "شیراز - ده‌ها معلم روز سه‌شنبه در شیراز در اعتراض به پرداخت نشدن حقوق خود تجمع کردند. پلیس سه نفر را بازداشت کرد."
SHIRAZ_PROTEST: dict[str, Any] = {
    "quote": "ده‌ها معلم روز سه‌شنبه در شیراز در اعتراض به پرداخت نشدن حقوق خود تجمع کردند",
    "status": "codable",
    "clue": "تجمع کردند",
    "sub_event_type": {"value": "Peaceful protest", "quote": "تجمع کردند"},
    "date": {"value": "2026-05-05", "quote": "روز سه‌شنبه", "english": "on Tuesday"},
    "location": {"value": "Shiraz", "quote": "در شیراز", "english": "in Shiraz"},
    "actor1": {"value": "teachers", "quote": "معلم", "english": "teachers", "actor_class": "Protesters"},
    "crowd": {"value": 12, "quote": "ده‌ها معلم", "english": "dozens of teachers gathered"},
    "arrested": {"value": 3, "quote": "سه نفر را بازداشت کرد", "english": "arrested three people"},
}

CALI = "Cali, 6 may. - Unas 300 personas marcharon el martes en Cali para exigir agua potable. La policía detuvo a 4 manifestantes."
CALI_MARCH: dict[str, Any] = {
    "quote": "Unas 300 personas marcharon el martes en Cali para exigir agua potable",
    "status": "codable",
    "sub_event_type": {"value": "Protest with intervention", "quote": "La policía detuvo a 4 manifestantes"},
    "date": {"value": "2026-05-05", "quote": "el martes", "english": "on Tuesday"},
    "location": {"value": "Cali", "quote": "en Cali", "english": "in Cali"},
    "country": None,
    "crowd": {"value": 300, "quote": "Unas 300 personas marcharon", "english": "About 300 people marched"},
    "arrested": {"value": 4, "quote": "detuvo a 4 manifestantes", "english": "arrested 4 protesters"},
}

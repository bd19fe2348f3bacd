"""Keystrokes: what `review` takes to bring the drafts to gold, beside typing the same events into a blank `add`. Floor 5.

A model, not a stopwatch: reading and thinking cost nothing in it. The keys, the order of the forms and the words that they complete are those
of the commands (`Keyboard`, filled by the command line), so that another key map gives other figures. Both sides type the same fields: those
that `add` asks for and the gold names. What follows from them (inter, interval of days, region) costs neither side anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventcoder.evaluation.gold import GoldStatement
from eventcoder.evaluation.judging import Judge
from eventcoder.evaluation.pairing import Paired
from eventcoder.event import Draft

CALL = 2  # keys that call a command again: the arrow up, Enter
CROWD = "crowd_text"  # `add` asks for the crowd in words; the gold names its lower bound
_POINT = ("latitude", "longitude", "admin1")  # filled by the choice of a place
_CHOSEN = ("location", "sub_event_type", "actor1")  # fields for which the screen offers other values by a digit
_RUN = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The key map of `review` and the prompts of `add`, as the evaluation needs them."""

    form: Sequence[str]  # fields of review's form, in order: their place is the number that a coder types
    always: Collection[str]  # those shown though empty
    prompts: Sequence[str]  # fields that `add` asks for, in order
    defaults: Mapping[str, str]  # values that stand in a prompt already
    columns: Sequence[str]  # names that review takes for a field
    listed: Collection[str]  # columns with a code list: a unique beginning is enough
    reviewed: Collection[str]  # statuses that review shows
    words: Callable[[str, Mapping[str, Any]], Sequence[str]]  # completions offered for a field, given the other values
    place_known: Callable[[str, str | None], bool]  # whether the gazetteer offers a place of that name to choose
    note: Callable[[Mapping[str, Any]], str | None]  # the note that a coder would type
    offers: Callable[[Draft], Sequence[Mapping[str, str]]] = lambda draft: ()  # values that one digit takes over: places, types, a presumed actor


def typed(value: Any, name: str, values: Mapping[str, Any], board: Keyboard, default: str = "") -> int:
    """Keys for one line: the shortest of typing all, a unique beginning of a code, a beginning with Tab; and Enter."""
    text = "" if value is None else str(value)
    if text == default:
        return 1
    clear = 1 if default else 0  # Ctrl-U
    if not text:
        return clear + 1
    ways = [len(text)]
    words = list(board.words(name, values))
    if name in board.listed:
        unique = (k for k in range(1, len(text)) if sum(w.casefold().startswith(text[:k].casefold()) for w in words) == 1)
        ways += [next(unique, len(text))] if text in words else []
    if text in words:
        # Tab takes the first word that begins so: the terminal puts beginnings before all other matches, and matches within the first word only
        run = _RUN.match(text)
        shown = (k for k in range(1, run.end() + 1 if run else 1) if _first(text[:k], words) == text)
        ways += [next(shown, len(text)) + 1]
    return clear + min(ways) + 1


def _first(beginning: str, words: Sequence[str]) -> str | None:
    return next((w for w in words if w.casefold().startswith(beginning.casefold())), None)


def blank(gold: GoldStatement, board: Keyboard) -> int:
    """Keys of a whole `add`, without its note: the command called again, every prompt answered."""
    fields = gold.fields
    known = _known(gold, board)
    keys = CALL
    for name in board.prompts:
        if name == "source" or (name in _POINT and known):
            continue  # the document gives the source, the place its point and divisions
        value = _value(gold, name)
        default = board.defaults.get(name, "")
        keys += 1 if name == "notes" or value is None else typed(value, name, fields, board, default)
        keys += 1 if name == "location" and known else 0
    return keys


def edited(gold: GoldStatement, draft: Draft, judge: Judge, board: Keyboard) -> int:
    """Keys that bring a shown draft to gold and accept it."""
    keys = 1  # accept
    for name in _CHOSEN:
        if name in gold.fields and not judge.right(name, gold, draft):
            fits = (draft.model_copy(update={"fields": {**draft.fields, **o}}) for o in board.offers(draft) if name in o)
            better = next((d for d in fits if judge.right(name, gold, d)), None)
            if better is not None:
                draft = better
                keys += 1  # its digit
    place_wrong = "location" in gold.fields and not judge.right("location", gold, draft)
    for name in board.prompts:
        column = "crowd_low" if name == CROWD else name
        if column not in gold.fields or judge.right(column, gold, draft) or (name in _POINT and place_wrong and _known(gold, board)):
            continue
        had = draft.fields.get(column)
        had_text = "" if had is None else "; ".join(map(str, had)) if isinstance(had, list) else str(had)
        keys += 1 + _chosen(column, draft.fields, board) + typed(gold.fields[column], column, gold.fields, board, had_text)
        keys += 1 if name == "location" and _known(gold, board) else 0
    return keys


def keystrokes(paired: Paired, judge: Judge, board: Keyboard) -> dict[str, float]:
    """Sums of one document: keys of review and of blank adds, both without and with the note."""
    out = {"review": 0.0, "blank": 0.0, "review_note": 0.0, "blank_note": 0.0}
    reject = 2  # r and the reason's key, or Enter for the one that is proposed
    attach = 1  # the digit of the event
    told = {e.id: d for e, d in paired.told}
    events = [(s, told.get(s.id) or d) for s, d, _ in paired.statuses if s.status == "codable"]
    done: set[str] = set()
    for event, draft in events:
        whole = blank(event, board)
        note = len(board.note(event.fields) or "")
        out["blank"] += whole
        out["blank_note"] += whole + note
        anew = whole - CALL + 1  # c opens the same form
        if draft is None or draft.status not in board.reviewed:
            out["review"] += anew
            out["review_note"] += anew + note
            continue
        done.add(draft.draft_id)
        mended = edited(event, draft, judge, board)
        better = mended <= reject + anew
        out["review"] += mended if better else reject + anew
        out["review_note"] += mended if better else reject + anew + note
    again = {d.draft_id for d in paired.levels["lenient"].doubled}
    excused = {d.draft_id for d in paired.excused}
    for draft in paired.drafts:
        if draft.status not in board.reviewed or draft.draft_id in done:
            continue
        keys = 1 if draft.draft_id in excused else attach if draft.draft_id in again else reject
        out["review"] += keys
        out["review_note"] += keys
    return out


def _known(gold: GoldStatement, board: Keyboard) -> bool:
    place = gold.fields.get("location")
    return bool(place) and board.place_known(str(place), gold.fields.get("country"))


def _value(gold: GoldStatement, name: str) -> Any:
    return gold.fields.get("crowd_low") if name == CROWD else gold.fields.get(name)


def _chosen(name: str, values: Mapping[str, Any], board: Keyboard) -> int:
    """Keys that choose a field to edit: its number in the form or, where it is not shown, a unique beginning of its name; and Enter."""
    shown = [n for n in board.form if n in board.always or values.get(n) not in (None, "", [])]
    if name in shown:
        return len(str(shown.index(name) + 1)) + 1
    unique = (k for k in range(1, len(name)) if sum(n.startswith(name[:k]) for n in board.columns) == 1)
    return next(unique, len(name)) + 1

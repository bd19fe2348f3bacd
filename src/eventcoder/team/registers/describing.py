"""What a coder says of an actor or a publisher, read by the codebook: the body of a register's entry. Floor 5."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from eventcoder.coding.apart import viewer
from eventcoder.countries import read_register
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger.people.rights import reaches, right_for
from eventcoder.ledger.people.roster import roster
from eventcoder.names import edge
from eventcoder.text import bad_characters, clean

if TYPE_CHECKING:
    from eventcoder.actors.actor import Actor
    from eventcoder.coding import Desk
    from eventcoder.publishers import Publisher

KINDS = ("actor", "publisher")
_LISTS = ("aliases", "local_aliases", "areas")
_SEPARATORS = (";", "|")


def way_in(desk: Desk, kind: str) -> str:
    """The command by which whoever looks brings a name into a register: "add", or "propose" for who may not decide."""
    member = roster(desk.ledger).get(viewer(desk)) if desk.has_ledger else None
    return "propose" if member is not None and not reaches(member.role, right_for(kind, {}).least) else "add"


def name_given(text: str) -> str:
    """A name in its stored form. Raises `UsageError` for one that could not stand in an event."""
    name = " ".join(clean(text).split())
    if not name or bad_characters(text) or not name.isprintable():
        raise UsageError(f"{text!r} is no name.", "Give letters that can be printed.")
    for sign in _SEPARATORS:
        if sign in name:
            raise UsageError(f"A name cannot hold '{sign}': it parts the names of a list.", "Give other names by --alias, one each.")
    return name


def described(desk: Desk, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given properties (None, "" and () are not given) in their stored form.

    For actors: inter, country (several), aliases, since, until (years or days). For publishers: scale, domain (several), country, language,
    ownership, aliases. Raises `UsageError` for a class, scale, country, day or kind of ownership that there is not.
    """
    given = {key: value for key, value in given.items() if value not in (None, "", [], ())}
    out: dict[str, Any] = {}
    for key, value in given.items():
        if key in _LISTS:
            out[key] = list(dict.fromkeys(name_given(v) for v in value))
        elif key == "country":
            out[key] = _countries(desk, kind, value)
        elif key == "inter":
            out[key] = class_given(desk, str(value))
        elif key == "scale":
            out[key] = scale_given(desk, str(value))
        elif key == "ownership":
            out[key] = _ownership(desk, str(value))
        elif key in ("since", "until"):
            out[key] = _edge(str(value), last=key == "until")
        elif key == "domain":
            out[key] = _domains([value] if isinstance(value, str) else value)
        elif key == "language":
            out[key] = _language(str(value))
        else:
            out[key] = clean(str(value))
    return out


def class_given(desk: Desk, text: str) -> str:
    """A class of the list `inter`. Raises `UsageError`."""
    listed = desk.codebook.lists["inter"]
    found = listed.canonical(text)
    if found is None:
        raise UsageError(f"Unknown kind {text!r}.", f"Known: {', '.join(listed.codes)}.")
    return found


def scale_given(desk: Desk, text: str) -> str:
    """An atom of the list `source_scales`. Raises `UsageError`."""
    listed = desk.codebook.lists["source_scales"]
    found = listed.canonical(text)
    if found is None or "-" in found:
        raise UsageError(f"Unknown scale {text!r}.", f"Give one of {', '.join(code for code in listed.codes if '-' not in code)}.")
    return found


def country_given(desk: Desk, text: str) -> str:
    """A country of the codebook, by a name or an ISO code of it. Raises `UsageError`."""
    listed = desk.codebook.lists["countries"]
    found = listed.canonical(text) or desk.actors.countries.country(text)
    if found is None:
        from eventcoder.codebook.suggestion import did_you_mean

        raise UsageError(f"Unknown country {text!r}. {did_you_mean(text, listed.codes)}".rstrip(), "'eventcoder codebook show countries' lists them.")
    return found


def day_given(text: str) -> date:
    """A day. Raises `UsageError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day.", "Write it as YYYY-MM-DD.") from None


def check_days(body: Mapping[str, Any]) -> None:
    """Raise `UsageError` where the last day of a body lies before the first."""
    since, until = edge(body.get("since"), last=False), edge(body.get("until"), last=True)
    if since is not None and until is not None and until < since:
        raise UsageError(f"The last day {until} lies before the first, {since}.", "Check --since and --until.")


def called(desk: Desk, kind: str, name: str) -> str:
    """The present name of what has or had this name; the name itself where nobody registered it."""
    held = desk.actors.get(name) if kind == "actor" else desk.publishers.get(name) if desk.publishers.known(name) else None
    return held.name if held is not None else name


def other_bearers(desk: Desk, kind: str, name: str) -> list[str]:
    """Registered names, not this one, that bear it as another name: after a merge was undone, say."""
    held = desk.actors.actors if kind == "actor" else desk.publishers.publishers
    return sorted(one.name for one in held if one.name != name and name not in one.names and name in one.aliases)


def registered_body(desk: Desk, kind: str, name: str) -> dict[str, Any] | None:
    """What the register holds now under exactly this name, as a body; None if it is no registered name.

    Raises `Refused` for a former name, and for a name that is built by the codebook's forms.
    """
    if kind == "publisher":
        publisher = desk.publishers.get(name) if desk.publishers.known(name) else None
        if publisher is not None and publisher.name != name:
            raise Refused(f"'{name}' is a former name of '{publisher.name}'.", f"Name it as it is called now: '{publisher.name}'.")
        return publisher.body() if publisher is not None else None
    actor = desk.actors.get(name)
    if actor is not None and actor.name != name:
        raise Refused(f"'{name}' is a former name of '{actor.name}'.", f"Name it as it is called now: '{actor.name}'.")
    if actor is None and desk.actors.known(name):
        raise Refused(f"'{name}' is built by the codebook's forms: it is known without being registered.", "Nothing was changed.")
    return actor.body() if actor is not None else None


def body_by(desk: Desk, kind: str, name: str, *entered: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the packaged register says of a name, as a body, after what was `entered` on top of it and nothing else of the team's."""
    held: Actor | Publisher | None
    if kind == "publisher":
        from eventcoder.publishers import PublisherRegistry

        held = PublisherRegistry(desk.codebook, entered, schema_dir=desk.project.schema_dir).get(name)
    else:
        from eventcoder.actors import ActorRegistry

        held = ActorRegistry(desk.codebook, entered, schema_dir=desk.project.schema_dir).get(name)
    return held.body() if held is not None and held.name == name else None


def present_body(desk: Desk, kind: str, name: str) -> dict[str, Any]:
    """As `registered_body`, for a name that must be there. Raises `NotFound` with the names that are spelt alike."""
    found = registered_body(desk, kind, name)
    if found is None:
        near = similar(desk, kind, name)
        hint = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else f"'eventcoder {kind}s find TEXT' looks for it."
        raise NotFound(f"No {kind} {name!r} in the register.", hint)
    return found


def similar(desk: Desk, kind: str, name: str, limit: int = 3) -> list[str]:
    """Registered names that are spelt alike, or the one that bears this as another name."""
    if kind == "actor":
        return list(dict.fromkeys([*filter(None, [desk.actors.resolve(name)]), *desk.actors.suggest(name, limit=limit)]))[:limit]
    from eventcoder.codebook.suggestion import nearest

    found = desk.publishers.canonical(name) or nearest(name, (publisher.name for publisher in desk.publishers.publishers))
    return [found] if found else []


def _countries(desk: Desk, kind: str, value: str | Sequence[str]) -> str | list[str]:
    names = list(dict.fromkeys(country_given(desk, text) for text in ([value] if isinstance(value, str) else value)))
    if kind == "publisher" and len(names) > 1:
        raise UsageError("A publisher has one country.", "Leave --country out where it is at home in several.")
    return names[0] if len(names) == 1 else names


def _ownership(desk: Desk, text: str) -> str:
    rows = read_register(desk.project.schema_dir, "ownerships.csv", "team")
    for row in rows:
        if text.casefold() in (row["code"].casefold(), row["label"].casefold()):
            return row["code"]
    raise UsageError(f"Unknown kind of ownership {text!r}.", f"Known: {', '.join(row['code'] for row in rows)}.")


def _language(text: str) -> str:
    """A code of a language, as documents bear it."""
    code = text.strip().casefold().replace("_", "-")
    if not re.fullmatch("[a-z]{2,3}(-[a-z0-9]+)*", code):
        raise UsageError(f"{text!r} is no code of a language.", "Give a code such as en, fr or ar.")
    return code.split("-")[0]


def _edge(text: str, *, last: bool) -> str:
    try:
        return str(edge(text, last=last))  # one way of writing a day, so that saying it again is no change
    except ValueError:
        raise UsageError(f"{text!r} is not a day.", "Write it as YYYY-MM-DD, or a year alone.") from None


def _domains(values: Sequence[str]) -> str | list[str]:
    from eventcoder.publishers import host_of

    hosts = []
    for text in values:
        host = host_of(text)
        if not host:
            raise UsageError(f"{text!r} is no domain.", "Write it as example.org.")
        hosts.append(host)
    return hosts[0] if len(hosts) == 1 else list(dict.fromkeys(hosts))

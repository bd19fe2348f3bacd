"""Warnings that a person has accepted for a time: `schema/accepted.toml`. Floor 4.

An entry names a code and, where given, an event, a field and a value; a warning that fits becomes an info that says who accepted it, until when
and why. An error is never accepted. An entry that has expired, or that fits nothing, is told, so that the file cannot quietly rot.

    [[accepted]]
    code = "likely-same-event"
    event_id = "k3m9x2p7q4ra"       # optional; so are field and value
    reason = "Two marches on one day, both seen by our reader."
    by = "ada"
    since = 2026-11-02
    until = 2027-05-01              # the last day on which it counts
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder.errors import InputError, NotFound, Refused, UsageError
from eventcoder.problem import Problem, Report

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook

ACCEPTED_FILE = "accepted.toml"
MOST_DAYS = 366  # an acceptance is looked at again at least once a year
_OPTIONAL = ("event_id", "field", "value")
_NEEDED = ("code", "reason", "by", "since", "until")
_HEAD = f"# Warnings that somebody has accepted for a time, with the reason. 'eventcoder checks accept' adds to it; {MOST_DAYS} days at most.\n"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One acceptance. `until` is the last day on which it counts; None in `event_id`, `field` or `value` fits everything."""

    code: str
    reason: str
    by: str
    since: date
    until: date
    event_id: str | None = None
    field: str | None = None
    value: str | None = None

    def fits(self, problem: Problem) -> bool:
        """Whether the problem is one that the entry speaks of, whatever its severity and the day."""
        return (
            problem.code == self.code
            and self.event_id in (None, problem.event_id)
            and self.field in (None, problem.field)
            and self.value in (None, _text(problem.value))
        )

    @property
    def about(self) -> tuple[str | None, ...]:
        return (self.code, self.event_id, self.field, self.value)

    def as_json(self) -> dict[str, str]:
        """Only the keys that apply; days as ISO text."""
        told = {name: getattr(self, name) for name in (*_NEEDED, *_OPTIONAL)}
        return {name: str(value) for name, value in told.items() if value is not None}


def apply(report: Report, accepted: Sequence[Accepted], today: date, *, never: Collection[str] = (), elsewhere: Collection[str] = ()) -> Report:
    """The report with what was accepted on `today` as infos, and what there is to say about the entries themselves.

    `never` are codes that are errors (`error_codes`): an entry for one of them changes nothing, even where such a problem is told as a warning
    because its event is still open. `elsewhere` are codes that this report cannot hold (`release_codes`): their entries are not called unused.
    """
    if not accepted:
        return report
    counting: dict[str, list[int]] = {}
    for at, entry in enumerate(accepted):
        counting.setdefault(entry.code, []).append(at)
    used, of_errors = set[int](), {at for at, entry in enumerate(accepted) if entry.code in never}
    problems: list[Problem] = []
    for problem in report:
        for at in counting.get(problem.code, ()):
            entry = accepted[at]
            if not entry.fits(problem):
                continue
            used.add(at)
            if problem.severity == "error":
                of_errors.add(at)
            elif problem.severity == "warning" and entry.until >= today and at not in of_errors:
                said = f"{problem.message} (accepted until {entry.until} by {entry.by}: {entry.reason})"
                problem = replace(problem, severity="info", message=said)
        problems.append(problem)
    return Report([*problems, *_told(accepted, used, of_errors, today, elsewhere)])


def _told(accepted: Sequence[Accepted], used: set[int], of_errors: set[int], today: date, elsewhere: Collection[str]) -> Iterator[Problem]:
    standing = {entry.about for entry in accepted if entry.until >= today}
    for at, entry in enumerate(accepted):
        where, name = f"schema/{ACCEPTED_FILE}, entry {at + 1}", _name(entry)
        if at in of_errors:
            message = f"{name} is an error, and an error is never accepted: the entry changes nothing. Mend what it names, and take the entry out."
            yield Problem("acceptance-of-error", message, "warning", entry.event_id, None, entry.code, where)
        elif entry.until < today:
            if entry.about not in standing:
                message = f"The acceptance of {name} ended on {entry.until} ({entry.by}: {entry.reason}). Look again: mend it, or accept it anew."
                yield Problem("acceptance-expired", message, "warning", entry.event_id, None, entry.code, where)
        elif at not in used and entry.code not in elsewhere:
            message = f"The acceptance of {name} fits nothing here. Take the entry out once it is not needed any more."
            yield Problem("acceptance-unused", message, "info", entry.event_id, None, entry.code, where)


def error_codes(codebook: Codebook) -> frozenset[str]:
    """Codes of the codebook that are always errors: rules and keyed checks of that severity, and what a column demands."""
    softer = {rule.id for rule in codebook.rules if rule.severity != "error"} | {keyed.id for keyed in codebook.keyed if keyed.severity != "error"}
    demands = {check.id for check in codebook.keyed} | {check.code for check in codebook.checks}
    return frozenset(demands - softer)


def release_codes(codebook: Codebook) -> frozenset[str]:
    """Codes that only a release has: thresholds of the whole dataset, and the software's own of releases."""
    from eventcoder.validation.explanation import problem_codes

    own = {code for code, (area, _, _) in problem_codes().items() if area == "a release"}
    return frozenset(own | {str(threshold["id"]) for threshold in codebook.expectations})


def read_accepted(schema_dir: Path) -> tuple[Accepted, ...]:
    """The entries of `accepted.toml` in a codebook's folder; none where there is no such file. Raises `InputError` naming the entry."""
    path = schema_dir / ACCEPTED_FILE
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Mend the place that it names.") from None
    entries = data.get("accepted", [])
    if set(data) - {"accepted"} or not isinstance(entries, list):
        raise InputError(f"{path} may hold nothing but [[accepted]] tables.", "Write [[accepted]] above each entry.")
    return tuple(_entry(entry, f"{path}, entry {number}") for number, entry in enumerate(entries, 1))


def published(document: Mapping[str, Any] | None) -> tuple[Accepted, ...]:
    """The entries that a release's validation.json says were accepted; none where they cannot be read, so that its warnings stay warnings."""
    entries = (document or {}).get("accepted") or []
    try:
        return tuple(_entry(entry, "validation.json") for entry in entries) if isinstance(entries, list) else ()
    except InputError:
        return ()


def _entry(entry: Any, where: str) -> Accepted:
    if not isinstance(entry, dict):
        raise InputError(f"{where}: not a table.", "Write code, reason, by, since and until.")
    if missing := [name for name in _NEEDED if not entry.get(name)]:
        raise InputError(f"{where}: lacks {', '.join(missing)}.", "Every entry has code, reason, by, since and until.")
    if unknown := sorted(set(entry) - {*_NEEDED, *_OPTIONAL}):
        raise InputError(f"{where}: unknown key {unknown[0]!r}.", f"Besides {', '.join(_NEEDED)} there may be {', '.join(_OPTIONAL)}.")
    days = {name: _day(entry[name], f"{where}: {name}") for name in ("since", "until")}
    if (days["until"] - days["since"]).days > MOST_DAYS:
        raise InputError(f"{where}: until lies more than {MOST_DAYS} days after since.", "Choose an earlier day; it can be accepted again.")
    code, reason, by = (_text(entry[name]) or "" for name in ("code", "reason", "by"))
    about = {name: _text(entry[name]) for name in _OPTIONAL if name in entry}
    return Accepted(code, reason, by, days["since"], days["until"], **about)


def _day(value: Any, where: str) -> date:
    """A day as TOML or text has it."""
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{where} {value!r} is not a day.", "Write it as YYYY-MM-DD.") from None


def _text(value: Any) -> str | None:
    """A problem's value as an entry writes it: text as it is, lists joined, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, default=str)


def _name(entry: Accepted) -> str:
    parts = [entry.code, f"of event {entry.event_id}" if entry.event_id else "", f"in {entry.field}" if entry.field else ""]
    return " ".join([part for part in parts if part] + ([f"with {entry.value!r}"] if entry.value is not None else []))


def accept(schema_dir: Path, entry: Accepted, codebook: Codebook, today: date) -> Path:
    """Append an entry to `accepted.toml`; what stands there, comments too, stays as it is. Gives back the file.

    Raises `NotFound` for an unknown code, `Refused` for one that is an error or an entry that stands already, `UsageError` for a day that has
    passed or lies more than `MOST_DAYS` days ahead and for an empty reason or coder, `InputError` where the file is broken.
    """
    from eventcoder.codebook.suggestion import did_you_mean
    from eventcoder.validation.explanation import all_codes

    known = all_codes(codebook)
    if entry.code not in known:
        hint = did_you_mean(entry.code, known) or "'eventcoder explain --all' lists them."
        raise NotFound(f"There is no problem code '{entry.code}'.", hint)
    if entry.code in error_codes(codebook):
        raise Refused(f"'{entry.code}' is an error, and an error is never accepted.", f"'eventcoder explain {entry.code}' says how to mend it.")
    if entry.until < today:
        raise UsageError(f"--until {entry.until} has passed.", "Give the last day on which the acceptance counts.")
    if entry.until > today + timedelta(days=MOST_DAYS):
        latest = today + timedelta(days=MOST_DAYS)
        raise UsageError(f"--until {entry.until} lies more than {MOST_DAYS} days ahead.", f"Give {latest} or earlier; it can be accepted again.")
    if not entry.reason.strip() or not entry.by.strip():
        raise UsageError("An acceptance needs a reason and a person.", "Give --reason and --coder.")
    path = schema_dir / ACCEPTED_FILE
    for other in read_accepted(schema_dir):
        if other.about == entry.about and other.until >= entry.until:
            raise Refused(f"{_name(entry)} is accepted until {other.until} already ({other.by}: {other.reason}).", f"It stands in {path}.")
    before = path.read_text("utf-8-sig") if path.is_file() else _HEAD
    text = f"{before.rstrip()}\n\n{as_toml(entry)}"
    tomllib.loads(text)  # never leave a file behind that cannot be read
    aside = path.with_suffix(".part")
    aside.write_text(text, "utf-8")
    aside.replace(path)
    return path


def as_toml(entry: Accepted) -> str:
    """The entry as a `[[accepted]]` table."""
    lines = ["[[accepted]]"]
    for name in ("code", *_OPTIONAL, "reason", "by", "since", "until"):
        value = getattr(entry, name)
        if value is not None:
            lines.append(f"{name} = {value.isoformat() if isinstance(value, date) else _toml_text(value)}")
    return "\n".join(lines) + "\n"


def _toml_text(text: str) -> str:
    quoted = json.dumps(text.encode("utf-8", "replace").decode("utf-8"), ensure_ascii=False)
    return quoted.replace("\x7f", "\\u007f")

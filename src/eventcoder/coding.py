"""The desk: a coder's acts, checked against the codebook and then appended to the ledger. Floor 5.

Every way into the ledger that concerns events (options, JSON, prompts, review, bulk edits) goes through `Desk`, so that all of them give the
same verdicts. What is refused is not stored at all:

- structural problems (a text where a number belongs, an unknown code or column, an impossible date) are always refused;
- broken rules and missing values are refused too, unless the coder says that the event shall stay open (`allow_open`);
- warnings never refuse.

A clean event settles by itself unless the project demands approval. Nothing here prints, and the time is passed in. Heavy libraries are not
imported: this is on the path of `add` and `list`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventcoder import clock
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.identity import assigned_event_id_cnty, new_event_id
from eventcoder.ledger import Entry, Folded, Ledger, new_entry, open_ledger
from eventcoder.problem import Problem
from eventcoder.project import Project

if TYPE_CHECKING:
    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook
    from eventcoder.documents import DocumentStore
    from eventcoder.gazetteer import Gazetteer, Place
    from eventcoder.publishers import PublisherRegistry

LIVE_STATES = ("open", "settled", "conflict")
ACTOR_SIDES = (("actor1", "inter1"), ("actor2", "inter2"))


@dataclass(frozen=True, slots=True)
class Prepared:
    """One event's values, ready to be stored, and everything that is wrong with them.

    `structural` problems never enter the ledger; `problems` (rules and gaps) may, while the event is open.
    """

    values: dict[str, Any]
    structural: list[Problem]
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        return self.structural + [p for p in self.problems if p.severity == "error"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did: the event, its revision and state now, the act's entry id, and the problems that remain."""

    event_id: str
    revision: int
    state: str
    act: str
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a coder hands in for one event: raw values (text or JSON) and what supports them.

    `reports` are document ids; `evidence` maps a field to spans `{"document", "start", "end", "quote"}`; `draft` is the draft it came from.
    """

    raw: Mapping[str, Any]
    reports: Sequence[str] = ()
    evidence: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    counts: Sequence[Mapping[str, Any]] = ()
    draft: str | None = None
    reason: str | None = None
    where: str | None = None


class Desk:
    """An opened project with a coder sitting at it.

    `moment` is the time of the acts; `readonly` opens the ledger without the right to write (list, show, history).
    """

    def __init__(self, project: Project, *, coder: str = "", moment: datetime | None = None, readonly: bool = False) -> None:
        self.project = project
        self.coder = coder
        self._moment = moment
        self.readonly = readonly
        self._ledger: Ledger | None = None
        self._gazetteer: Gazetteer | None = None
        self._together: tuple[list[Entry], list[Entry]] | None = None

    @property
    def moment(self) -> datetime:
        """The time of an act: the given one, else now (a sitting of review lasts hours)."""
        return self._moment or clock.now()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    # -- what lies on the desk, opened when first needed --------------------------------------------------------------------------------

    @property
    def ledger(self) -> Ledger:
        if self._ledger is None:
            path = self.project.ledger_path
            if self.readonly and not path.exists():
                raise NotFound(f"This project has no ledger yet ({path.name}).", "Add an event, or run 'eventcoder journal import'.")
            self._ledger = open_ledger(path, create=not self.readonly, readonly=self.readonly)
        return self._ledger

    @cached_property
    def codebook(self) -> Codebook:
        from eventcoder.codebook import load_codebook

        return load_codebook(self.project.schema_dir, self.project.state_dir / "cache")

    @cached_property
    def actors(self) -> ActorRegistry:
        from eventcoder.actors import ActorRegistry

        return ActorRegistry(self.codebook, self._registered("actor"))

    @cached_property
    def publishers(self) -> PublisherRegistry:
        from eventcoder.publishers import PublisherRegistry

        return PublisherRegistry(self.codebook, self._registered("publisher"))

    def _registered(self, kind: str) -> list[dict[str, Any]]:
        return [dict(e.body) for e in self.ledger.latest(kind).values()] if self.has_ledger else []

    @cached_property
    def documents(self) -> DocumentStore:
        from eventcoder.documents import DocumentStore

        return DocumentStore(self.project.documents_dir)

    @cached_property
    def team_places(self) -> list[Place]:
        from eventcoder.gazetteer import places_from_entries

        return list(places_from_entries(self.ledger.latest("place").values()))

    def gazetteer(self, *, progress: Callable[[str], None] | None = None) -> Gazetteer:
        """The offline gazetteer, the team's places and those of earlier events first. The first call on a machine builds its index."""
        if self._gazetteer is None:
            from eventcoder.gazetteer import earlier_places, open_gazetteer

            earlier = earlier_places(e.values for e in self.ledger.events(states=LIVE_STATES)) if self.has_ledger else {}
            self._gazetteer = open_gazetteer(
                self.codebook,
                team=self.team_places if self.has_ledger else (),
                earlier=earlier,
                schema_dir=self.project.schema_dir,
                progress=progress,
            )
        return self._gazetteer

    @property
    def has_ledger(self) -> bool:
        """False in a project where nothing was ever stored."""
        return self._ledger is not None or self.project.ledger_path.exists()

    def new_place(self, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """A place of the team's own as a ledger body, and what is wrong with it: read by the codebook's columns, held against the country's box."""
        from eventcoder.gazetteer import place_body

        return place_body(raw, self.codebook)

    # -- checking -----------------------------------------------------------------------------------------------------------------------

    def prepare(self, raw: Mapping[str, Any], *, reports: Sequence[str] = (), where: str | None = None, event_id: str | None = None) -> Prepared:
        """Type, complete and check one event's raw values. Stores nothing."""
        values, structural = self.codebook.coerce(raw, where=where)
        given = set(values)
        self._fill_from_registers(values, reports)
        values, mismatches = self.codebook.derive(values, regiven=given)
        if event_id:
            values["event_id"] = event_id
        problems = self.codebook.check(values, latest_today=clock.latest_today(self.moment), event_id=event_id)
        known = {(p.code, p.field) for p in structural} | {(p.code, p.field) for p in mismatches}
        bad_fields = {p.field for p in structural}
        # a value that could not be read is absent from `values`: saying that it is also missing would report one mistake twice
        problems = [p for p in problems if (p.code, p.field) not in known and not (p.code == "missing-required" and p.field in bad_fields)]
        if where:
            problems = [replace(p, where=where) for p in problems]
            mismatches = [replace(p, where=where) for p in mismatches]
        return Prepared(values, structural + mismatches, problems)

    def _fill_from_registers(self, values: dict[str, Any], reports: Sequence[str]) -> None:
        """Defaults that need a register: publishers of the reports, kinds of known actors, coordinates of a known place."""
        if reports and not values.get("source"):
            names = []
            for document in reports:
                meta = self.document_meta(document)
                name = "Undisclosed Source" if meta.get("visibility") == "undisclosed" else (meta.get("publisher") or "")
                if name and name not in names:
                    names.append(name)
            if names:
                values["source"] = names
        if reports and not values.get("reported_date"):
            days = sorted(str(d) for d in (self.document_meta(r).get("published") for r in reports) if d)
            if days:
                values["reported_date"] = days[0]
        if values.get("source") and not values.get("source_scale"):
            scale = self.publishers.scale(values["source"])
            if scale:
                values["source_scale"] = scale
        for actor, inter in ACTOR_SIDES:
            if values.get(actor) and not values.get(inter):
                kind = self.actors.inter_of(values[actor], country=values.get("country"), on_date=values.get("event_date"))
                if kind:
                    values[inter] = kind
        if values.get("location") and values.get("country") and values.get("latitude") is None and values.get("longitude") is None:
            place = self.known_place(values["location"], values["country"])
            if place is not None:
                self.use_place(values, place)

    def known_place(self, name: str, country: str) -> Place | None:
        """The one place of that name in the country among the team's own and earlier events' places; None if there is none or several."""
        from eventcoder.gazetteer import earlier_places

        wanted = name.casefold()
        own = [p for p in self.team_places if p.country == country and wanted in {n.casefold() for n in (p.name, *p.aliases)}]
        if own:
            return own[0] if len({p.point for p in own}) == 1 else None
        before = list(self.ledger.events(country=country, location=name))
        points = {(e.values.get("latitude"), e.values.get("longitude")) for e in before if e.values.get("geo_precision") == 1}
        if len(points) != 1:
            return None
        return next(iter(earlier_places(e.values for e in before).values()), None)

    @staticmethod
    def use_place(values: dict[str, Any], place: Place) -> None:
        """Write a chosen place into the values, without touching what is already there (the given name of the location stays)."""
        found = {
            "location": place.name,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "admin1": place.admin1,
            "admin2": place.admin2,
            "gazetteer_id": place.gazetteer_id,
            "gazetteer_version": place.version,
        }
        for column, value in found.items():
            if value is not None and value != "" and values.get(column) is None:
                values[column] = round(value, 4) if isinstance(value, float) else value

    def document_meta(self, document: str) -> Mapping[str, Any]:
        """The ledger's latest word on a document. Raises `NotFound` for an id that was never ingested."""
        for entry in self.ledger.entries(kind="document", subject=document):
            found = entry
        try:
            return dict(found.body)
        except UnboundLocalError:
            raise NotFound(
                f"No document {document!r} in this project.", "Run 'eventcoder ingest PATH' first, or 'eventcoder documents' to see ids."
            ) from None

    # -- acts ---------------------------------------------------------------------------------------------------------------------------

    def add(self, new: NewEvent, *, allow_open: bool = False) -> Outcome:
        """Create one event. Raises `Refused` with every problem when it may not be stored."""
        return self.add_many([new], allow_open=allow_open)[0]

    def add_many(self, news: Iterable[NewEvent], *, allow_open: bool = False) -> list[Outcome]:
        """Create several events in one transaction, all or none. Raises `Refused` with the problems of all of them."""
        entries: list[Entry] = []
        prepared: list[Prepared] = []
        refused: list[Problem] = []
        taken: dict[str, str | None] = {}
        for new in news:
            ready, entry, problems = self._create(new, allow_open, taken)
            refused.extend(problems)
            prepared.append(ready)
            if entry is not None:
                entries.append(entry)
        if refused:
            count = len(prepared)
            what = "the event was" if count == 1 else f"none of the {count} events was"
            raise Refused(
                f"{len(refused)} problem{'s'[: len(refused) != 1]}: {what} stored.",
                "Mend them, or store it open with --open (rules and gaps only).",
                refused,
            )
        self._store(entries)
        return [
            Outcome(e.subject, 1, "settled" if e.body.get("settled") else "open", e.id, ready.problems)
            for e, ready in zip(entries, prepared, strict=True)
        ]

    def _create(self, new: NewEvent, allow_open: bool, taken: dict[str, str | None]) -> tuple[Prepared, Entry | None, list[Problem]]:
        event_id = new_event_id()
        reports = [self.find_document(d) for d in new.reports]
        ready = self.prepare(new.raw, reports=reports, where=new.where, event_id=event_id)
        values = ready.values
        cnty = values.get("event_id_cnty")
        if not cnty and values.get("country"):
            prefix = self.codebook.lists["countries"].attribute(values["country"], "prefix")
            if prefix:
                values["event_id_cnty"] = cnty = assigned_event_id_cnty(prefix, event_id)
                ready = replace(ready, problems=[p for p in ready.problems if p.field != "event_id_cnty"])
        structural = list(ready.structural)
        if cnty and (cnty in taken or self.ledger.find_cnty(cnty)):
            other = taken.get(cnty) or self.ledger.find_cnty(cnty)
            message = f"event_id_cnty {cnty} already belongs to event {other}. Leave it out, or amend that event."
            structural.append(Problem("duplicate-id", message, event_id=event_id, field="event_id_cnty", value=cnty, where=new.where))
        if cnty:
            taken[cnty] = event_id
        ready = replace(ready, structural=structural)
        stop = ready.structural if allow_open else ready.errors
        if stop:
            return ready, None, stop
        body: dict[str, Any] = {"act": "create", "values": _stored(values), "codebook": self.codebook.version, "settled": self._settles(ready)}
        self._support(body, reports, new.evidence, new.counts)
        if new.draft:
            body["draft"] = new.draft
        if new.reason:
            body["reason"] = new.reason
        return ready, self._act(event_id, body, ()), []

    def _support(
        self, body: dict[str, Any], reports: Sequence[str], evidence: Mapping[str, Sequence[Mapping[str, Any]]], counts: Sequence[Mapping[str, Any]]
    ) -> None:
        documents = list(dict.fromkeys([*reports, *(s["document"] for spans in evidence.values() for s in spans)]))
        if documents:
            body["reports"] = [{"document": d} for d in documents]
        if evidence:
            body["evidence"] = {f: [dict(s) for s in spans] for f, spans in evidence.items() if spans}
        if counts:
            body["counts"] = [dict(c) for c in counts]

    def amend(
        self, event_id: str, changes: Mapping[str, Any], *, reason: str, allow_open: bool = True, evidence: Mapping[str, Any] | None = None
    ) -> Outcome:
        """Correct fields of one event. Raises `Refused` for structural problems (and for broken rules unless `allow_open`).

        Derived and default values that follow from a changed field are computed anew.
        """
        entry, outcome = self.amendment(self.live(event_id), changes, reason=reason, allow_open=allow_open, evidence=evidence)
        if entry is not None:
            self._store([entry])
        return outcome

    def amendment(
        self, event: Folded, changes: Mapping[str, Any], *, reason: str, allow_open: bool = True, evidence: Mapping[str, Any] | None = None
    ) -> tuple[Entry | None, Outcome]:
        """The act that `amend` would append, and its outcome; the act is None when nothing would change."""
        if not reason.strip():
            raise UsageError("A correction needs a reason.", 'Give --reason "TEXT": it is published with the change.')
        cleared = {name for name, value in changes.items() if value is None or value == "" or value == []}
        typed, structural = self.codebook.coerce({k: v for k, v in changes.items() if k not in cleared})
        structural += self._unknown_or_system({k: v for k, v in changes.items()}, already={p.field for p in structural})
        if structural:
            raise Refused(f"Event {event.event_id} was not changed: {len(structural)} problem(s).", "Mend the values and try again.", structural)
        base = {k: v for k, v in event.values.items() if k not in cleared}
        for name in self.dependents(set(changes)):
            if name not in changes:
                base.pop(name, None)
        base.update(typed)
        ready = self.prepare(base, event_id=event.event_id)
        stop = [p for p in ready.structural] if allow_open else ready.errors
        if stop:
            raise Refused(f"Event {event.event_id} was not changed: {len(stop)} problem(s).", "Mend the values and try again.", stop)
        after = _stored(ready.values)
        before = _stored(event.values)
        changed = {k: after.get(k) for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)}
        if not changed and not evidence:
            return None, Outcome(event.event_id, event.revision, event.state, "", ready.problems)
        body = {"act": "revise", "values": changed, "reason": reason, "codebook": self.codebook.version, "settled": self._settles(ready)}
        if evidence:
            body["evidence"] = {k: [dict(s) for s in v] for k, v in evidence.items()}
        entry = self._act(event.event_id, body, event.heads)
        return entry, Outcome(event.event_id, event.revision + 1, "settled" if body["settled"] else "open", entry.id, ready.problems)

    def _unknown_or_system(self, changes: Mapping[str, Any], already: set[str | None]) -> list[Problem]:
        out = []
        for name in changes:
            column = self.codebook.column(name)
            if name in already:
                continue
            if column is None:
                _, found = self.codebook.coerce({name: "x"})
                out += [p for p in found if p.code == "unknown-column"]
            elif column.entered == "system":
                out.append(Problem("system-column", f"'{name}' is assigned by the software. Leave it out.", field=name, value=changes[name]))
        return out

    def dependents(self, changed: set[str]) -> set[str]:
        """Columns that are computed from the changed ones and must not keep their old value."""
        derived = {c.name for c in self.codebook.columns if c.entered == "derived"}
        out = set(derived)
        follow = {
            "civilian_targeting": {"sub_event_type", "inter1", "inter2", "actor1", "actor2"},
            "inter1": {"actor1", "country"},
            "inter2": {"actor2", "country"},
            "date_start": {"event_date", "time_precision"},
            "date_end": {"event_date", "time_precision"},
            "fatalities_low": {"fatalities"},
            "fatalities_high": {"fatalities"},
            "fatalities_basis": {"fatalities"},
            "point_kind": {"geo_precision"},
            "source_scale": {"source"},
            "latitude": {"location", "country"},
            "longitude": {"location", "country"},
            "admin1": {"location", "country"},
            "admin2": {"location", "country"},
            "admin3": {"location", "country"},
            "gazetteer_id": {"location", "country", "latitude", "longitude"},
            "gazetteer_version": {"location", "country", "latitude", "longitude"},
        }
        for name, causes in follow.items():
            # a place whose coordinates are corrected keeps its name and divisions; a place that is renamed keeps nothing
            if changed & causes and self.codebook.column(name) is not None:
                out.add(name)
        return out

    def attach(
        self,
        event_id: str,
        documents: Sequence[str],
        *,
        evidence: Mapping[str, Any] | None = None,
        counts: Sequence[Any] = (),
        draft: str | None = None,
    ) -> Outcome:
        """Tie more reports to an event: its sources grow, its values stay."""
        event = self.live(event_id)
        ids = [self.find_document(d) for d in documents]
        have = {r["document"] for r in event.reports}
        new = [d for d in ids if d not in have]
        if not new and not evidence:
            return Outcome(event.event_id, event.revision, event.state, "")
        body: dict[str, Any] = {"act": "attach", "codebook": self.codebook.version}
        self._support(body, new, evidence or {}, counts)
        if draft:
            body["draft"] = draft
        values = dict(event.values)
        merged: dict[str, Any] = {"source": None}
        self._fill_from_registers(merged, ids)
        sources = list(dict.fromkeys([*(values.get("source") or []), *(merged.get("source") or [])]))
        if sources != (values.get("source") or []):
            body["values"] = {"source": sources, "source_scale": self.publishers.scale(sources) or values.get("source_scale")}
            values.update(body["values"])
        ready = self.prepare(values, event_id=event.event_id)
        body["settled"] = self._settles(ready) if event.state != "settled" else not ready.errors
        entry = self._act(event.event_id, body, event.heads)
        self._store([entry])
        return Outcome(event.event_id, event.revision + 1, "settled" if body["settled"] else "open", entry.id, ready.problems)

    def settle(self, event_id: str) -> Outcome:
        """Declare an open event fit for release. Raises `Refused` while it has errors."""
        event = self.live(event_id)
        ready = self.prepare(event.values, event_id=event.event_id)
        if ready.errors:
            raise Refused(
                f"Event {event.event_id} cannot settle: {len(ready.errors)} problem(s).", "Mend them with 'eventcoder amend'.", ready.errors
            )
        if event.state == "settled":
            return Outcome(event.event_id, event.revision, event.state, "", ready.problems)
        return self._append(event, {"act": "settle", "settled": True}, "settled", ready.problems)

    def retract(self, event_id: str, *, reason: str, successor: str | None = None) -> Outcome:
        """Withdraw an event: it leaves the dataset, its id and history stay, with the reason and the successor if there is one."""
        event = self.live(event_id)
        body: dict[str, Any] = {"act": "retract", "reason": _reason(reason)}
        if successor:
            other = self.live(successor)
            if other.event_id == event.event_id:
                raise UsageError("An event cannot be its own successor.")
            body["successor"] = other.event_id
        return self._append(event, body, "retracted")

    def restore(self, event_id: str, *, reason: str) -> Outcome:
        """Bring a retracted or merged event back."""
        event = self.event(event_id)
        if event.state not in ("retracted", "merged"):
            raise UsageError(f"Event {event.event_id} is {event.state}, not retracted or merged.", "There is nothing to restore.")
        ready = self.prepare(event.values, event_id=event.event_id)
        settled = self._settles(ready)
        return self._append(
            event, {"act": "restore", "reason": _reason(reason), "settled": settled}, "settled" if settled else "open", ready.problems
        )

    def merge(self, survivor: str, losers: Sequence[str], *, reason: str) -> Outcome:
        """Join events that are one: the survivor gets their reports and evidence, the others point to it. `restore` undoes it."""
        keep = self.live(survivor)
        others = [self.live(i) for i in losers]
        if not others or any(o.event_id == keep.event_id for o in others) or len({o.event_id for o in others}) != len(others):
            raise UsageError("Merging needs one survivor and other, different events.", "eventcoder merge SURVIVOR ID...")
        text = _reason(reason)
        have = {r["document"] for r in keep.reports}
        body: dict[str, Any] = {"act": "merge", "merged": [o.event_id for o in others], "reason": text, "codebook": self.codebook.version}
        carried = list(dict.fromkeys(r["document"] for o in others for r in o.reports if r["document"] not in have))
        counts = [c for o in others for c in o.counts if c not in keep.counts]
        evidence: dict[str, list[Mapping[str, Any]]] = {}
        for other in others:
            for name, spans in other.evidence.items():
                evidence.setdefault(name, []).extend(s for s in spans if s not in keep.evidence.get(name, []))
        self._support(body, carried, {k: v for k, v in evidence.items() if v}, counts)
        sources = list(dict.fromkeys([*(keep.values.get("source") or []), *(s for o in others for s in o.values.get("source") or [])]))
        values = dict(keep.values)
        if sources != (keep.values.get("source") or []):
            body["values"] = {"source": sources, "source_scale": self.publishers.scale(sources) or keep.values.get("source_scale")}
            values.update(body["values"])
        ready = self.prepare(values, event_id=keep.event_id)
        body["settled"] = self._settles(ready)
        entry = self._act(keep.event_id, body, keep.heads)
        gone = [self._act(o.event_id, {"act": "merge", "successor": keep.event_id, "reason": text}, o.heads) for o in others]
        self._store([entry, *gone])
        return Outcome(keep.event_id, keep.revision + 1, "settled" if body["settled"] else "open", entry.id, ready.problems)

    def relate(self, event_id: str, kind: str, other: str, *, reason: str = "") -> Outcome:
        """Say how an event stands to another (codebook list `relation_kinds`), e.g. a decision that two likely duplicates are different."""
        event, target = self.live(event_id), self.live(other)
        known = self.codebook.lists["relation_kinds"].canonical(kind)
        if known is None:
            raise UsageError(f"Unknown relation {kind!r}.", f"Known: {', '.join(self.codebook.lists['relation_kinds'].codes)}.")
        if event.event_id == target.event_id:
            raise UsageError("An event cannot be related to itself.")
        body: dict[str, Any] = {"act": "relate", "relations": [{"kind": known, "event_id": target.event_id}]}
        if reason:
            body["reason"] = reason
        return self._append(event, body, event.state)

    def resolve(self, event_id: str, values: Mapping[str, Any], *, reason: str) -> Outcome:
        """End a conflict of merged journals: one act that names all heads, with the values that shall hold."""
        event = self.event(event_id)
        if event.state != "conflict":
            raise UsageError(f"Event {event.event_id} is not in conflict.", "Use 'eventcoder amend' to correct it.")
        raw = {**event.values, **values}
        ready = self.prepare({k: v for k, v in raw.items() if v is not None}, event_id=event.event_id)
        if ready.structural:
            raise Refused("The conflict was not resolved.", "Mend the values and try again.", ready.structural)
        body = {
            "act": "resolve",
            "values": _stored(ready.values),
            "reason": _reason(reason),
            "codebook": self.codebook.version,
            "settled": self._settles(ready),
        }
        return self._append(event, body, "settled" if body["settled"] else "open", ready.problems)

    def detach(self, event_id: str, documents: Sequence[str], *, reason: str) -> Outcome:
        """Take reports away from an event again: their evidence and counts go with them, the history keeps all."""
        event = self.live(event_id)
        gone = {d for d in documents if any(r["document"] == d for r in event.reports)}
        if not gone:
            return Outcome(event.event_id, event.revision, event.state, "")
        left = [r["document"] for r in event.reports if r["document"] not in gone]
        names: dict[str, Any] = {}
        lost: dict[str, Any] = {}
        self._fill_from_registers(names, left)
        self._fill_from_registers(lost, sorted(gone))
        dropped = set(lost.get("source") or []) - set(names.get("source") or [])
        body: dict[str, Any] = {"act": "revise", "detach": sorted(gone), "reason": _reason(reason), "codebook": self.codebook.version}
        values = dict(event.values)
        if dropped:
            sources = [s for s in values.get("source") or [] if s not in dropped]
            body["values"] = {"source": sources, "source_scale": self.publishers.scale(sources) if sources else None}
            values.update(body["values"])
        ready = self.prepare({k: v for k, v in values.items() if v not in (None, [])}, event_id=event.event_id)
        body["settled"] = self._settles(ready)
        return self._append(event, body, "settled" if body["settled"] else "open", ready.problems)

    @contextmanager
    def together(self) -> Iterator[list[Entry]]:
        """Acts inside the block, and the entries put on the list, are appended in one transaction at its end: all or none."""
        if self._together is not None:
            raise UsageError("Acts are being collected already.")
        self._together = ([], [])
        try:
            yield self._together[1]
            acts, more = self._together
        finally:
            self._together = None
        # what supports an act stands before it, so that a reader of the ledger never meets an act without its draft
        self.ledger.append([*more, *acts])

    def _store(self, entries: Sequence[Entry]) -> None:
        if self._together is None:
            self.ledger.append(entries)
        else:
            self._together[0].extend(entries)

    # -- looking up ---------------------------------------------------------------------------------------------------------------------

    def event(self, prefix: str) -> Folded:
        """The event whose id (or ACLED id) begins with `prefix`. Raises `NotFound`."""
        found = self.ledger.head(self.ledger.find_cnty(prefix) or self.ledger.find(prefix))
        if found is None:
            raise NotFound(f"No event {prefix!r}.", "'eventcoder list' shows the ids.")
        return found

    def live(self, prefix: str) -> Folded:
        """Like `event`, but not one that was withdrawn."""
        found = self.event(prefix)
        if found.state not in LIVE_STATES:
            into = f" into {found.successor}" if found.successor else ""
            raise Refused(f"Event {found.event_id} was {found.state}{into}.", "Run 'eventcoder restore' first if that was a mistake.")
        return found

    def find_document(self, prefix: str) -> str:
        """The id of the one document whose id begins with `prefix`. Raises `NotFound`."""
        ids = [s for s in self.ledger.latest("document") if s.startswith(prefix)]
        if len(ids) == 1:
            return ids[0]
        if prefix in ids:
            return prefix
        why = f"{len(ids)} documents begin with {prefix!r}" if ids else f"No document {prefix!r} in this project"
        raise NotFound(f"{why}.", "'eventcoder documents' shows the ids.")

    def today(self) -> Any:
        return clock.latest_today(self.moment)

    # -- inside -------------------------------------------------------------------------------------------------------------------------

    def _settles(self, ready: Prepared) -> bool:
        return self.project.settings.approval == "none" and not ready.errors

    def _act(self, event_id: str, body: Mapping[str, Any], parents: Sequence[str]) -> Entry:
        return new_entry("act", event_id, body, coder=self.coder, time=self.moment, parents=tuple(parents))

    def _append(self, event: Folded, body: dict[str, Any], state: str, problems: Sequence[Problem] = ()) -> Outcome:
        entry = self._act(event.event_id, body, event.heads)
        self._store([entry])
        return Outcome(event.event_id, event.revision + 1, state, entry.id, list(problems))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into an act: no nulls, no empty lists, no event id (it is the act's subject)."""
    return {k: v for k, v in sorted(values.items()) if v is not None and v != [] and k != "event_id"}


def _reason(text: str) -> str:
    if not text.strip():
        raise UsageError("This needs a reason.", 'Give --reason "TEXT": it is published with the change.')
    return text.strip()


def open_desk(project: Project | Path | str | None = None, *, coder: str = "", readonly: bool = False) -> Desk:
    """Open a project (folder, Project, or the nearest one upwards) and sit down."""
    from eventcoder.project import open_project

    return Desk(project if isinstance(project, Project) else open_project(project), coder=coder, readonly=readonly)

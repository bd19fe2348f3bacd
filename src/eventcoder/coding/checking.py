"""Type, complete and check one event's values: the same verdicts for every way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eventcoder import clock
from eventcoder.coding.opened import Opened
from eventcoder.coding.records import Prepared
from eventcoder.errors import MissingPart
from eventcoder.ledger.folded import OF_DATASET
from eventcoder.problem import Problem
from eventcoder.validation.actor_use import FORM, without_registered
from eventcoder.validation.note_facts import NoteReader
from eventcoder.validation.note_persons import PersonReader

if TYPE_CHECKING:
    from eventcoder.gazetteer import Gazetteer, Place

ACTOR_SIDES = (("actor1", "inter1"), ("actor2", "inter2"))


class Checking(Opened):
    """An opened project that checks values; it stores nothing."""

    def prepare(self, raw: Mapping[str, Any], *, reports: Sequence[str] = (), where: str | None = None, event_id: str | None = None) -> Prepared:
        """Type, complete and check one event's raw values. Stores nothing."""
        values, structural = self.codebook.coerce(raw, where=where)
        given = set(values)
        self.fill_from_registers(values, reports)
        values, mismatches = self.codebook.derive(values, regiven=given)
        if event_id:
            values["event_id"] = event_id
        problems = self.codebook.check(values, latest_today=clock.latest_today(self.moment), event_id=event_id)
        if any(p.code == FORM for p in problems):
            problems = list(without_registered(problems, self.actors))
        problems += [*self._note_reader.numbers_of(values), *self._person_reader.problems_of(values)]
        known = {(p.code, p.field) for p in structural} | {(p.code, p.field) for p in mismatches}
        bad_fields = {p.field for p in structural}
        # a value that could not be read, or that is computed from one that is missing, would only be reported a second time
        computed = {c.name for c in self.codebook.columns if c.entered == "derived"}
        blind = {r.id for r in self.codebook.rules if bad_fields & set(r.fields)} if bad_fields else set()  # rules that miss what they judge
        problems = [
            p
            for p in problems
            if (p.code, p.field) not in known and p.code not in blind and not (p.code == "missing-required" and p.field in bad_fields | computed)
        ]
        if where:
            problems = [replace(p, where=where) for p in problems]
            mismatches = [replace(p, where=where) for p in mismatches]
        return Prepared(values, structural + mismatches, problems)

    @cached_property
    def _note_reader(self) -> NoteReader:
        return NoteReader.of(self.project.schema_dir)

    @cached_property
    def _person_reader(self) -> PersonReader:
        return PersonReader.of(self.project.schema_dir)

    def fill_from_registers(self, values: dict[str, Any], reports: Sequence[str]) -> None:
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
        if values.get("country") and values.get("latitude") is None and values.get("longitude") is None:
            if values.get("gazetteer_id"):
                place = self.place_of(str(values["gazetteer_id"]), values["country"], values.get("location"))
            else:
                place = self.known_place(values["location"], values["country"]) if values.get("location") else None
            if place is not None:
                self.use_place(values, place)

    def place_of(self, gazetteer_id: str, country: str, name: str | None) -> Place | None:
        """The place of that id, if it lies in the country and bears the name (any, if none is given), the team's own first; else None: the point of
        one place must not come to stand beside the name of another."""
        own = next((place for place in self.team_places if place.gazetteer_id == gazetteer_id), None)
        if own is not None:
            called = name is None or name.casefold() in {n.casefold() for n in (own.name, *own.aliases)}
            return own if own.country == country and called else None
        places = self._indexed_places
        found = places.place(gazetteer_id) if places is not None else None
        if places is None or found is None or found.country != country:
            return None
        if name is None or name.casefold() == found.name.casefold():
            return found
        return found if any(p.gazetteer_id == gazetteer_id for p in places.lookup(name, country=country, limit=100, strict=False)) else None

    @cached_property
    def _indexed_places(self) -> Gazetteer | None:
        """The gazetteer without the places of earlier events, for which all events would be read; None where its data are not installed."""
        from eventcoder.gazetteer import open_gazetteer

        try:
            return open_gazetteer(self.codebook, schema_dir=self.project.schema_dir, extra_dir=self.project.state_dir / "places")
        except MissingPart:
            return None

    def known_place(self, name: str, country: str) -> Place | None:
        """The one place of that name in the country among the team's own and earlier events' places; None if there is none or several."""
        from eventcoder.gazetteer import earlier_places

        wanted = name.casefold()
        own = [p for p in self.team_places if p.country == country and wanted in {n.casefold() for n in (p.name, *p.aliases)}]
        if own:
            return own[0] if len({p.point for p in own}) == 1 else None
        before = list(self.ledger.events(states=OF_DATASET, country=country, location=name))
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

    def refuse_assigned(self, changes: Mapping[str, Any], already: set[str | None]) -> list[Problem]:
        out = []
        for name in changes:
            column = self.codebook.columns_by_name.get(name)
            if name in already:
                continue
            if column is None:
                _, found = self.codebook.coerce({name: "x"})
                out += [p for p in found if p.code == "unknown-column"]
        return out + self.refuse_system({k: v for k, v in changes.items() if k not in already})

    def refuse_system(self, raw: Mapping[str, Any], *, where: str | None = None) -> list[Problem]:
        """A problem for every value given for a column that the software assigns: it would be overwritten unseen, or be believed."""
        system = {c.name for c in self.codebook.columns if c.entered == "system"}
        said = "'{}' is assigned by the software. Leave it out."
        given = {k: v for k, v in raw.items() if k in system and v not in (None, "", [])}
        return [Problem("system-column", said.format(k), field=k, value=v, where=where) for k, v in given.items()]

    def dependents(self, changes: Mapping[str, Any], before: Mapping[str, Any]) -> set[str]:
        """Columns that are computed from the changed ones and must not keep their old value.

        An interval that somebody gave (deaths, days) is not computed: it stays, and the rules say if the new value lies outside.
        """
        changed = set(changes)
        intervals = (("fatalities", "fatalities_low", "fatalities_high"), ("event_date", "date_start", "date_end"))
        kept = {"fatalities": {"fatalities_low", "fatalities_high", "fatalities_basis"}, "event_date": {"date_start", "date_end"}}
        told = {first for first, low, high in intervals if not before.get(first) == before.get(low) == before.get(high)}
        if str(changes.get("time_precision")) == "1":
            told.discard("event_date")  # the day is known now, so the days around it are not
        stay: set[str] = set().union(*(kept[first] for first in told if before.get(first) is not None))
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
            if changed & causes and name in self.codebook.columns_by_name:
                out.add(name)
        return out - stay


def where_points_are(problems: Sequence[Problem]) -> str:
    """How a place gets its point, to be said where one is missing; else ""."""
    missing = any(p.code == "missing-required" and p.field in ("latitude", "longitude") for p in problems)
    return " 'eventcoder places find NAME' gives the point of a place; --gazetteer-id ID takes it over." if missing else ""

"""An opened project: its codebook, ledger, registers and documents, each opened when first needed, and look-ups by a beginning of an id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from eventcoder import clock
from eventcoder.errors import NotFound, Refused
from eventcoder.ledger import Folded, Ledger, ledger_exists, open_ledger
from eventcoder.ledger.registered import accepted
from eventcoder.problem import Problem
from eventcoder.project import Project

if TYPE_CHECKING:
    from eventcoder.actors import ActorRegistry
    from eventcoder.codebook import Codebook
    from eventcoder.documents import DocumentStore
    from eventcoder.gazetteer import Gazetteer, Place
    from eventcoder.publishers import PublisherRegistry

LIVE_STATES = ("open", "settled", "conflict")


class Opened:
    """A project with everything that belongs to it.

    `moment` is the time of the acts (default: the clock, at each act); `readonly` opens the ledger without the right to write.
    """

    def __init__(self, project: Project, *, moment: datetime | None = None, readonly: bool = False) -> None:
        self.project = project
        self._moment = moment
        self.readonly = readonly
        self._ledger: Ledger | None = None
        self._gazetteer: Gazetteer | None = None

    @property
    def moment(self) -> datetime:
        """The time of an act: the given one, else now (a sitting of review lasts hours)."""
        return self._moment or clock.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    @property
    def ledger(self) -> Ledger:
        if self._ledger is None:
            at = self.project.ledger_at
            # a project without a ledger has an empty one: looking at it is no mistake
            fresh = self.readonly and not ledger_exists(at)
            create, readonly = not self.readonly or fresh, self.readonly and not fresh
            self._ledger = open_ledger(at, create=create, readonly=readonly, project=self.project.ledger_project)
        return self._ledger

    @cached_property
    def codebook(self) -> Codebook:
        from eventcoder.codebook import load_codebook

        return load_codebook(self.project.schema_dir, self.project.state_dir / "cache")

    @cached_property
    def actors(self) -> ActorRegistry:
        from eventcoder.actors import ActorRegistry

        return ActorRegistry(self.codebook, self._registered("actor"), schema_dir=self.project.schema_dir)

    @cached_property
    def publishers(self) -> PublisherRegistry:
        from eventcoder.publishers import PublisherRegistry

        return PublisherRegistry(self.codebook, self._registered("publisher"), schema_dir=self.project.schema_dir)

    def _registered(self, kind: str) -> list[dict[str, Any]]:
        return [dict(e.body) for e in accepted(self.ledger, kind).values()] if self.has_ledger else []

    @cached_property
    def documents(self) -> DocumentStore:
        from eventcoder.documents import DocumentStore

        return DocumentStore(self.project.documents_dir)

    @cached_property
    def team_places(self) -> list[Place]:
        from eventcoder.gazetteer import places_from_entries

        return list(places_from_entries(accepted(self.ledger, "place").values()))

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
                extra_dir=self.project.state_dir / "places",
            )
        return self._gazetteer

    @property
    def has_ledger(self) -> bool:
        """False in a project where nothing was ever stored."""
        return self._ledger is not None or ledger_exists(self.project.ledger_at)

    def new_place(self, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """A place of the team's own as a ledger body, and what is wrong with it: read by the codebook's columns, held against the country's box."""
        from eventcoder.gazetteer import place_body

        return place_body(raw, self.codebook)

    def event(self, prefix: str) -> Folded:
        """The event whose id (or ACLED id) begins with `prefix`. Raises `NotFound`."""
        if not prefix.isascii():  # no id is, and the database cannot be asked for broken characters
            raise NotFound(f"No event {prefix!r}.", "'eventcoder list' shows the ids.")
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

    def undisputed(self, prefix: str) -> Folded:
        """Like `live`, but not one in conflict: an act on it would end the conflict without anybody having decided."""
        found = self.live(prefix)
        refuse_conflict(found)
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


def refuse_conflict(event: Folded) -> None:
    """Raise `Refused` for an event that two coders changed apart."""
    if event.state == "conflict":
        raise Refused(f"Event {event.event_id} is in conflict: it was changed by two coders apart.", "Run 'eventcoder resolve' first.")

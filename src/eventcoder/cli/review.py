"""`eventcoder review`: decide drafts with one key each. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.keys import END, read_key, read_line, single_keys
from eventcoder.cli.options import CoderOption, ProjectOption
from eventcoder.cli.output import note, say
from eventcoder.errors import EventcoderError, Refused, UsageError
from eventcoder.event import Draft
from eventcoder.project import ENGINES, REVIEW_ORDERS

if TYPE_CHECKING:
    from eventcoder.coding import Prepared
    from eventcoder.review import Review


def review(
    documents: Annotated[list[str] | None, typer.Argument(help="Document ids or beginnings; else all.", show_default=False)] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", help="Statuses to see; else codable, lead and background (repeatable).", show_default=False)
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", help="Whose drafts: rules, semantic or llm.", show_default="the project's setting 'engine'")
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            "--order",
            help="Documents by: uncertain (events to code first, the least certain types before others), newest, text (oldest first, or as named)."
            " Drafts of one document follow its text.",
            show_default="review_order of the settings",
        ),
    ] = None,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Decide drafts: accept, edit, attach to an event that is there, reject with a reason, skip, undo.

    Each decision is stored at once. Quit whenever you like; the next call goes on where you stopped. '?' shows the keys.
    """
    from eventcoder.review import REVIEWED, Review, draft_session

    if engine is not None and engine not in ENGINES:
        raise UsageError(f"Unknown engine {engine!r}.", f"Known: {', '.join(ENGINES)}.")
    if order is not None and order not in REVIEW_ORDERS:
        raise UsageError(f"Unknown order {order!r}.", f"Known: {', '.join(REVIEW_ORDERS)}.")
    with writing_desk(project, coder) as desk:
        known = desk.codebook.lists["statuses"].codes
        for name in status or []:
            if name not in known:
                raise UsageError(f"Unknown status {name!r}.", f"Known: {', '.join(known)}.")
        chosen = [desk.find_document(d) for d in documents or []]
        wanted = order or ("text" if chosen else desk.project.settings.review_order)
        session = draft_session(desk, progress=note, engine=engine)
        sitting = Review(desk, session, documents=chosen, statuses=status or REVIEWED, order=wanted)
        for line in sitting.unreadable:
            note(f"note: {line}")
        for line in sitting.by_hand[:5]:
            note(f"note: {line}")
        if len(sitting.by_hand) > 5:
            note(
                f"note: {len(sitting.by_hand) - 5} more documents are in languages that the engine does not read ('eventcoder documents' lists them)."
            )
        if sitting.current is None:
            say("Nothing waits for a decision.")
            return
        with single_keys():
            Sitting(sitting).run()
        stored = [d.decision for d in sitting.done]
        kinds = ", ".join(f"{stored.count(k)} {k}" for k in dict.fromkeys(stored))
        say(f"{len(stored)} decisions{f' ({kinds})' if kinds else ''}; {len(sitting.waiting)} drafts wait, {len(sitting.skipped)} were skipped.")


class Sitting:
    """The loop of screen and key around a `Review`."""

    def __init__(self, review: Review) -> None:
        from rich.console import Console

        self.review = review
        self.desk = review.desk
        self.console = Console(highlight=False)
        self.edits: dict[str, Any] = {}
        self.marked: dict[str, list[dict[str, Any]]] = {}

    def run(self) -> None:
        """Until the coder quits, the input ends, or nothing is left."""
        while (draft := self.review.current) is not None:
            self._show(draft)
            while True:
                key = read_key()
                if key in ("q", "Q", END):
                    return
                try:
                    again = self._do(key.casefold(), draft)
                except Refused as error:
                    for problem in error.problems:
                        self.console.print(f"{problem.severity}: {problem.message} [{problem.code}]", style="red", markup=False)
                    self.console.print(f"{error}  (e: mend a field; o: save it open)", style="red", markup=False)
                    again = True
                except EventcoderError as error:
                    self.console.print(str(error), style="red", markup=False)
                    again = True
                if not again:
                    break
        self.console.print("Nothing is left.")

    def _do(self, key: str, draft: Draft) -> bool:
        """Carry a key out; True to wait for another key on the same screen."""
        if key in ("a", "o"):
            outcome = self.review.accept(draft, self.edits, marked=self.marked, allow_open=key == "o")
            self.console.print(f"{outcome.event_id}  {outcome.state}", style="green")
        elif key == "r":
            reason = self._choose("Why? ", list(self.desk.codebook.lists["reject_reasons"].codes))
            if reason is None:
                return True
            self.review.reject(draft, reason)
            self.console.print(f"rejected: {reason}", style="green")
        elif key == "t":
            return self._attach(draft)
        elif key == "s":
            self.review.skip()
        elif key == "u":
            if self.review.undo() is None:
                self.console.print("There is nothing to undo in this sitting.")
                return True
        elif key == "e":
            self._edit(draft)
            return self._same(draft)
        elif key == "m":
            self._mark(draft)
            return self._same(draft)
        elif key == "d":
            self.console.print(self.desk.documents.text(draft.document), markup=False)
            return True
        else:
            from eventcoder.cli.screen import HELP

            self.console.print(HELP, markup=False)
            return True
        self.edits, self.marked = {}, {}
        return False

    def _same(self, draft: Draft) -> bool:
        self._show(draft)
        return True

    def _show(self, draft: Draft) -> None:
        from eventcoder.cli.screen import show_draft
        from eventcoder.cli.twins import likely_twins

        meta = self.desk.document_meta(draft.document)
        self.draft = draft
        self.prepared = self._prepared()
        self.twins = likely_twins(self.desk, self.prepared.values)
        total = len(self.review.waiting) + len(self.review.done)
        origin = f"{meta.get('publisher') or 'unknown publisher'}, {meta.get('published') or 'no date'}"
        head = f"{len(self.review.done) + 1} of {total}  {origin}  {draft.document}"
        show_draft(self.console, draft, self.desk.documents.text(draft.document), head, self.prepared, self.desk.codebook, self.twins, self.edits)

    def _attach(self, draft: Draft) -> bool:
        words = [t.event_id for t in self.twins]
        answer = read_line("Attach to which event (number of the list, or an id)? ", words=words)
        if not answer or not answer.strip():
            return True
        chosen = answer.strip()
        if chosen.isdigit() and 1 <= int(chosen) <= len(self.twins):
            chosen = self.twins[int(chosen) - 1].event_id
        outcome = self.review.attach(draft, chosen)
        self.console.print(f"attached to {outcome.event_id}", style="green")
        self.edits, self.marked = {}, {}
        return False

    def _field(self, draft: Draft) -> str | None:
        from eventcoder.cli.screen import fields_shown

        names = [c.name for c in self.desk.codebook.columns if c.entered in ("coder", "default")]
        answer = read_line("Field (number or name)? ", words=names)
        if not answer or not answer.strip():
            return None
        text = answer.strip()
        shown = fields_shown(self.prepared.values)
        if text.isdigit() and 1 <= int(text) <= len(shown):
            return str(shown[int(text) - 1])
        if text in names:
            return text
        starts = [n for n in names if n.startswith(text)]
        if len(starts) == 1:
            return starts[0]
        raise UsageError(f"No field {text!r}.", "Type its number, its name, or a unique beginning.")

    def _edit(self, draft: Draft) -> None:
        name = self._field(draft)
        if name is None:
            return
        from eventcoder.cli.form import completed, words_for

        before = self.prepared.values.get(name)
        words = words_for(self.desk, name, self.prepared.values)
        value = read_line(f"{name} = ", words=words, default="; ".join(before) if isinstance(before, list) else str(before or ""))
        if value is None:
            return
        value = completed(value, words if self.desk.codebook.column(name).list else ())
        _, problems = self.desk.codebook.coerce({name: value} if value.strip() else {})
        if problems:
            raise Refused(f"{name} was not changed.", "", problems)
        self.edits[name] = value.strip()
        if name == "location" and value.strip() and not self._prepared().values.get("latitude"):
            self._place(value.strip())

    def _prepared(self) -> Prepared:
        new = self.review.proposal(self.draft, self.edits, self.marked)
        return self.desk.prepare(new.raw, reports=new.reports)

    def _place(self, name: str) -> None:
        """A place typed by the coder: its coordinates and divisions from the gazetteer, if one of that name is chosen."""
        from eventcoder.cli.form import choose_place

        place = choose_place(self.desk, name, self._prepared().values.get("country"))
        if place is not None:
            found: dict[str, Any] = {"location": name}
            self.desk.use_place(found, place)
            self.edits.update({k: str(v) for k, v in found.items()}, country=place.country)
            self.edits.setdefault("geo_precision", "1")

    def _mark(self, draft: Draft) -> None:
        from eventcoder.review import span_of

        name = self._field(draft)
        if name is None:
            return
        piece = read_line("Words as they stand in the text: ")
        if not piece:
            return
        text = self.desk.documents.text(draft.document)
        span = span_of(text, piece, near=draft.statement.start)
        self.marked.setdefault(name, []).append(span)
        if self.prepared.values.get(name) in (None, "", []):
            _, problems = self.desk.codebook.coerce({name: span["quote"]})
            if not problems:
                self.edits[name] = span["quote"]
                self.console.print(f"{name} = {span['quote']!r}", style="green", markup=False)
                return
        self.console.print(f"marked for {name}: {span['quote']!r}; type its value with 'e'.", style="green", markup=False)

    def _choose(self, prompt: str, codes: list[str]) -> str | None:
        for number, code in enumerate(codes, 1):
            self.console.print(f"{number:>3} {code}", markup=False)
        answer = read_line(prompt, words=codes)
        if not answer or not answer.strip():
            return None
        text = answer.strip()
        return codes[int(text) - 1] if text.isdigit() and 1 <= int(text) <= len(codes) else text

"""`eventcoder review`: decide drafts with one key each. Floor 8."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.keys import CHOICES, END, read_choice, read_key, read_line, single_keys
from eventcoder.cli.options import CoderOption, ProjectOption
from eventcoder.cli.output import note, say
from eventcoder.cli.progress import counted
from eventcoder.errors import EventcoderError, Refused, UsageError
from eventcoder.event import Draft
from eventcoder.project import ENGINES, REVIEW_ORDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventcoder.coding import Desk, Prepared
    from eventcoder.review import Review

_SHOWN = 5  # lines about documents that could not be read


def review(
    documents: Annotated[
        list[str] | None, typer.Argument(help="Ids or beginnings, of documents or of drafts (then just these); else all.", show_default=False)
    ] = None,
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

    Documents in languages that the engine does not read come last, with the form beside them.
    """
    from eventcoder.review import REVIEWED, Review, StoredDrafts, draft_session, named

    if engine is not None and engine not in ENGINES:
        raise UsageError(f"Unknown engine {engine!r}.", f"Known: {', '.join(ENGINES)}.")
    if order is not None and order not in REVIEW_ORDERS:
        raise UsageError(f"Unknown order {order!r}.", f"Known: {', '.join(REVIEW_ORDERS)}.")
    with writing_desk(project, coder) as desk:
        known = desk.codebook.lists["statuses"].codes
        for name in status or []:
            if name not in known:
                raise UsageError(f"Unknown status {name!r}.", f"Known: {', '.join(known)}.")
        chosen, single = named(desk, documents or [])
        if single and (chosen or status or engine):
            raise UsageError("Drafts by their ids exclude documents, --status and --engine.", "Do one after the other.")
        wanted = order or ("text" if chosen else desk.project.settings.review_order)
        session = StoredDrafts(single) if single else draft_session(desk, progress=note, engine=engine)
        sitting = Review(
            desk, session, documents=chosen, drafts=single, statuses=status or REVIEWED, order=wanted,
            watch=lambda ids: counted(ids, "Reading the documents"),
        )  # fmt: skip
        for line in _unreadable(sitting.unreadable):
            note(f"note: {line}")
        if sitting.by_hand:
            note(f"note: {_foreign(sitting)}")
        if sitting.current is None and not (sitting.by_hand and sys.stdin.isatty()):
            say("Nothing waits for a decision.")
            with single_keys():
                offer_hand_in(desk, sitting)
            return
        with single_keys():
            if Sitting(sitting).run():
                offer_hand_in(desk, sitting)
        stored = [d.decision for d in sitting.done]
        kinds = ", ".join(f"{stored.count(k)} {k}" for k in dict.fromkeys(stored))
        say(f"{len(stored)} decisions{f' ({kinds})' if kinds else ''}; {len(sitting.waiting)} drafts wait, {len(sitting.skipped)} were skipped.")


def offer_hand_in(desk: Desk, sitting: Review) -> None:
    """Ask for each task that the coder has, and of which every draft is decided, whether it is done."""
    from eventcoder.cli.assigning import told_handed
    from eventcoder.team.tasks.claiming import current, finish, nothing_stored

    for task in filter(sitting.through, current(desk)):
        if nothing_stored(desk, task):
            say(f"You have stored nothing of {task.item}. y hands {task.task} in as one without an event, another key keeps it.")
        else:
            single = task.item_kind == "draft"
            decided = f"Draft {task.item}" if single else f"Every draft of {task.document}"
            say(f"{decided} is decided. y hands {task.task} in, another key keeps it{'' if single else ' (an event may still be missing)'}.")
        if read_key() in ("y", "Y"):
            say(told_handed(finish(desk, task).events, task))


def _unreadable(lines: Sequence[str]) -> list[str]:
    """Documents that could not be read, those of one reason in one line."""
    by_reason: dict[str, list[str]] = {}
    for line in lines:
        document, _, reason = line.partition(": ")
        by_reason.setdefault(reason, []).append(document)
    told = [f"{ids[0] if len(ids) == 1 else f'{len(ids)} documents'}: {reason}" for reason, ids in by_reason.items()]
    return told if len(told) <= _SHOWN else [*told[:_SHOWN], f"... and {len(told) - _SHOWN} more documents that could not be read."]


def _foreign(review: Review) -> str:
    """What waits for a reader, by language."""
    from eventcoder.extraction.languages import NAMES
    from eventcoder.review import WITHOUT_DRAFTS

    number = Counter(NAMES.get(language, language) for _, language in review.by_hand if language != WITHOUT_DRAFTS)
    apart = [document for document, language in review.by_hand if language == WITHOUT_DRAFTS]
    how = "h shows them" if sys.stdin.isatty() else "'eventcoder add --document ID' codes their events"
    if not number:
        return f"{len(apart)} of your tasks {'is' if len(apart) == 1 else 'are'} coded without drafts ({', '.join(apart[:3])}): {how}."
    told = ", ".join(f"{count} in {name}" for name, count in number.most_common())
    foreign = sum(number.values())
    waits = "1 document is in a language" if foreign == 1 else f"{foreign} documents are in languages"
    return f"{waits} that the engine '{review.session.engine}' does not read ({told}): {how}."


class Sitting:
    """The loop of screen and key around a `Review`."""

    def __init__(self, review: Review, *, alone: bool = False) -> None:
        """`alone`: of one task, of which somebody else says what comes when nothing is left."""
        from rich.console import Console

        self.review = review
        self.alone = alone
        self.desk = review.desk
        self.console = Console(highlight=False)
        self.edits: dict[str, Any] = {}
        self.marked: dict[str, list[dict[str, Any]]] = {}

    def run(self) -> bool:
        """Until the coder quits (False), the input ends, or nothing is left; then the documents that no engine read, if there are any."""
        if not self._drafts():
            return False
        if self.review.by_hand and sys.stdin.isatty():
            from eventcoder.cli.hand import code_by_hand

            if not code_by_hand(self.review, self.console, back=False, alone=self.alone):
                return False
        if not self.alone:
            self.console.print("Nothing is left.")
        return True

    def _drafts(self) -> bool:
        """Decide the drafts; False when the coder quits."""
        while (draft := self.review.current) is not None:
            self._show(draft)
            while True:
                key = read_key()
                if key in ("q", "Q", END):
                    return False
                if key in ("h", "H"):
                    if not self._by_hand():
                        return False
                    break
                try:
                    again = self._do(key.casefold(), draft)
                except Refused as error:
                    from eventcoder.cli.screen import folded

                    for problem in folded(error.problems):
                        self.console.print(f"{problem.severity}: {problem.message} [{problem.code}]", style="red", markup=False)
                    how = "e mends a field, o keeps it open" if error.problems else error.remedy
                    self.console.print(f"{'Not stored' if error.problems else error.message}  ({how})", style="red", markup=False)
                    again = True
                except EventcoderError as error:
                    self.console.print(str(error), style="red", markup=False)
                    again = True
                if not again:
                    break
        return True

    def _by_hand(self) -> bool:
        """The documents that no engine read; False when the coder quits there."""
        if not self.review.by_hand:
            self.console.print("Every document is in a language that the engine reads.")
            return True
        from eventcoder.cli.hand import code_by_hand

        return code_by_hand(self.review, self.console, back=True)

    def _do(self, key: str, draft: Draft) -> bool:
        """Carry a key out; True to wait for another key on the same screen."""
        if key in ("a", "o"):
            outcome = self.review.accept(draft, self.edits, marked=self.marked, allow_open=key == "o")
            self.console.print(f"{outcome.event_id}  {outcome.state}", style="green")
        elif key.isdecimal():
            return self._take(draft, int(key))
        elif key == "p":
            from eventcoder.cli.form import scale_to_give

            if scale_to_give(self.desk, draft.document) is None:
                return True
            return self._same(draft)  # takes the scale, also while no lead has accepted it
        elif key == "r":
            reason = self._reason(draft)
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
        elif key == "c":
            from eventcoder.cli.hand import code_event

            code_event(self.desk, draft.document, self.console)
            return self._same(draft)
        elif key == "d":
            from eventcoder.cli.screen import KEYS

            self.console.print(self.desk.documents.text(draft.document), markup=False)
            self.console.print(KEYS)
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
        from eventcoder.cli.form import scale_meanwhile
        from eventcoder.cli.offers import offers
        from eventcoder.cli.screen import show_draft
        from eventcoder.cli.twins import likely_twins

        self.draft = draft
        self.prepared = self._prepared()
        scale, hint = scale_meanwhile(self.desk, draft.document, self.prepared.values)
        if scale:
            self.edits["source_scale"] = scale
            self.prepared = self._prepared()
        self.twins = likely_twins(self.desk, self.prepared.values, documents=[draft.document])
        self.same = self.review.same_waiting(draft)
        self.offers = offers(
            draft, self.prepared.values, twins=self.twins, same=[(other, score, self._origin(other.document)) for other, score in self.same]
        )
        total = len(self.review.waiting) + len(self.review.done)
        head = f"{len(self.review.done) + 1} of {total}  {self._origin(draft.document)}  {draft.document}"
        text = self.desk.documents.text(draft.document)
        show_draft(self.console, draft, text, head, self.prepared, self.desk.codebook, self.edits, self.offers, hint)

    def _origin(self, document: str) -> str:
        meta = self.desk.document_meta(document)
        return f"{meta.get('publisher') or 'unknown publisher'}, {meta.get('published') or 'no date'}"

    def _take(self, draft: Draft, number: int) -> bool:
        """Carry out the offer with this number."""
        if not 1 <= number <= len(self.offers):
            self.console.print("The list 'or with one key' has no such number." if self.offers else "There is nothing to choose by number here.")
            return True
        offer = self.offers[number - 1]
        if offer.edits:
            self.edits.update(offer.edits)
            place = self.desk.gazetteer().place(offer.edits["gazetteer_id"]) if "gazetteer_id" in offer.edits else None
            if place is not None:
                self.edits["gazetteer_version"] = place.version
            return self._same(draft)
        if offer.attach:
            outcome = self.review.attach(draft, offer.attach)
            self.console.print(f"attached to {outcome.event_id}", style="green")
        else:
            other = next(d for d, _ in self.same if d.draft_id == offer.join)
            outcome = self.review.join(draft, other, self.edits, marked=self.marked)
            self.console.print(f"{outcome.event_id}  {outcome.state}, with the report of {self._origin(other.document)}", style="green")
        self.edits, self.marked = {}, {}
        return False

    def _reason(self, draft: Draft) -> str | None:
        """Why there is no event: one key, or Enter for the reason that the draft's status suggests."""
        reasons = self.desk.codebook.lists["reject_reasons"]
        fits = [code for code in reasons.codes if draft.status in str((reasons.get(code) or {}).get("status") or "").split(" | ")]
        default = fits[0] if fits else None
        for key, code in zip(CHOICES, reasons.codes, strict=False):
            self.console.print(f"{key:>3} {code}{'   (Enter)' if code == default else ''}", markup=False)
        self.console.print("Why? (another key: back)")
        return read_choice(reasons.codes, default)

    def _attach(self, draft: Draft) -> bool:
        words = [t.event_id for t in self.twins]
        answer = read_line("Attach to which event (its id, or a beginning of it)? ", words=words)
        if not answer or not answer.strip():
            return True
        chosen = answer.strip()
        if chosen.isdigit() and len(chosen) < 3 and 1 <= int(chosen) <= len(self.twins):
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

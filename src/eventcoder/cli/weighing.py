"""The sitting of `adjudicate`: codings side by side, one key for each field that differs. Floor 8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eventcoder.cli.keys import CHOICES, END, read_key, read_line
from eventcoder.cli.output import show_problems
from eventcoder.cli.sidebyside import label, text_of
from eventcoder.cli.twins import likely_twins
from eventcoder.errors import EventcoderError, LedgerConflict, NotFound, Refused, UsageError
from eventcoder.team.adjudication.adjudicating import EVENT, Decision, adjudicate, composed, left_blank
from eventcoder.team.adjudication.casefile import joined, passage
from eventcoder.team.adjudication.cases import Case, refuse_unfit

if TYPE_CHECKING:
    from eventcoder.coding import Desk
    from eventcoder.team.adjudication.aligning import Contrast, Row

HELP = """\
  1-9  take the value of this coder; what belongs to the field (a place's point, a day's interval) comes along
  e  write another value: a third one, or one that nobody has; an empty line clears the field
  after either a class of error by its key, and once an event the reason: both are read by the coders in 'eventcoder feedback'
  y / n  an event that one coder alone saw: it happened, or it is no event
  p  it is the event of another row, seen by the others: join the two rows
  a  begin this event again
  d  show the whole document
  s  skip this item: nothing of it is stored, it comes again in the next sitting
  q  quit; every item is stored when its last event is decided"""


STORE = "[b]Enter[/b] stores this item  [b]e[/b] changes a field  [b]o[/b] stores it although rules are broken  [b]s[/b] skip  [b]q[/b] quit"
SHOWN = 800  # characters of a document in which nobody marked anything
KEYS = "a begin again  d document  s skip this item  q quit  ? all keys"


class Leave(Exception):
    """The adjudicator leaves an item: `quit` the whole sitting, or goes on to the next."""

    def __init__(self, quit_: bool) -> None:
        super().__init__()
        self.quit = quit_


class Again(Exception):
    """The adjudicator begins an event again."""


def show_row(console: Console, desk: Desk, case: Case, row: Row, head: str = "") -> None:
    """One event as its coders have it: what differs in columns with the marked words, what agrees in one dim line."""
    console.rule(Text(head or f"{case.item}  row {row.number} of {len(case.rows)}"), style="dim")
    text = passage(desk, row.genuine)
    if text:
        console.print(Text(text, style="italic"))
    contrasts = case.contrasts(desk, row)
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=18, no_wrap=True)
    for _ in row.genuine:
        grid.add_column(ratio=1, overflow="fold")
    grid.add_row("", *(Text(f"{number}  {side.coder}", style="bold") for number, side in enumerate(row.genuine, 1)))
    if case.kind == "conflict":
        grid.add_row(Text("state", style="dim"), *(Text(side.event.state, style="dim") for side in row.genuine))
    else:
        grid.add_row(Text("event", style="dim"), *(Text(side.event.event_id, style="dim") for side in row.genuine))
    if len(row.genuine) == 1:
        for c in contrasts:
            grid.add_row(Text(c.column, style="dim"), _cell(row, c, 0))
    else:
        for c in contrasts:
            if not c.agreed:
                style = "bold yellow" if c.open else "yellow dim" if c.lead else "dim"
                name = c.column if c.open or c.free else f"  {c.column}"
                grid.add_row(Text(name, style=style), *(_cell(row, c, at) for at in range(len(row.genuine))))
    console.print(grid)
    same = [f"{c.column} {text_of(c.values[0])}" for c in contrasts if c.agreed and not c.free]
    if same and len(row.genuine) > 1:
        console.print(Text("agreed: " + " · ".join(same), style="dim"))
    told = {side.coder for side in row.genuine} | set(row.absent) | set(row.withdrawn)
    for name in case.coders if case.kind == "codings" else ():
        if name not in told:  # whoever was misled, or saw through it: a row without them would look as if they had not read the text
            console.print(Text(f"{name} had a draft that was planted with a mistake: what {name} coded is no side here.", style="dim"))
    if row.single:
        console.print(Text(f"Only {' and '.join(s.coder for s in row.genuine)} saw this event; {' and '.join(row.absent)} did not.", style="bold"))


def _cell(row: Row, contrast: Contrast, at: int) -> Text:
    out = Text(text_of(contrast.values[at]))
    for span in row.genuine[at].event.evidence.get(contrast.column, ())[:2]:
        out.append(f"  <- {' '.join(str(span['quote']).split())!r}", style="dim")
    return out


def show_twice(console: Console, desk: Desk, case: Case) -> None:
    """What each adjudicator made of an item that two decided apart."""
    from eventcoder.team.adjudication.twice import adjudicated_twice, outcomes_of

    console.rule(Text(f"{case.item}  adjudicated twice, by {' and '.join(case.coders)}"), style="dim")
    ends = adjudicated_twice(desk, [case.item])[case.item]
    for number, name in enumerate(case.coders, 1):
        console.print(Text(f"{number}  {name}", style="bold"))
        made = [f"{event.event_id}  {label(event)}" for event in outcomes_of(desk, ends, name)]
        back = any(name in acts and acts[name].body.get("act") == "restore" for acts in ends.values())
        none = "took the decision back: the codings wait again" if back else "no event"
        console.print(Text("\n".join(f"   {line}" for line in made or [none]), style="dim"))


class Sitting:
    """The loop of screen and key over cases; every case is stored when its last event is decided."""

    def __init__(self, desk: Desk, cases: Sequence[Case]) -> None:
        self.desk, self.cases = desk, cases
        self.console = Console(highlight=False)
        self.stored = 0
        self.last = ""  # the class of error of the decision before: Enter takes it again

    def run(self) -> None:
        """Until the adjudicator quits, the input ends, or nothing is left."""
        for number, case in enumerate(self.cases, 1):
            try:
                refuse_unfit(self.desk, case)
            except Refused as error:
                self.console.print(str(error), style="red", markup=False)
                continue
            try:
                self._case(case, f"item {number} of {len(self.cases)}")
            except Leave as leave:
                if leave.quit:
                    return
            except LedgerConflict as error:
                self.console.print(str(error), style="red", markup=False)
        self.console.print("Nothing is left.")

    def _case(self, case: Case, head: str) -> None:
        if case.kind == "twice":
            self._twice(case)
            return
        decided: list[tuple[Row, Decision]] = []
        while True:
            told = {event_id for row, _ in decided for event_id in _events(row)}
            left = [row for row in case.rows if not _events(row) & told]
            if not left:
                break
            title = f"{head}  {self._origin(case)}  {case.item}  event {left[0].number} of {len(case.rows)}"
            row, decision = self._row(case, left[0], title)
            # joined with a row that was decided before, it stands for both
            decided = [(other, said) for other, said in decided if not _events(other) & _events(row)] + [(row, decision)]
        self._store(case, decided)

    def _twice(self, case: Case) -> None:
        from eventcoder.team.adjudication.twice import keep_one

        show_twice(self.console, self.desk, case)
        numbers = CHOICES[: len(case.coders)]
        key = self._key(case, "Whose decision stands? The other's events are retracted.", numbers)
        try:
            keep_one(self.desk, case.item, case.coders[numbers.index(key)], reason=self._reason())
        except Again:
            return
        self.stored += 1

    def _origin(self, case: Case) -> str:
        try:
            meta = self.desk.document_meta(case.document)
        except NotFound:
            return case.kind
        return f"{meta.get('publisher') or 'unknown publisher'}, {meta.get('published') or 'no date'}"

    def _row(self, case: Case, row: Row, head: str) -> tuple[Row, Decision]:
        while True:
            show_row(self.console, self.desk, case, row, head)
            if case.document and passage(self.desk, row.genuine) is None:
                self._document(case, SHOWN)  # nobody marked words (controls are coded by hand): without the text nobody can decide
            try:
                found = self._decide(case, row)
            except Again:
                continue
            except EventcoderError as error:
                self.console.print(str(error), style="red", markup=False)
                continue
            if isinstance(found, Decision):
                return row, found
            row = found  # joined with another one

    def _decide(self, case: Case, row: Row) -> Decision | Row:
        decision = Decision()
        if row.single:
            key = self._key(case, "[b]y[/b] it is an event  [b]n[/b] it is none  [b]p[/b] it is that of another row  [b]d[/b] document", "ynp")
            if key == "p":
                return self._join(case, row)
            decision.exists = key == "y"
            if not decision.exists:
                decision.errors[EVENT] = self._class(case, "Why was it taken for an event?", None)
                decision.reason = self._reason()
                return decision
            decision.errors[EVENT] = self._class(case, f"Why did {' and '.join(row.absent)} not see it?", case.grounds.proposed("missed"))
        if row.withdrawn:
            key = self._key(case, f"{' and '.join(row.withdrawn)} withdrew the event.  [b]y[/b] it stands  [b]n[/b] withdraw it", "yn")
            decision.exists = key == "y"
            if not decision.exists:
                decision.errors[EVENT] = self._class(case, "Why was it taken for an event?", None)
                decision.reason = self._reason()
                return decision
        contrasts = {c.column: c for c in case.contrasts(self.desk, row)}
        while open_ := composed(self.desk, case, row, decision).undecided:
            self._field(case, row, contrasts[open_[0]], decision)
        result = composed(self.desk, case, row, decision)
        if blank := left_blank(self.desk, case, row, decision, result):
            self.console.print(f"What belongs to {', '.join(decision.given)}; Enter leaves it empty.")
            for column in blank:
                self._third(column, decision)
            result = composed(self.desk, case, row, decision)
        wrong = dict.fromkeys(column for side in result.overruled for column in side)
        for column in wrong:
            if column not in decision.errors:
                decision.errors[column] = self._class(case, f"{column}:", self.last or None)
        if wrong or row.absent:
            decision.reason = self._reason()
        if case.kind == "codings":
            for twin in likely_twins(self.desk, result.ready.values):
                self.console.print(Text(f"alike: {twin.event_id}  {label(twin.folded)}  ('eventcoder merge' joins what is one)", style="magenta"))
        show_problems([p for p in result.ready.structural + result.ready.problems if p.severity != "info"])
        return decision

    def _field(self, case: Case, row: Row, contrast: Contrast, decision: Decision) -> None:
        """Ask about one field that differs."""
        numbers = CHOICES[: len(row.genuine)]
        told = "  ".join(f"[b]{n}[/b] {_plain(value)}" for n, value in zip(numbers, contrast.values, strict=True))
        self.console.print(f"[bold yellow]{contrast.column}[/bold yellow]  {told}  [b]e[/b] another")
        key = self._key(case, "", numbers + "e")
        if key != "e":
            decision.take[contrast.column] = row.genuine[numbers.index(key)].coder
        else:
            self._third(contrast.column, decision)
        self.last = decision.errors[contrast.column] = self._class(case, "because of", self.last or None)

    def _third(self, name: str, decision: Decision) -> None:
        """A value that none of the sides has; asked until it can be read."""
        column = self.desk.codebook.column(name)
        words = list(self.desk.codebook.lists[column.list].codes) if column.list else None
        while True:
            typed = read_line(f"{name}: ", words=words)
            if typed is None:
                raise Again
            _, problems = self.desk.codebook.coerce({name: typed}) if typed.strip() else ({}, [])
            if not problems:
                decision.given[name] = typed.strip() or None
                return
            self.console.print(problems[0].message, style="red", markup=False)

    def _join(self, case: Case, row: Row) -> Row:
        others = [r for r in case.rows if r.number != row.number and not {s.coder for s in r.sides} & {s.coder for s in row.sides}]
        if not others:
            self.console.print("There is no row of the other coders that it could be joined with.")
            raise Again
        for mark, other in zip(CHOICES, others, strict=False):
            self.console.print(f"{mark:>3} row {other.number}  {label(other.genuine[0].event)}", markup=False)
        key = self._key(case, "With which?", CHOICES[: len(others)])
        return joined(case, [*row.sides, *others[CHOICES.index(key)].sides])

    def _class(self, case: Case, question: str, proposed: str | None) -> str:
        codes = list(case.grounds.classes)
        told = "  ".join(f"[b]{mark}[/b] {case.grounds.classes[code].label}" for mark, code in zip(CHOICES, codes, strict=False))
        enter = f"  (Enter: {case.grounds.classes[proposed].label})" if proposed else ""
        self.console.print(f"  {question}  {told}{enter}")
        key = self._key(case, "", CHOICES[: len(codes)] + ("\n" if proposed else ""))
        return proposed if key == "\n" and proposed else codes[CHOICES.index(key)]

    def _reason(self) -> str:
        while True:
            typed = read_line("Why, for the coders? ")
            if typed is None:
                raise Again
            if typed.strip():
                return typed.strip()
            self.console.print("A word of reason is needed: the coders learn from it.")

    def _key(self, case: Case, prompt: str, wanted: str) -> str:
        """One of the wanted keys; those that always mean something are carried out."""
        if prompt:
            self.console.print(prompt)
        while True:
            key = read_key()
            key = "\n" if key == "\r" else key.casefold()
            if key in ("q", END):
                raise Leave(quit_=True)
            if key and key in wanted:
                return key
            if key == "s":
                raise Leave(quit_=False)
            if key == "a":
                raise Again
            if key == "d":
                self._document(case)
            else:
                self.console.print(HELP if key == "?" else KEYS, markup=False)

    def _document(self, case: Case, most: int = 0) -> None:
        """The text of the document; `most`: only so many characters of it, 0 for all."""
        if not case.document:  # an event in conflict that nobody has tied to one
            self.console.print("No document is tied to this event.", style="dim", markup=False)
            return
        try:
            text = self.desk.documents.text(case.document)
            self.console.print(f"{text[:most].rstrip()} ... (d shows all of it)" if 0 < most < len(text) else text, markup=False)
        except NotFound as error:
            self.console.print(str(error), style="red", markup=False)

    def _store(self, case: Case, decided: Sequence[tuple[Row, Decision]]) -> None:
        for side in case.planted:
            self.console.print(Text(f"{side.coder} took a draft that was planted with a mistake; nothing comes of it.", style="dim"))
        while True:
            key = self._key(case, STORE, "\noe")
            try:
                if key == "e":
                    self._change(case, decided)
                    continue
                for outcome in adjudicate(self.desk, [(case, decided)], allow_open=key == "o"):
                    self.console.print(f"{outcome.event_id}  {outcome.state}", style="green")
                self.stored += 1
                return
            except Refused as error:
                show_problems(error.problems)
                self.console.print("Not stored: e changes a field, o stores it open, s skips it.", style="red")
            except Again:
                continue
            except LedgerConflict:  # somebody else decided it meanwhile: nothing is left to be done here
                raise
            except EventcoderError as error:
                self.console.print(str(error), style="red", markup=False)

    def _change(self, case: Case, decided: Sequence[tuple[Row, Decision]]) -> None:
        """Another value for a field in which nobody differs: all may err, or one alone saw the event."""
        kept = [(row, decision) for row, decision in decided if decision.exists is not False]
        several = len(kept) > 1
        names = [c.name for c in self.desk.codebook.columns if c.entered in ("coder", "default")]
        typed = (read_line("Field (ROW.FIELD): " if several else "Field: ", words=names) or "").strip()
        number, dot, column = typed.partition(".") if several else ("", "", typed)
        found = [(row, decision) for row, decision in kept if not several or str(row.number) == number]
        if not found or (several and not dot):
            rows = ", ".join(str(row.number) for row, _ in kept) or "none"
            raise UsageError(f"No row {typed!r}.", f"Rows that stand: {rows}.")
        row, decision = found[0]
        self.desk.codebook.column(column)
        self._third(column, decision)
        decision.take.pop(column, None)
        decision.errors[column] = self._class(case, "because of", self.last or None)
        decision.reason = decision.reason or self._reason()
        result = composed(self.desk, case, row, decision)
        for blank in left_blank(self.desk, case, row, decision, result):
            self._third(blank, decision)
        show_problems([p for p in result.ready.structural + result.ready.problems if p.severity != "info"])


def _events(row: Row) -> set[str]:
    return {side.event.event_id for side in row.sides}


def _plain(value: object) -> str:
    """A value inside a line of markup."""
    from rich.markup import escape

    return escape(text_of(value))

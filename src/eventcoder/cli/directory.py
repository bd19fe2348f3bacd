"""The directory of commands: name -> module, attribute, panel of the help page, one line of help. Data only, imports nothing.

A command's one-line help stands here and not in its module, so that `eventcoder --help` need not import thirty modules. A test holds that every
entry can be imported and that `docs/cli.md` shows them all.
"""

from __future__ import annotations

from typing import NamedTuple


class Listing(NamedTuple):
    """Where a command lives. `group` is True for a command with subcommands (the attribute is then a Typer app)."""

    module: str
    attribute: str
    panel: str
    help: str
    group: bool = False


PROJECT, SOURCES, CODING, TEAM, REGISTERS = "Project", "Sources", "Coding", "Team", "Registers"
TABLES, QUALITY, PUBLISHING = "Tables", "Quality", "Publishing"

COMMANDS: dict[str, Listing] = {
    "init": Listing("setup", "init", PROJECT, "Make a new project folder."),
    "doctor": Listing("setup", "doctor", PROJECT, "Check that project, ledger and caches hold together; --rebuild makes them anew."),
    "codebook": Listing("codebook", "app", PROJECT, "Show, prove or compare the codebook; migrate events to it.", group=True),
    "ci": Listing("ci", "ci", PROJECT, "Check a change of the dataset in git: journal, releases, rules."),
    "ingest": Listing("sources", "ingest", SOURCES, "Read articles into the project."),
    "documents": Listing("sources", "documents", SOURCES, "List the documents, or show one."),
    "redact": Listing("redacting", "redact", SOURCES, "Take a document out of everything, releases too, for good."),
    "coverage": Listing("coverage", "app", SOURCES, "What was read: area, week, sources.", group=True),
    "extract": Listing("drafts", "extract", CODING, "Propose drafts from documents."),
    "review": Listing("review", "review", CODING, "Decide drafts, one key each."),
    "add": Listing("add", "add", CODING, "Add an event by options, JSON or prompts."),
    "attach": Listing("acts", "attach", CODING, "Tie another document to an event."),
    "amend": Listing("amend", "amend", CODING, "Correct one event, or many with --where."),
    "settle": Listing("acts", "settle", CODING, "Declare events fit for release."),
    "retract": Listing("acts", "retract", CODING, "Withdraw an event, with the reason."),
    "restore": Listing("acts", "restore", CODING, "Bring a retracted or merged event back."),
    "merge": Listing("acts", "merge", CODING, "Join events that are one."),
    "split": Listing("acts", "split", CODING, "Undo a merge, or make several events of one."),
    "relate": Listing("acts", "relate", CODING, "Say how two events stand to each other."),
    "resolve": Listing("acts", "resolve", CODING, "End a conflict of merged journals."),
    "list": Listing("looking", "list_", CODING, "List events."),
    "show": Listing("looking", "show", CODING, "Show one event with its sources."),
    "history": Listing("auditing", "history", CODING, "Every act on one event."),
    "trace": Listing("tracing", "trace", CODING, "Where each value of an event comes from."),
    "log": Listing("auditing", "log", CODING, "Who did what, newest first; what changed after a release."),
    "assign": Listing("assigning", "assign", TEAM, "Share documents out to coders, some to two of them."),
    "next": Listing("assigning", "next_", TEAM, "Take the next task, or hand in the one that you have."),
    "queue": Listing("assigning", "queue", TEAM, "Where the work stands: tasks by state, age and coder."),
    "coders": Listing("coders", "app", TEAM, "Who codes, in what role: add, list, disable, train.", group=True),
    "approve": Listing("approving", "approve", TEAM, "Approve what somebody else coded, one key each."),
    "ask": Listing("approving", "ask", TEAM, "Ask about an event or one of its fields."),
    "answer": Listing("approving", "answer", TEAM, "Answer a question about an event."),
    "adjudicate": Listing("adjudicating", "adjudicate", TEAM, "Decide what stands where coders differ."),
    "agree": Listing("agreeing", "agree", TEAM, "How far coders agree: event finding, then every field."),
    "feedback": Listing("feedback", "feedback", TEAM, "Where coders were overruled, and why."),
    "actors": Listing("actors", "actors", REGISTERS, "Look up, add, propose, merge or rename actors.", group=True),
    "places": Listing("places", "places", REGISTERS, "Look up, add, propose or import places.", group=True),
    "publishers": Listing("publishers", "publishers", REGISTERS, "Look up, add, propose, merge or rename publishers.", group=True),
    "import": Listing("importing", "import_", TABLES, "Take events from any table: CSV, XLSX, JSON, Parquet, GeoJSON."),
    "template": Listing("workbook", "template", TABLES, "Write an Excel workbook for coders to fill in."),
    "export": Listing("exporting", "export", TABLES, "Write a release in another dialect or form."),
    "journal": Listing("tables", "journal", TABLES, "The ledger as text files for git.", group=True),
    "ledger": Listing("ledgers", "ledger", TABLES, "The ledger's place: set up, look at, copy, back up.", group=True),
    "validate": Listing("quality", "validate", QUALITY, "Check every event against the codebook."),
    "explain": Listing("quality", "explain", QUALITY, "What a problem's code means and how to mend it."),
    "checks": Listing("checks", "app", QUALITY, "Thresholds of the whole dataset: list, measure, propose.", group=True),
    "duplicates": Listing("duplicates", "duplicates", QUALITY, "Pairs of events that may be one."),
    "learn": Listing("learning", "learn", QUALITY, "Learn event types from the coders' decisions."),
    "evaluate": Listing("evaluating", "evaluate", QUALITY, "Score drafts against a gold coding."),
    "try": Listing("trying", "app", QUALITY, "Try type, date, places, actors or counts on a text.", group=True),
    "release": Listing("releasing", "release", PUBLISHING, "Build and publish a version of the dataset."),
    "check": Listing("releasing", "check", PUBLISHING, "Check a release from its own files."),
    "diff": Listing("differing", "diff", PUBLISHING, "What changed between two versions."),
    "report": Listing("reporting", "report", PUBLISHING, "A release or a query as one page: map, time, deaths, coverage."),
    "publish": Listing("mirroring", "publish", PUBLISHING, "Copy the releases to a folder or an object store."),
    "pull": Listing("mirroring", "pull", PUBLISHING, "Bring a local copy of a dataset to any version."),
    "withdraw": Listing("releasing", "withdraw", PUBLISHING, "Mark a released version as withdrawn."),
    "versions": Listing("following", "versions", PUBLISHING, "The versions there are, and how fresh they are."),
    "follow": Listing("following", "follow", PUBLISHING, "What became of released events: merged, retracted, standing."),
}

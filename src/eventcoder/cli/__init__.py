"""The command line: parse, call, render. Floor 8.

`main` imports only the module of the command that was asked for; `eventcoder --help` imports none of them, because names and one-line helps
stand in `directory`. Errors that we raise on purpose become one message on stderr and an exit code (0 fine, 1 read and has problems, 2 not
understood); a user's mistake never shows a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from eventcoder.errors import EventcoderError, UsageError


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us, as some schedulers do
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    sys.exit(run(list(sys.argv[1:] if argv is None else argv)))


def run(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        return _run(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except EventcoderError as error:
        from eventcoder.cli.output import show_error

        show_error(error, as_json="--json" in argv)
        return error.exit_code
    except KeyboardInterrupt:
        return _stopped()
    except RecursionError:
        print("error: the input is nested too deeply to be read.", file=sys.stderr)  # noqa: T201
        return 2
    except RuntimeError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11 wraps Ctrl-C so, while a class is being made
            return _stopped()
        raise
    except OSError as error:
        where = f" {error.filename!r}" if error.filename else ""
        print(f"error: {error.strerror or error}{where}.", file=sys.stderr)  # noqa: T201
        return 2


def _stopped() -> int:
    print("\nStopped. What was answered is stored.", file=sys.stderr)  # noqa: T201
    return 130


def _run(argv: list[str]) -> int:
    from eventcoder.cli.application import application

    _only_text(argv)
    app, argv = application([_veiled(arg) for arg in argv])
    code = 0
    try:
        app(args=argv, prog_name="eventcoder")
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        from eventcoder.cli.output import leave_quietly

        leave_quietly()
    return code


def _veiled(arg: str) -> str:
    """A ledger's URL without its password, so that no complaint about the argument repeats it; the command gets it back."""
    if not arg.lower().startswith("postgres"):  # a cheap look: nothing else is imported for other arguments
        return arg
    from eventcoder.ledger.address import veiled

    return veiled(arg)


def _only_text(argv: Sequence[str]) -> None:
    """Refuse arguments that are not text in the terminal's encoding (they hold halves of characters); names of existing files may be anything."""
    for arg in argv:
        try:
            arg.encode("utf-8")
        except UnicodeEncodeError:
            if not os.path.lexists(arg):
                raise UsageError(f"The argument {arg!r} is not UTF-8.", "Set the terminal to UTF-8 and type it again.") from None

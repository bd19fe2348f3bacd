"""Exceptions. Floor 0: imports nothing of ours.

One root; the command line turns each into a message and its `exit_code` (1: the input was read and has problems;
2: it could not be understood or the command was used wrongly). Children inherit the builtin where one fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventcoder.problem import Problem


class EventcoderError(Exception):
    """Root of everything that we raise on purpose. `message` says what and where, `remedy` what to do next."""

    exit_code = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}".strip())


class UsageError(EventcoderError, ValueError):
    """The command or function was called with something that cannot be understood."""


class ProjectError(EventcoderError):
    """No project, or one whose folders or settings cannot be used."""


class InputError(EventcoderError, ValueError):
    """A file or stream that cannot be read at all (binary, empty, not JSON, ...)."""


class CodebookError(EventcoderError, ValueError):
    """`schema/` is broken; `problems` says where, all at once."""

    def __init__(self, message: str, remedy: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, remedy)
        self.problems = list(problems)


class Refused(EventcoderError):
    """Input was read and has problems; nothing of it was stored."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, remedy)
        self.problems = list(problems)


class NotFound(EventcoderError, LookupError):
    """An id, version, code or name that does not exist here (or a prefix of several)."""


class LedgerError(EventcoderError):
    """The ledger cannot be opened or does not hold together."""


class LedgerConflict(LedgerError):
    """Compare-and-swap failed: somebody else changed the event meanwhile. `current` is its head now."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "", *, event_id: str = "", current: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.event_id = event_id
        self.current = current


class ReleaseError(EventcoderError):
    """A release that cannot be built, read or trusted. `problems` lists what was found."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, remedy)
        self.problems = list(problems)


class MissingPart(EventcoderError, ImportError):
    """An optional part is not installed on this machine; the message names the extra that brings it."""

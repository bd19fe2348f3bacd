"""What the server says in codes, in words with a remedy. No message repeats a password. Floor 2."""

from __future__ import annotations

import psycopg
from psycopg import errors

from eventcoder.errors import EventcoderError, LedgerError, Refused, UsageError
from eventcoder.ledger.address import scrubbed
from eventcoder.ledger.backend import Repeatable

APPEND_ONLY, NOT_YOURS, NOT_AS_SIGNED, EXISTS = "EV001", "EV002", "EV003", "EV004"  # codes that our functions and guards raise
_DOCTOR = "Run 'eventcoder doctor'."


class ConnectionLost(LedgerError):
    """The connection ended. Nothing of the transaction that was open is stored, unless its message says otherwise."""


def is_lost(error: BaseException | None) -> bool:
    """Whether the error means that the connection is gone."""
    gone = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.IdleInTransactionSessionTimeout)
    if isinstance(error, gone):
        return True
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and getattr(error, "sqlstate", None) in (
        None,
        "08006",
        "08003",
        "08001",
    )


def explained(shown: str, where: str, error: psycopg.Error) -> EventcoderError:
    """The database's words with what to do about them."""
    text = scrubbed(_words(error), where)
    code = error.sqlstate or ""
    if is_lost(error):
        return ConnectionLost(
            f"The connection to the ledger {shown} was lost: {text}.", "Nothing is half written. Try again when the server answers."
        )
    if isinstance(error, errors.DeadlockDetected | errors.SerializationFailure):
        return Repeatable(f"The ledger {shown} gave this transaction up for another's sake; nothing was stored.", "Do it again.")
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled):
        return LedgerError(f"The ledger {shown} did not answer in time: {text}. Nothing was stored.", "Try again when the work of others is done.")
    if code == NOT_YOURS:
        return Refused(f"{text[:1].upper()}{text[1:]}.", "Ask a lead: 'eventcoder coders list' shows who may what.")
    if code == NOT_AS_SIGNED:
        return LedgerError(f"The ledger {shown} refused: {text}.", "Nothing was stored. Update eventcoder if this comes again.")
    if code == APPEND_ONLY:
        return LedgerError(f"The ledger {shown} refused: {text}.", _DOCTOR)
    if isinstance(error, errors.InsufficientPrivilege):
        return LedgerError(
            f"The database user of {shown} may not do this: {text}. Nothing was stored.",
            "A reader only reads; the user of any other registered coder gets the rights when the database's owner runs 'eventcoder ledger setup'.",
        )
    if isinstance(error, errors.DiskFull | errors.OutOfMemory | errors.InsufficientResources):
        return LedgerError(f"The server of {shown} has no space left: {text}. Nothing was stored.", "Tell its administrator, then do it again.")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return LedgerError(f"The ledger {shown} can only be read: {text}.", "Use the server on which it may be written.")
    if isinstance(error, errors.UndefinedTable | errors.UndefinedFunction | errors.InvalidSchemaName | errors.UndefinedColumn):
        return LedgerError(
            f"The ledger {shown} is not as this eventcoder needs it, or its tables are closed to you: {text}.",
            "If you could work here until now, your rights were taken away: ask a lead. Else the database's owner runs 'eventcoder ledger setup'.",
        )
    if isinstance(error, errors.UntranslatableCharacter | errors.CharacterNotInRepertoire) or "NUL (0x00)" in text:
        return UsageError(f"A text holds a character that the database cannot store: {text}.", "Take the character out of it.")
    return LedgerError(f"The ledger {shown} refused: {text}.", _DOCTOR)


def _words(error: psycopg.Error) -> str:
    """The first lines of what it says, on one."""
    told = error.diag.message_primary or str(error).split("\n\n")[0] or type(error).__name__
    return " ".join(told.split()).rstrip(".")[:300]

"""Whether a dialect and a codebook fit together: it names only columns of theirs that it sorts, and columns of ours that there are. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventcoder.codebook.suggestion import did_you_mean
from eventcoder.errors import CodebookError
from eventcoder.intake.dialects.files import FOLDER
from eventcoder.intake.dialects.model import SPANNED, Dialect

if TYPE_CHECKING:
    from eventcoder.codebook import Codebook


def prove(dialect: Dialect, codebook: Codebook) -> None:
    """Raises `CodebookError` naming file, key and name for the first that does not fit, in the dialect or in one of its vintages."""
    for edition in dialect.editions:
        for key, name in _ours(edition):
            if name not in codebook.columns_by_name:
                _broken(edition, key, f"'{name}' is no column of the codebook", did_you_mean(name, codebook.names))
        sorted_names = {*edition.columns, *edition.kept, *edition.ignored}
        own = set(codebook.names) if edition.own_names else set()
        for key, name in _theirs(edition):
            if name not in sorted_names and name not in own and edition.known(name, dict.fromkeys(sorted_names)) is None:
                _broken(edition, key, f"'{name}' is neither mapped nor kept nor ignored", did_you_mean(name, sorted_names | own))
        if clash := sorted(set(edition.ignored) & own):
            _broken(edition, f"ignored.{clash[0]}", "is a column of ours, which are all read", "")


def _broken(dialect: Dialect, key: str, said: str, remedy: str) -> None:
    raise CodebookError(f"{FOLDER}/{dialect.id}.toml: {key}: {said}.", remedy or "Mend it, or restore it from version control.")


def _ours(dialect: Dialect) -> list[tuple[str, str]]:
    """(key, column of ours) for every one that the dialect names."""
    out = [(f"columns.{theirs}", ours) for theirs, ours in dialect.columns.items()]
    out += [("set", setting.column) for setting in dialect.settings]
    out += [("extract", extract.into) for extract in dialect.extracts]
    out += [("constants", ours) for ours in dialect.constants]
    out += [("when", ours) for ours in SPANNED] if dialect.when is not None else []
    out += [("identity.columns", ours) for ours in dialect.identity]
    out += [("treatment", ours) for ours in (*dialect.keep_system, *dialect.blank_stands, *dialect.recomputed)]
    write = dialect.write
    out += [("write", ours) for ours in (*write.codes, *write.values, *write.nulls, *write.names.values())]
    return out + [("write.columns", name) for name in write.columns if name not in write.names]


def _theirs(dialect: Dialect) -> list[tuple[str, str]]:
    """(key, column of theirs) for every one that the dialect speaks of besides sorting it."""
    out = [(f"values.{name}", name) for name in dialect.values]
    out += [(f"nulls.columns.{name}", name) for name in dialect.nulls]
    out += [(f"dates.years.{name}", other) for name, year in dialect.years.items() for other in (name, year)]
    out += [("rewrite", rewrite.column) for rewrite in dialect.rewrites]
    out += [("extract", extract.source) for extract in dialect.extracts]
    out += [("identity.natural", name) for name in dialect.natural]
    if dialect.when is not None:
        days = [day for day in (dialect.when.start, dialect.when.end) if day is not None]
        out += [("when", name) for day in days for name in day.sources]
        out += [("when.precision", dialect.when.precision)] if dialect.when.precision else []
    return out

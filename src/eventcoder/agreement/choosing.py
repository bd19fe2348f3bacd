"""Which codings are compared, and how they are parted: by round, pair of coders, month of coding, country. Floor 5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventcoder.team.tasks.codings import Coding

PARTS = ("coder-pair", "month", "round", "country")
NO_COUNTRY = "(no country)"
NO_ROUND = "(no round)"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`documents` are the codings of each item that two coders or more handed in. The rest is counted: `alone` items that one coder coded,
    `planted` codings with a draft that was made wrong on purpose, `apart` codings by coders whose work does not count, and `bereft` codings that
    have nothing to be compared with because all others of their item are among those."""

    documents: list[list[Coding]] = field(repr=False)
    alone: int = 0
    planted: int = 0
    apart: int = 0
    bereft: int = 0


def choose(items: Mapping[str, Sequence[Coding]], *, since: str | None = None, until: str | None = None, without: Collection[str] = ()) -> Chosen:
    """Codings handed in from the day `since` to the day `until` (ISO, both included), of coders who are not in `without`.

    Of two codings of one coder the first counts: agreeing with oneself is no agreement.
    """
    documents: list[list[Coding]] = []
    alone = planted = apart = bereft = 0
    for item in sorted(items):
        kept: dict[str, Coding] = {}
        before = planted + apart
        for one in items[item]:
            day = (one.done or "")[:10]
            if not day or (since and day < since) or (until and day > until):
                continue
            if one.planted is not None:
                planted += 1
            elif one.coder in without:
                apart += 1
            else:
                kept.setdefault(one.coder, one)
        if len(kept) > 1:
            documents.append(list(kept.values()))
        elif kept and planted + apart > before:
            bereft += 1
        else:
            alone += len(kept)
    return Chosen(documents, alone, planted, apart, bereft)


def parted(documents: Iterable[Sequence[Coding]], by: str) -> dict[str, list[list[Coding]]]:
    """Name of the part -> its documents, parts by name. A part of `coder-pair` is named `A + B`."""
    out: dict[str, list[list[Coding]]] = {}
    for codings in documents:
        if by == "coder-pair":
            for pair in combinations(sorted(codings, key=lambda c: c.coder), 2):
                out.setdefault(pair_name(pair[0].coder, pair[1].coder), []).append(list(pair))
        elif by == "round":
            rounds: dict[str, list[Coding]] = {}
            for one in codings:
                rounds.setdefault(one.round or NO_ROUND, []).append(one)
            for name, of in rounds.items():
                if len(of) > 1:
                    out.setdefault(name, []).append(of)
        else:
            name = max((one.done or "")[:7] for one in codings) if by == "month" else _country(codings)
            out.setdefault(name, []).append(list(codings))
    return dict(sorted(out.items()))


def pair_name(one: str, other: str) -> str:
    return " + ".join(sorted((one, other)))


def _country(codings: Sequence[Coding]) -> str:
    """The country that most of the document's codings name; of several the first by name."""
    named = Counter(str(event.values["country"]) for one in codings for event in one.events if event.values.get("country"))
    return min(named, key=lambda name: (-named[name], name)) if named else NO_COUNTRY

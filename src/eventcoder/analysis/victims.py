"""Deaths by side, as far as the counts of the documents tell them and agree with the event's figure. Floor 7.

A count says "four policemen" or "a passer-by". The word's class (`schema/lexicon/victim_words.csv`) makes it a death of civilians, or of the one
side of the event that such people stand on; any other word, and a class on both sides or none, is no side. A document tells the sides of an
event only where its counts come to the event's figure: they add up to it, or it counts the figure as a whole ("12 people") and the classes are
part of it. The coder's own counts go before documents; documents that disagree tell nothing. All that is not told is unknown.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING, Any

from eventcoder.names import fold
from eventcoder.project import packaged_schema

if TYPE_CHECKING:
    import pandas as pd

WORDS = "victim_words.csv"
SIDES = ("a", "b", "civilians")


def deaths_by_side(events: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """a, b, civilians, unknown (`Int64`, missing where the figure is): they always add up to it.

    `events`: event_id, figure, inter1, inter2; `counts`: event_id, document_id, kind, victim, best.
    """
    import pandas as pd

    known = events["figure"].notna().to_numpy()
    out = pd.DataFrame(0, index=events.index, columns=[*SIDES, "unknown"], dtype="Int64")
    out["unknown"] = events["figure"]
    out.loc[~known, list(SIDES)] = pd.NA
    killed = counts[(counts["kind"] == "killed").fillna(False).to_numpy(dtype=bool)]
    place = pd.Series(events.index, index=pd.Index(events["event_id"]))
    at = place.reindex(killed["event_id"]).to_numpy()
    held = ~pd.isna(at)
    killed = killed[held].reset_index(drop=True).assign(at=at[held].astype("int64"))
    killed = killed[known[killed["at"].to_numpy()]].reset_index(drop=True)
    if killed.empty:
        return out
    killed["figure"] = events["figure"].iloc[killed["at"].to_numpy()].to_numpy()
    killed["side"] = _sides(killed, events)
    told = _told(killed)
    for side in SIDES:
        out.loc[told.index, side] = told[side].astype("Int64")
    out.loc[told.index, "unknown"] = out.loc[told.index, "unknown"] - told[list(SIDES)].sum(axis=1).astype("Int64")
    return out


def _told(killed: pd.DataFrame) -> pd.DataFrame:
    """a, b, civilians of each event (its place) for which counts tell them."""

    killed = killed.assign(
        own=killed["document_id"].isna(),
        document=killed["document_id"].fillna(""),
        **{side: killed["best"].where(killed["side"] == side, 0) for side in SIDES},
        other=killed["best"].where(killed["side"] == "", 0),
        whole=(killed["side"] == "") & (killed["best"] == killed["figure"]).fillna(False),
        blank=killed["best"].isna(),
    )
    sums = {**dict.fromkeys((*SIDES, "other"), "sum"), "whole": "any", "blank": "any", "figure": "first", "own": "first"}
    each = killed.groupby(["at", "document"], sort=False).agg(sums).reset_index()
    classed = each[list(SIDES)].sum(axis=1)
    fits = ((classed + each["other"] == each["figure"]) | (each["whole"] & (classed <= each["figure"]))) & (classed > 0) & ~each["blank"]
    each = each[fits.fillna(False).to_numpy(dtype=bool)]
    coders = set(each.loc[each["own"], "at"])
    each = each[each["own"] | ~each["at"].isin(coders)]
    agreed = each.groupby("at")[list(SIDES)].nunique().eq(1).all(axis=1)
    found: pd.DataFrame = each.drop_duplicates("at").set_index("at").loc[agreed[agreed].index, list(SIDES)]
    return found


def _sides(killed: pd.DataFrame, events: pd.DataFrame) -> pd.Series[str]:
    """a, b, civilians or "" for each count."""
    import pandas as pd

    words = {word: classes_of(word) for word in killed["victim"].dropna().unique()}
    at = killed["at"].to_numpy()
    pairs = pd.DataFrame({"victim": killed["victim"], "a": events["inter1"].iloc[at].to_numpy(), "b": events["inter2"].iloc[at].to_numpy()})
    each = pairs.drop_duplicates()
    side = [_side(words.get(v, frozenset()) if isinstance(v, str) else frozenset(), a, b) for v, a, b in each.itertuples(index=False)]
    found: pd.Series[str] = pairs.merge(each.assign(side=side), how="left", on=["victim", "a", "b"])["side"]
    return found


def _side(classes: frozenset[str], a: Any, b: Any) -> str:
    if "Civilians" in classes:
        return "civilians"
    first, second = (isinstance(inter, str) and inter in classes for inter in (a, b))
    return "" if first == second else "a" if first else "b"


def classes_of(victim: str) -> frozenset[str]:
    """Actor classes that a word for victims can mean, none where it does not say: the whole phrase counts, else its last two words or its last."""
    parts = fold(victim).split()
    known = _words()
    for many in (len(parts), 2, 1):
        if found := known.get(" ".join(parts[-many:])):
            return found
    return frozenset()


@cache
def _words() -> dict[str, frozenset[str]]:
    with (packaged_schema() / "lexicon" / WORDS).open(encoding="utf-8", newline="") as handle:
        return {fold(word): frozenset(row["inter"].split("|")) for row in csv.DictReader(handle) for word in row["words"].split("/")}

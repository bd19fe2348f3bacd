"""How alike very many pairs of events can be at most: `similar.score` in numpy, the notes by fingerprints of their words. Floor 4.

`Columns.most` never gives less than `similar.score` for a pair (a property test holds this), so that only the pairs that may reach a threshold
need to be scored one by one. Days, places, type, actors, associated actors and fatalities are exact but for rounding; of the notes a fingerprint
of 512 bits tells how many words two of them share at most: bits in common, and the words that lost their bit to another word.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventcoder.validation.duplicates.similar import Parameters, telling_words

if TYPE_CHECKING:
    import pyarrow as pa

BITS = 512
_SLACK = 1e-6  # the two ways of reckoning differ by rounding
_WIDEST = 6  # associated actors that are compared; a row with more of them counts as if all agreed
_EARTH_KM = 6371.0088
_NO_DAY = -(1 << 30)


class Columns:
    """What a comparison needs of every row, as arrays. Built from a table with the columns of `duplicates.NEEDED`."""

    def __init__(self, table: pa.Table, parameters: Parameters) -> None:
        import numpy as np

        self._p = parameters
        day = _days(table["event_date"])
        start, end = _days(table["date_start"]), _days(table["date_end"])
        start, end = np.where(start == _NO_DAY, day, start), np.where(end == _NO_DAY, day, end)
        self.first, self.last = np.minimum(start, day), np.maximum(end, day)
        precision = _numbers(table["time_precision"])
        self.exact = (start == day) & (end == day) & (np.isnan(precision) | (precision == 1))
        self.reported = _days(table["reported_date"])
        self.lat, self.lon = np.radians(_numbers(table["latitude"])), np.radians(_numbers(table["longitude"]))
        self.imprecise = np.nan_to_num(_numbers(table["geo_precision"]), nan=1.0) > 1
        self.placed = ~(np.isnan(self.lat) | np.isnan(self.lon))
        self.place = self._places(table)
        (self.sub_type,), _ = _codes([table["sub_event_type"]])
        (self.type,), _ = _codes([table["event_type"]])
        self.disorder = _disorders(table["disorder_type"])
        (first, second), names = _codes([table["actor1"], table["actor2"]])
        second = np.where(second == first, -1, second)
        self.actors = (np.where(first < 0, second, first), np.where(first < 0, -1, second))
        unnamed = np.array([name.startswith(parameters.unnamed_actors) for name in names] + [False], dtype=bool)  # the last one answers for -1
        self.unnamed = tuple(unnamed[codes] for codes in self.actors)
        self.associates, self.members, self.many = _sets(table["assoc_actor_1"], table["assoc_actor_2"])
        low, high, best = (_numbers(table[name]) for name in ("fatalities_low", "fatalities_high", "fatalities"))
        self.high = np.where(np.isnan(high), np.where(np.isnan(low), best, np.inf), high)
        self.low = np.where(np.isnan(low), best, low)
        self.high = np.where(np.isnan(self.high), np.inf, self.high)

    def _places(self, table: pa.Table) -> Any:
        """Codes of `country/location` for rows without a point; -1 where no location is known."""
        import numpy as np

        out = np.full(len(table), -1, dtype=np.int32)
        rows = np.flatnonzero(~self.placed)
        known: dict[str, int] = {}
        # a row without a point meets every other one by its name, so those with a point are needed too as soon as there is one
        for row, country, location in (
            zip(range(len(table)), *(table[n].to_pylist() for n in ("country", "location")), strict=True) if len(rows) else ()
        ):
            if location:
                out[row] = known.setdefault(f"{country or ''}/{location.casefold()}", len(known))
        return out

    def gates(self, a: Any, b: Any) -> Any:
        """The factor of days and place for each pair of rows."""
        import numpy as np

        p = self._p
        gap = np.maximum(np.maximum(self.first[a] - self.last[b], self.first[b] - self.last[a]), 0)
        span = np.maximum(self.last[a] - self.first[a], self.last[b] - self.first[b])
        most = len(p.day_gates)
        vague = np.array([*p.day_gates, 0.0])[np.minimum(gap, most)]
        exact = np.array([*p.exact_gates[:most], 0.0])[np.minimum(gap, most)]
        exact = np.where((gap == 1) & (self.reported[a] == self.reported[b]) & (self.reported[a] != _NO_DAY), p.reported_gate, exact)
        apart = np.where(self.exact[a] & self.exact[b], exact, vague)
        together = np.where(span == 0, p.day_gates[0], np.where(span < p.week_days, p.week_gate, p.month_gate))
        return np.where(gap > 0, apart, together) * self._place_gates(a, b)

    def _place_gates(self, a: Any, b: Any) -> Any:
        import numpy as np

        p = self._p
        half = np.sin((self.lat[b] - self.lat[a]) / 2) ** 2 + np.cos(self.lat[a]) * np.cos(self.lat[b]) * np.sin((self.lon[b] - self.lon[a]) / 2) ** 2
        km = 2 * _EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
        far = np.where(self.imprecise[a] | self.imprecise[b], p.far_km_imprecise, p.far_km)
        gate = np.where(km <= p.near_km, 1.0, 1.0 - (1.0 - p.far_gate) * (km - p.near_km) / (far - p.near_km))
        gate = np.where(km > far + _SLACK, 0.0, np.minimum(gate, 1.0))
        named = (self.place[a] == self.place[b]) & (self.place[a] >= 0)
        return np.where(self.placed[a] & self.placed[b], gate, np.where(named, 1.0, 0.0))

    def means(self, a: Any, b: Any) -> tuple[Any, Any]:
        """For each pair the weighted sum of everything but the notes, and the sum of the weights, the notes' included."""
        import numpy as np

        p = self._p
        told = (self.sub_type[a] >= 0) & (self.sub_type[b] >= 0)
        worth = np.where((self.disorder[a] & self.disorder[b]) != 0, p.same_disorder_type, p.other_type)
        worth = np.where(self.type[a] == self.type[b], p.same_event_type, worth)
        worth = np.where(self.sub_type[a] == self.sub_type[b], 1.0, worth)
        top, weights = p.weight_type * np.where(told, worth, 0.0), p.weight_type * told + p.weight_notes
        for weight, (part, given) in (
            (p.weight_actors, self._actors(a, b)),
            (p.weight_associates, self._associates(a, b)),
            (p.weight_fatalities, self._deaths(a, b)),
        ):
            top = top + weight * np.where(given, part, 0.0)
            weights = weights + weight * given
        return top, weights

    def _actors(self, a: Any, b: Any) -> tuple[Any, Any]:
        import numpy as np

        mine, theirs = [codes[a] for codes in self.actors], [codes[b] for codes in self.actors]
        met_mine = [(x >= 0) & ((x == theirs[0]) | (x == theirs[1])) for x in mine]
        met_theirs = [(y >= 0) & ((y == mine[0]) | (y == mine[1])) for y in theirs]
        na, nb = (mine[0] >= 0).astype(np.int8) + (mine[1] >= 0), (theirs[0] >= 0).astype(np.int8) + (theirs[1] >= 0)
        shared = met_mine[0].astype(np.int8) + met_mine[1]
        unnamed = sum((self.unnamed[n][rows] & ~met[n]).astype(np.int8) for rows, met in ((a, met_mine), (b, met_theirs)) for n in (0, 1))
        met = np.minimum(np.minimum(na - shared, nb - shared), unnamed)
        part = (shared + self._p.unnamed_actor * met) / np.maximum(na + nb - shared - met, 1)
        return np.where((na == 0) | (nb == 0), 0.5, part), (na > 0) | (nb > 0)

    def _associates(self, a: Any, b: Any) -> tuple[Any, Any]:
        import numpy as np

        na, nb = self.many[a], self.many[b]
        part = np.full(len(a), 0.5)
        both = np.flatnonzero((na > 0) & (nb > 0))
        if len(both):
            one, other = self.associates[a[both]], self.associates[b[both]]
            same = one == other
            todo = np.flatnonzero(~same)
            mine, theirs = self.members[a[both[todo]]], self.members[b[both[todo]]]
            shared = np.zeros(len(todo), dtype=np.int32)
            for column in range(mine.shape[1]):
                shared += ((mine[:, column : column + 1] == theirs) & (mine[:, column : column + 1] >= 0)).any(axis=1)
            counts = na[both[todo]], nb[both[todo]]
            shared = np.where(np.maximum(*counts) > _WIDEST, np.minimum(*counts), shared)
            likeness = np.ones(len(both))
            likeness[todo] = shared / (counts[0] + counts[1] - shared)
            part[both] = likeness
        return part, (na > 0) | (nb > 0)

    def _deaths(self, a: Any, b: Any) -> tuple[Any, Any]:
        import numpy as np

        low_a, low_b, high_a, high_b = self.low[a], self.low[b], self.high[a], self.high[b]
        given = ~(np.isnan(low_a) | np.isnan(low_b)) & ~((high_a == 0) & (high_b == 0))
        agree = (low_a <= high_b) & (low_b <= high_a)
        ratio = np.minimum(high_a, high_b) / np.maximum(np.maximum(low_a, low_b), 1e-9)
        return np.where(agree, 1.0, np.minimum(ratio, 1.0)), given

    def most(self, gates: Any, top: Any, weights: Any, notes: Any = 1.0) -> Any:
        """The highest score that pairs can have, given how alike their notes can be at most."""
        return gates * (top + self._p.weight_notes * notes) / weights + _SLACK


class Fingerprints:
    """The words of the notes of some rows in 512 bits each."""

    def __init__(self, rows: Iterable[Sequence[Any]], count: int, full_notes: float) -> None:
        """`rows` gives `count` tuples of notes, location, admin1 and country."""
        import numpy as np

        bits: dict[str, int] = {}
        pieces = bytearray()
        self.words, self.lost = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.int32)
        for row, cells in enumerate(rows):
            value = 0
            words = telling_words(_named(cells))
            for word in words:
                bit = bits.get(word)
                if bit is None:
                    bit = bits[word] = 1 << (zlib.crc32(word.encode("utf-8", "surrogatepass")) % BITS)
                value |= bit
            pieces += value.to_bytes(BITS // 8, "little")
            self.words[row], self.lost[row] = len(words), len(words) - value.bit_count()
        self._bits = np.frombuffer(bytes(pieces), dtype=np.uint64).reshape(count, BITS // 64)
        self._full = full_notes

    def most(self, a: Any, b: Any) -> Any:
        """How alike the notes of each pair of rows can be at most, as `similar.score` reckons it."""
        import numpy as np

        shared = np.bitwise_count(self._bits[a] & self._bits[b]).sum(axis=1, dtype=np.int32) + np.minimum(self.lost[a], self.lost[b])
        fewer = np.minimum(self.words[a], self.words[b])
        return np.where(fewer == 0, 0.5, np.minimum(1.0, shared / np.maximum(fewer, 1) / self._full))


def _named(cells: Sequence[Any]) -> Mapping[str, Any]:
    return dict(zip(("notes", "location", "admin1", "country"), cells, strict=True))


def _days(column: pa.ChunkedArray) -> Any:
    """Days since 1970; `_NO_DAY` for null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), _NO_DAY).to_numpy()


def _numbers(column: pa.ChunkedArray) -> Any:
    """Floats; NaN for null."""
    import pyarrow as pa

    return column.cast(pa.float64()).to_numpy()


def _codes(columns: Sequence[pa.ChunkedArray]) -> tuple[list[Any], list[str]]:
    """Columns of text as numbers of one common list of texts; -1 for null and for the empty text."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    joined = pa.chunked_array([chunk for column in columns for chunk in column.cast(pa.string()).chunks], pa.string())
    encoded = joined.combine_chunks().dictionary_encode() if len(joined) else pa.array([], pa.dictionary(pa.int32(), pa.string()))
    names = encoded.dictionary.to_pylist()
    numbers = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    if "" in names:
        numbers = np.where(numbers == names.index(""), -1, numbers)
    out, start = [], 0
    for column in columns:
        out.append(numbers[start : start + len(column)])
        start += len(column)
    return out, names


def _disorders(column: pa.ChunkedArray) -> Any:
    """The disorder types of each row as bits."""
    import numpy as np

    (codes,), names = _codes([column])
    known: dict[str, int] = {}
    masks = [0] * (len(names) + 1)
    for number, name in enumerate(names):
        for piece in set(name.split("; ")) - {""}:
            masks[number] |= 1 << min(known.setdefault(piece, len(known)), 62)
    return np.array(masks, dtype=np.int64)[codes]


def _sets(*columns: pa.ChunkedArray) -> tuple[Any, Any, Any]:
    """Of the union of list columns for each row: a number that equal sets share, the members' numbers (padded with -1), and how many there are."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(columns[0])
    rows, texts = [], []
    for column in columns:
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        rows.append(pc.list_parent_indices(whole).to_numpy(zero_copy_only=False))
        texts.append(pa.chunked_array([pc.list_flatten(whole)]))
    encoded, _ = _codes(texts)
    row, code = np.concatenate(rows).astype(np.int64), np.concatenate(encoded).astype(np.int64)
    pairs = np.unique((row << 32 | code)[code >= 0]) if len(row) else np.zeros(0, dtype=np.int64)
    row, code = pairs >> 32, pairs & 0xFFFFFFFF
    many = np.bincount(row, minlength=count).astype(np.int32)
    place = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    members = np.full((count, _WIDEST), -1, dtype=np.int32)
    fits = place < _WIDEST
    members[row[fits], place[fits]] = code[fits]
    mixed = members.astype(np.uint64) * np.array(
        [0x9E3779B97F4A7C15 + 2 * n * 0xD1B54A32D192ED03 & 0xFFFFFFFFFFFFFFFF | 1 for n in range(_WIDEST)], dtype=np.uint64
    )
    # two sets with one number by chance would only be scored in vain: what is told here is the most that a pair can reach
    return mixed.sum(axis=1, dtype=np.uint64), members, many

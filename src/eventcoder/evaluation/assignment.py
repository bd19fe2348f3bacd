"""One-to-one matching of greatest weight between two short lists. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping


def assign(weights: Mapping[tuple[int, int], float]) -> dict[int, int]:
    """Row -> column: as many pairs as can be, and of those matchings the heaviest; pairs without a weight never match.

    The parts that hang together are solved one by one (Hungarian method, cubic in the part), so that long documents stay cheap.
    Weights must be at least 0. The same weights always give the same matching.
    """
    out: dict[int, int] = {}
    for rows, columns in _parts(weights):
        top = max(weights[r, c] for r in rows for c in columns if (r, c) in weights)
        bonus = (top + 1.0) * (min(len(rows), len(columns)) + 1)  # one pair more outweighs every gain of weight
        flip = len(rows) > len(columns)
        first, second = (columns, rows) if flip else (rows, columns)
        costs = [[-_weight(weights, (b, a) if flip else (a, b), bonus) for b in second] for a in first]
        for at, to in enumerate(_hungarian(costs)):
            pair = (second[to], first[at]) if flip else (first[at], second[to])
            if pair in weights:
                out[pair[0]] = pair[1]
    return out


def _weight(weights: Mapping[tuple[int, int], float], pair: tuple[int, int], bonus: float) -> float:
    return weights[pair] + bonus if pair in weights else 0.0


def _parts(weights: Mapping[tuple[int, int], float]) -> list[tuple[list[int], list[int]]]:
    """Connected parts of the graph of possible pairs, rows and columns of each in order."""
    beside: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for r, c in sorted(weights):
        beside.setdefault(("r", r), []).append(("c", c))
        beside.setdefault(("c", c), []).append(("r", r))
    seen: set[tuple[str, int]] = set()
    out = []
    for start in beside:
        if start in seen or start[0] == "c":
            continue
        part, todo = {start}, [start]
        while todo:
            for other in beside[todo.pop()]:
                if other not in part:
                    part.add(other)
                    todo.append(other)
        seen |= part
        out.append((sorted(i for side, i in part if side == "r"), sorted(i for side, i in part if side == "c")))
    return out


def _hungarian(costs: list[list[float]]) -> list[int]:
    """Column of each row, the sum of costs least; no more rows than columns."""
    n, m = len(costs), len(costs[0])
    u, v = [0.0] * (n + 1), [0.0] * (m + 1)
    row_of, way = [0] * (m + 1), [0] * (m + 1)
    for i in range(1, n + 1):
        row_of[0], at = i, 0
        least, used = [float("inf")] * (m + 1), [False] * (m + 1)
        while True:
            used[at] = True
            row, step, after = row_of[at], float("inf"), 0
            for j in range(1, m + 1):
                if used[j]:
                    continue
                reduced = costs[row - 1][j - 1] - u[row] - v[j]
                if reduced < least[j]:
                    least[j], way[j] = reduced, at
                if least[j] < step:
                    step, after = least[j], j
            for j in range(m + 1):
                if used[j]:
                    u[row_of[j]] += step
                    v[j] -= step
                else:
                    least[j] -= step
            at = after
            if row_of[at] == 0:
                break
        while at:
            before = way[at]
            row_of[at] = row_of[before]
            at = before
    out = [0] * n
    for j in range(1, m + 1):
        if row_of[j]:
            out[row_of[j] - 1] = j - 1
    return out

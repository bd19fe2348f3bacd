"""Agreement of doubly coded events with resampled intervals: python benchmarks/agreeing.py [--events N] [--samples N] [--ledger] [--fields].

Invented codings: two events a document, two of three coders, a tenth of the values of each field coded otherwise, every twentieth event missed.
Told are wall clock and processor time of `agreement.measuring.measure` (event finding and every field of schema/team/agreement.csv); with --ledger
of the whole command, the codings read from a project's ledger. Beside them one alpha of one field by the library `krippendorff`, without any
sample: what 200 samples of 27 fields would take with it can be multiplied out.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TOP), str(TOP / "src")]

TYPES = [f"Type {n}" for n in range(25)]
WORDS = {"missed": 0.05, "otherwise": 0.1}


def invented(number: int) -> dict[str, Any]:
    """item -> codings."""
    from eventcoder.ledger import Folded
    from eventcoder.team.tasks.codings import Coding

    draw = random.Random(20_261_126)
    towns = [(f"Town {n}", round(draw.uniform(8, 14), 4), round(draw.uniform(3, 12), 4)) for n in range(4000)]

    def event() -> dict[str, Any]:
        town, kind = draw.choice(towns), draw.choice(TYPES)
        values: dict[str, Any] = {
            "event_date": f"20{draw.randint(20, 25)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
            "time_precision": draw.choice([1, 1, 1, 2, 3]),
            "event_type": kind[:6], "sub_event_type": kind, "actor1": f"Group {int(draw.paretovariate(0.7)) % 3000}", "inter1": draw.choice("abcdef"),
            "country": draw.choice(["Nigeria", "Chad", "Niger"]), "admin1": f"State {draw.randint(1, 30)}", "location": town[0], "latitude": town[1],
            "longitude": town[2], "geo_precision": draw.choice([1, 1, 2]), "clarity": draw.choice(["clear", "aggregated"]),
            "assoc_actor_1": [f"Friends {draw.randint(1, 60)}" for _ in range(draw.randint(0, 2))],
        }  # fmt: skip
        if draw.random() < 0.5:
            values |= {"actor2": f"Band {int(draw.paretovariate(0.7)) % 3000}", "inter2": draw.choice("abc")}
        if draw.random() < 0.6:
            dead = int(draw.paretovariate(0.8)) % 5000
            values |= {"fatalities": dead, "fatalities_low": dead, "fatalities_high": dead * 2, "fatalities_basis": draw.choice(["number", "word"])}
        if draw.random() < 0.4:
            crowd = int(100 * draw.paretovariate(0.6)) % 1_000_000
            values |= {"crowd_low": crowd, "crowd_high": crowd * 2, "tags": [f"crowd size={crowd}"]}
        if draw.random() < 0.3:
            values |= {"injured_low": draw.randint(1, 50), "arrested_low": draw.randint(1, 50)}
        return values

    def again(values: dict[str, Any]) -> dict[str, Any]:
        other, out = event(), dict(values)
        for name in values:
            if name not in ("event_date", "latitude", "longitude") and draw.random() < WORDS["otherwise"]:
                out[name] = other.get(name)
        if draw.random() < WORDS["otherwise"]:
            out["event_date"] = f"{values['event_date'][:8]}{min(28, int(values['event_date'][8:]) + draw.randint(1, 4)):02d}"
            out["latitude"] = round(values["latitude"] + draw.uniform(0, 0.3), 4)
        return {name: value for name, value in out.items() if value not in (None, [])}

    def coding(item: str, coder: str, slot: int, events: list[dict[str, Any]]) -> Coding:
        held = [Folded(f"{item}{coder}{n}", v, [], {}, [], [], "held", 1, (), "", "", coder) for n, v in enumerate(events)]
        return Coding(f"{item}/{slot}", item, item, coder, "trial", True, False, None, "2026-05-01T00:00:00Z", held)

    out = {}
    for n in range(number // 2):
        item, pair = f"d{n:06d}", draw.sample(["ana", "ben", "cy"], 2)
        first = [event(), event()]
        second = [again(values) for values in first if draw.random() >= WORDS["missed"]]
        out[item] = [coding(item, pair[0], 1, first), coding(item, pair[1], 2, second)]
    return out


def from_ledger(items: dict[str, Any], samples: int) -> dict[str, float]:
    """Seconds of the whole command over a ledger in SQLite that holds these codings."""
    from eventcoder.agreement.codings import measured
    from eventcoder.coding import Desk
    from eventcoder.identity import new_event_id
    from eventcoder.ledger import new_entry
    from eventcoder.ledger.work import body_of
    from eventcoder.project import open_project

    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "eventcoder.toml").write_text('id = "trial"\n', "utf-8")
        with Desk(open_project(Path(place)), coder="lea") as desk:
            waiting: list[Any] = []
            for number, codings in enumerate(items.values()):
                for one in codings:
                    slot = int(one.task.rpartition("/")[2])
                    body = body_of(one.item, slot, slots=2, blind=True, round=one.round) | {"state": "done", "by": one.coder}
                    waiting.append(new_entry("assignment", one.task, body, coder=one.coder, time=desk.moment))
                    for event in one.events:
                        act = {"act": "create", "held": one.task, "values": event.values}
                        waiting.append(new_entry("act", new_event_id(), act, coder=one.coder, time=desk.moment))
                if len(waiting) > 5000 or number == len(items) - 1:
                    desk.ledger.append(waiting)
                    waiting = []
        gc.freeze()  # what was invented is no part of the command
        with Desk(open_project(Path(place)), readonly=True) as desk:
            wall, processor = time.perf_counter(), time.process_time()
            measured(desk, samples=samples)
            return {"seconds": round(time.perf_counter() - wall, 2), "processor_seconds": round(time.process_time() - processor, 2)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--fields", action="store_true", help="show the figures")
    parser.add_argument("--ledger", action="store_true", help="store the codings first, and read them from there")
    wanted = parser.parse_args()
    from eventcoder.agreement.choosing import choose
    from eventcoder.agreement.fields import read_fields
    from eventcoder.agreement.finding import Window
    from eventcoder.agreement.measuring import Plan, measure

    items = invented(wanted.events)
    fields = read_fields(TOP / "schema")
    wall, processor = time.perf_counter(), time.process_time()
    found = measure(choose(items).documents, Plan(fields, Window(fields.days, fields.km), wanted.samples))
    told: dict[str, Any] = {
        "events": wanted.events, "samples": wanted.samples, "fields": len(found.fields), "documents": found.documents, "f1": found.f1.value,
        "seconds": round(time.perf_counter() - wall, 2), "processor_seconds": round(time.process_time() - processor, 2),
    }  # fmt: skip
    if wanted.ledger:
        told["from_ledger"] = from_ledger(items, wanted.samples)
    try:
        import krippendorff
        import numpy as np
    except ImportError:
        pass
    else:
        both = [(a.values, b.values) for one in items.values() for a, b in zip(one[0].events, one[1].events, strict=False)]
        pairs = [(a["sub_event_type"], b["sub_event_type"]) for a, b in both if "sub_event_type" in b]
        codes = np.array([[TYPES.index(a) for a, _ in pairs], [TYPES.index(b) for _, b in pairs]], float)
        wall = time.perf_counter()
        krippendorff.alpha(codes, level_of_measurement="nominal")
        told["one_alpha_by_krippendorff"] = round(time.perf_counter() - wall, 2)
    print(json.dumps(told))
    if wanted.fields:
        for one in found.fields:
            print(f"{one.column:20} {one.alpha.value} [{one.alpha.low}, {one.alpha.high}] {one.alpha.reason}")


if __name__ == "__main__":
    main()

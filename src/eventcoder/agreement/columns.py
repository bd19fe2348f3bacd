"""One field compared: alpha, percent agreement, kappas, each with its interval or the reason why there is none. Floor 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventcoder.agreement.coefficients import NOTHING, alpha, apart, cohen, fleiss, share
from eventcoder.agreement.fields import MISSING, VALUE, WITH_ABSENT, Field
from eventcoder.agreement.ratings import ABSENT, Ratings, Units
from eventcoder.agreement.sampling import Figure, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_EMPTY_CELL = "no cell is empty, so that there is one way only"
APART = ("interval", "kilometres")  # metrics of which a mean distance can be told


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """One column. `units` events were given a value by two coders or more in the main figure, `one_empty` were left empty by some of their coders and
    `all_empty` by all of them. `alpha` takes empty cells as the table says (`absent`), `otherwise` the other way. `apart` is how far apart the values
    of two coders lie on average (days and numbers, kilometres)."""

    column: str
    metric: str
    absent: str
    units: int
    one_empty: int
    all_empty: int
    alpha: Figure
    otherwise: Figure
    share: Figure
    cohen: Figure
    fleiss: Figure
    apart: float | None = None
    tolerance: float = 0.0
    level: float | None = None
    only: str = ""  # the one value that everybody gave, for the terminal; no part of what is published

    @property
    def below(self) -> bool:
        """Whether alpha lies below what the team wants."""
        return self.level is not None and self.alpha.value is not None and self.alpha.value < self.level

    def as_json(self) -> dict[str, Any]:
        other = "nominal" if self.absent != VALUE and self.metric not in WITH_ABSENT else self.metric
        return {
            "column": self.column, "metric": self.metric, "absent": self.absent, "units": self.units, "one_empty": self.one_empty,
            "all_empty": self.all_empty, "alpha": self.alpha.as_json(),
            "alpha_otherwise": {"absent": MISSING if self.absent == VALUE else VALUE, "metric": other, **self.otherwise.as_json()},
            "percent_agreement": {"tolerance": self.tolerance, **self.share.as_json()},
            "cohens_kappa": self.cohen.as_json(), "fleiss_kappa": self.fleiss.as_json(), "level": self.level,
            **({"mean_apart": self.apart} if self.metric in APART else {}),
        }  # fmt: skip


def compared(field: Field, units: Units, codes: NDArray[np.int64], domain: Sequence[Any], samples: Samples) -> FieldAgreement:
    """Compare what was given: `codes` are numbers in `domain` (readable values), `ABSENT` for an empty cell, one for each code of `units`."""
    import numpy as np

    size, empty = (np.bincount(units.unit[of], minlength=len(units.group)) for of in (codes >= ABSENT, codes == ABSENT))
    missing = value = Ratings(units, codes, domain, field.metric)
    if empty.any():
        absent: Any = frozenset() if field.metric == "sets" else NOTHING
        metric = field.metric if field.metric in WITH_ABSENT else "nominal"
        value = Ratings(units, np.where(codes == ABSENT, len(domain), codes), [*domain, absent], metric)
    main, other = (value, missing) if field.absent == VALUE else (missing, value)
    return FieldAgreement(
        column=field.column,
        metric=field.metric,
        absent=field.absent,
        units=main.units,
        one_empty=int(((empty > 0) & (empty < size)).sum()),
        all_empty=int(((empty > 0) & (empty == size)).sum()),
        alpha=samples.figure(alpha(main)),
        otherwise=Figure(None, reason=NO_EMPTY_CELL) if other is main else samples.point(alpha(other)),
        share=samples.figure(share(main, field.tolerance)),
        cohen=samples.figure(cohen(main)),
        fleiss=samples.figure(fleiss(main)),
        apart=samples.point(apart(main)).value if field.metric in APART else None,
        tolerance=field.tolerance,
        level=field.level,
        only=_shown(main.domain[0]) if len(main.domain) == 1 else "",
    )


def _shown(value: object) -> str:
    if value in (frozenset(), NOTHING):
        return "empty"
    if isinstance(value, frozenset):
        value = "; ".join(sorted(value))
    return repr(f"{value:g}" if isinstance(value, float) else str(value)[:40])

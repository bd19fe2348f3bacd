"""What a run costs: requests, tokens and money, and the bound that it may not pass. Floor 5.

Before a request nobody knows its tokens: a quarter of its characters is the usual rule of thumb, too low for scripts that models know less well.
Afterwards the endpoint's own count stands, where it gives one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

CHARACTERS_A_TOKEN = 4
ANSWER_SHARE = 0.5  # tokens expected back for each token of the document's own text
ANSWER_LEAST = 200


def tokens_of(characters: int) -> int:
    """About how many tokens so many characters are."""
    return -(-characters // CHARACTERS_A_TOKEN)


def expected(request: int, text: int) -> int:
    """About how many tokens a request of `request` characters will use, read and written, with `text` of them from the document."""
    return tokens_of(request) + max(ANSWER_LEAST, round(tokens_of(text) * ANSWER_SHARE))


@dataclass(slots=True)
class Account:
    """The sums of a run. Safe to use from several threads."""

    limit: int = 0  # tokens; 0 = no bound
    price_in: float = 0.0  # of a million tokens
    price_out: float = 0.0
    requests: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    guessed: bool = False  # some answers came without a count
    exhausted: bool = False
    _reserved: int = 0
    _lock: Lock = field(default_factory=Lock)

    def reserve(self, tokens: int) -> bool:
        """Set tokens aside for a document; False, from now on for all, when the bound would be passed."""
        with self._lock:
            if self.exhausted or (self.limit and self.tokens_in + self.tokens_out + self._reserved + tokens > self.limit):
                self.exhausted = True
                return False
            self._reserved += tokens
            return True

    def release(self, tokens: int) -> None:
        """Give back what was set aside."""
        with self._lock:
            self._reserved -= tokens

    def spent(self, tokens_in: int | None, tokens_out: int | None, *, request: int, answer: int) -> tuple[int, int]:
        """Book one answered request; `request` and `answer` are characters, for endpoints that do not count. Returns what was booked."""
        with self._lock:
            self.requests += 1
            self.guessed = self.guessed or tokens_in is None or tokens_out is None
            booked = (tokens_of(request) if tokens_in is None else tokens_in, tokens_of(answer) if tokens_out is None else tokens_out)
            self.tokens_in += booked[0]
            self.tokens_out += booked[1]
            return booked

    def from_cache(self) -> None:
        """Book one answer that was there already."""
        with self._lock:
            self.cached += 1

    @property
    def cost(self) -> float | None:
        """What the tokens cost at the prices of the settings; None where none are given."""
        if not self.price_in and not self.price_out:
            return None
        return (self.tokens_in * self.price_in + self.tokens_out * self.price_out) / 1_000_000

    def line(self) -> str:
        """The sums for a person."""
        about = "about " if self.guessed else ""
        told = [
            _several(self.requests, "request"),
            f"{_several(self.cached, 'answer')} from the cache",
            f"{about}{self.tokens_in:,} tokens read and {self.tokens_out:,} written",
        ]
        if self.cost is not None:
            told.append(f"cost {about}{self.cost:.4f}")
        if self.limit:
            told.append(f"budget {self.limit:,} tokens" + (" (used up)" if self.exhausted else ""))
        return "llm: " + ", ".join(told) + "."


def _several(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

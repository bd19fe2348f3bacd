"""One key from the terminal without Enter; one line's first character where there is no terminal, so that a sitting can be scripted. Floor 8."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

END = ""  # the input is exhausted (end of file, Ctrl-D)
CTRL_C, CTRL_D = "\x03", "\x04"


@contextmanager
def single_keys() -> Iterator[None]:
    """Keys without Enter for the time of the block, where there is a terminal.

    For the whole sitting and not key by key: what a fast typist presses between two keys would be echoed and held back for an Enter.
    """
    if os.name == "nt" or not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)  # the default would throw away what a fast typist has pressed already
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def read_key() -> str:
    """The next key, as one character; `END` at the end of the input. Raises KeyboardInterrupt for Ctrl-C."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return (line.strip() or "\n")[0] if line else END
    if os.name == "nt":  # pragma: no cover - another platform
        import msvcrt

        key = str(getattr(msvcrt, "getwch")())  # noqa: B009 - the module has it on Windows only, where this runs
    else:
        key = _key_of(sys.stdin.fileno())
    if key == CTRL_C:
        raise KeyboardInterrupt
    return END if key in (CTRL_D, "") else key


def _key_of(descriptor: int) -> str:
    """One character; an arrow or function key (an escape sequence) is read whole and stands for nothing here."""
    data = os.read(descriptor, 1)
    if data == b"\x1b":
        while select.select([descriptor], [], [], 0.01)[0]:
            os.read(descriptor, 16)
        return "\x1b"
    while data and len(data) < 4:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            data += os.read(descriptor, 1)
    return data.decode("utf-8", "replace")


def read_line(prompt: str, *, words: list[str] | None = None, default: str = "") -> str | None:
    """A line typed by the coder, with completion from `words` on a terminal; None when the input is exhausted or Ctrl-C cancels."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.rstrip("\n") if line else None
    from prompt_toolkit import prompt as ask
    from prompt_toolkit.completion import FuzzyWordCompleter

    try:
        return ask(prompt, completer=FuzzyWordCompleter(words) if words else None, default=default, complete_while_typing=bool(words))
    except (EOFError, KeyboardInterrupt):
        return None


CHOICES = "123456789abcdefghijklmnoprstuvwxyz"  # keys of a short list, without q


def read_choice(options: Sequence[str], default: str | None = None) -> str | None:
    """One of `options` by its key of `CHOICES`, without Enter; Enter takes `default`, any other key nothing (None).

    Where there is no terminal a line is read: the option itself, its number, or its key; an empty line takes nothing.
    """
    if not sys.stdin.isatty():
        text = sys.stdin.readline().strip()
        if text in options:
            return text
        if text.isdigit() and 1 <= int(text) <= len(options):
            return options[int(text) - 1]
        return options[CHOICES.index(text)] if len(text) == 1 and text in CHOICES[: len(options)] else text or None
    with single_keys():
        key = read_key()
    if key in ("\n", "\r"):
        return default
    return options[CHOICES.index(key)] if key and key in CHOICES[: len(options)] else None
